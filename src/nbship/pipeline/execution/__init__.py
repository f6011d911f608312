"""One notebook executed: parameters injected, cells run, states and record true whatever happens."""

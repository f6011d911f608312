"""The spool that a kernel appends to, and the process that drains it into the store."""

"""From a run to an image and to a served model: what the commands, the magics and the panel call."""

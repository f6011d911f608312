"""The ``parameters`` cell of a notebook: what it declares, what is given for it, and how that is written into the notebook."""

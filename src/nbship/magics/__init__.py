"""The IPython seam: magics, hooks and options. Imported by a running IPython only."""

"""Live views of results, for those who ask for them; they need ipywidgets."""

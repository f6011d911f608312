"""Notebooks as steps: typed parameters, execution, sweeps, pipelines, and what they run on."""

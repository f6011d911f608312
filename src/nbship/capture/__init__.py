"""Watching a kernel: what a cell reads, changes, opens, shows and costs. No MLflow, no magics."""

"""Pipelines as they are written: ``pipeline.toml`` and tagged notebooks to a graph of steps."""

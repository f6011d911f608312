"""Packaging: a model of a run to an image, and the image or its files to a service."""

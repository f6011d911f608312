"""Kernels that start fast: a fork server with the notebook's imports done, and the kernels it hands out."""

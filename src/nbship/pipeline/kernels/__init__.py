"""Kernels for executed notebooks: warm ones leased from a fork server, plain ones where that cannot be."""

"""The ``nbship`` command line, a module a group of commands."""

from nbship.cli.parser import main

__all__ = ["main"]

"""Importing mlflow from several threads.

Public: ``load_mlflow()``.
"""

from __future__ import annotations

import threading

__all__ = ["load_mlflow"]

_ONE_AT_A_TIME = threading.Lock()


def load_mlflow() -> None:
    """Import mlflow as a whole; a thread that comes second waits.

    Its modules need one another in circles. Two threads that begin with different ones at once get half of it each, and
    what is left of that fails for as long as the process lives.
    """
    with _ONE_AT_A_TIME:
        import mlflow  # noqa: F401

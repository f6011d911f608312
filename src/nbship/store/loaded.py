"""The mlflow that the user has loaded in this process, if any; asking never loads it."""

from __future__ import annotations

import os
import sys

__all__ = ["chosen_uri", "is_loaded"]


def is_loaded() -> bool:
    """Whether mlflow has been imported in this process."""
    return "mlflow.tracking" in sys.modules


def chosen_uri() -> str | None:
    """Return the URI that the user gave to ``mlflow.set_tracking_uri``; None when nothing was set in this process."""
    mlflow = sys.modules.get("mlflow")
    if mlflow is None or not is_loaded() or not mlflow.is_tracking_uri_set():
        return None
    uri = str(mlflow.get_tracking_uri())
    return None if uri == os.environ.get("MLFLOW_TRACKING_URI") else uri

"""Environment variables that hold for a while: mlflow takes many of its settings from nowhere else."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["IMPATIENT", "QUIET", "set_for_a_while"]

IMPATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5"}
"""Keeps mlflow from repeating a request for minutes while somebody waits."""

QUIET = {"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
"""Keeps mlflow from drawing progress bars."""


@contextmanager
def set_for_a_while(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables inside the block and put the former values back behind it."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

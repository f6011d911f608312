"""Environment variables that hold for a while: mlflow takes many of its settings from nowhere else."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["IMPATIENT", "QUIET", "WATCHED", "default_for_a_while", "set_for_a_while"]

IMPATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5"}
"""Keeps mlflow from repeating a request for minutes while somebody waits."""

WATCHED = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "30"}
"""Lets a person who asked hear within seconds that a server is down; mlflow's own default is minutes."""

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


@contextmanager
def default_for_a_while(values: Mapping[str, str]) -> Iterator[None]:
    """Set those of the variables that nobody has set, inside the block."""
    with set_for_a_while({name: value for name, value in values.items() if name not in os.environ}):
        yield

"""Fitting keys and values into what MLflow takes."""

from __future__ import annotations

import posixpath
import re

__all__ = [
    "MAX_BATCH_METRICS",
    "MAX_BATCH_PARAMS",
    "MAX_BATCH_TAGS",
    "MAX_KEY",
    "MAX_PARAM",
    "MAX_TAG",
    "clip",
    "fit_key",
]

# mlflow/utils/validation.py and the column widths of its database.
MAX_BATCH_METRICS = 1000
MAX_BATCH_PARAMS = 100
MAX_BATCH_TAGS = 100
MAX_KEY = 250
MAX_PARAM = 6000
MAX_TAG = 8000

_FORBIDDEN = re.compile(r"[^\w\-. :/]", re.ASCII)


def fit_key(key: str) -> str:
    """Return the key with every character that MLflow refuses replaced by an underscore, at most 250 long."""
    fitted = _FORBIDDEN.sub("_", key)[:MAX_KEY] or "_"
    if posixpath.normpath(fitted) != fitted or fitted.startswith(("..", "/")) or fitted == ".":
        fitted = fitted.replace("/", "_").replace("..", "__")  # MLflow takes a key for a path
    return "_" if fitted == "." else fitted


def clip(text: str, length: int) -> str:
    """Return the text, cut to `length` characters with an ellipsis as the last."""
    return text if len(text) <= length else text[: length - 1] + "…"

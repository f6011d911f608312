"""Values of numpy and pandas, recognised without importing either: who holds such a value has them loaded."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["is_array", "is_pandas", "is_scalar"]


def is_scalar(value: Any, kinds: str = "") -> bool:
    """Say whether a value is a numpy scalar, of one of the dtype kinds where some are given (``"iu"``, ``"f"`` …)."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.generic):
        return False
    return not kinds or value.dtype.kind in kinds


def is_array(value: Any) -> bool:
    """Say whether a value is a plain numpy array, no subclass."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(value) is numpy.ndarray


def is_pandas(value: Any, *names: str) -> bool:
    """Say whether a value is one of the pandas scalars of these names, e.g. ``Timestamp`` or ``NaTType``."""
    kind = type(value)
    return kind.__name__ in names and kind.__module__.partition(".")[0] == "pandas"

"""Scalers as their one or two operations.

Public: `scaling`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["scaling"]

_MODULE = "sklearn.preprocessing._data"


def scaling(step: Any) -> Callable[[Any], Any] | None:
    """Return ``step.transform`` for ordinary arrays, or None for what is no known scaler.

    As in ``sklearn/preprocessing/_data.py``; the array that is given is left as it is.
    """
    if type(step).__module__ != _MODULE:
        return None
    # Frames as output carry names, which a later step may look at.
    if getattr(step, "_sklearn_output_config", {}).get("transform", "default") != "default":
        return None
    make = _KNOWN.get(type(step).__name__)
    return make(step) if make is not None else None


def _standard(step: Any) -> Callable[[Any], Any]:
    return _centred(step.mean_ if step.with_mean else None, step.scale_)


def _robust(step: Any) -> Callable[[Any], Any]:
    return _centred(step.center_ if step.with_centering else None, step.scale_ if step.with_scaling else None)


def _largest(step: Any) -> Callable[[Any], Any] | None:
    return None if getattr(step, "clip", False) else _centred(None, step.scale_)


def _centred(centre: Any, scale: Any) -> Callable[[Any], Any]:
    if centre is None:
        return lambda rows: rows / scale if scale is not None else rows
    if scale is None:
        return lambda rows: rows - centre

    def transform(rows: Any) -> Any:
        shifted = rows - centre
        shifted /= scale
        return shifted

    return transform


def _into_range(step: Any) -> Callable[[Any], Any]:
    scale, smallest, bounds = step.scale_, step.min_, step.feature_range if step.clip else None

    def transform(rows: Any) -> Any:
        scaled = rows * scale
        scaled += smallest
        return scaled if bounds is None else np.clip(scaled, *bounds, out=scaled)

    return transform


_KNOWN: dict[str, Callable[[Any], Callable[[Any], Any] | None]] = {
    "MaxAbsScaler": _largest,
    "MinMaxScaler": _into_range,
    "RobustScaler": _robust,
    "StandardScaler": _standard,
}

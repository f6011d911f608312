"""Parameters and metrics that differ."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from nbship.model.comparison import MetricDiff, ParamDiff

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["as_stored", "diff_metrics", "diff_params"]


def diff_params(left: Mapping[str, str], right: Mapping[str, str]) -> tuple[ParamDiff, ...]:
    """Return the parameters that differ, by name; secrets are masked alike, and so are equal."""
    names = sorted(left.keys() | right.keys())
    return tuple(
        ParamDiff(name, left.get(name), right.get(name))
        for name in names
        if left.get(name) != right.get(name)
    )


def diff_metrics(left: Mapping[str, float], right: Mapping[str, float]) -> tuple[MetricDiff, ...]:
    """Return the metrics that differ, by name; NaN is equal to NaN."""
    pairs = [
        (name, as_stored(left.get(name)), as_stored(right.get(name)))
        for name in sorted(left.keys() | right.keys())
    ]
    return tuple(_metric(name, old, new) for name, old, new in pairs if old != new)


def as_stored(value: float | None) -> float | str | None:
    """Return a metric as JSON can hold it: what is no finite number becomes its name.

    MLflow's databases keep an infinity as the largest double
    (mlflow/store/tracking/sqlalchemy_store.py, ``sanitize_metric_value``).
    """
    if value is None or abs(value) < sys.float_info.max:
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _metric(name: str, left: float | str | None, right: float | str | None) -> MetricDiff:
    if left is None or right is None or isinstance(left, str) or isinstance(right, str):
        return MetricDiff(name, left, right)
    delta = right - left
    relative = delta / abs(left) if left else math.inf
    return MetricDiff(name, left, right, _finite(delta), _finite(relative))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

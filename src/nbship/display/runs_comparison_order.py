"""What of many runs matters most: the metric that they are ranked by, and the parameters that go with it."""

from __future__ import annotations

import math
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from nbship.display.comparison_metrics import by_interest, direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.comparison import RunsComparison

__all__ = ["association", "metrics_in_order", "number_of", "params_in_order", "ranked"]

_GROUPS = 5
_FEWEST = 8  # runs; with fewer, what goes together is an accident
_GROUP_SIZE = 4


def metrics_in_order(comparison: RunsComparison) -> list[str]:
    """Return the metrics that vary, the one that says most first."""
    return by_interest(comparison.metrics)


def ranked(comparison: RunsComparison) -> tuple[list[int], str]:
    """Return the runs by index, best first by the metric that is named; in the order asked for where none is sure."""
    metrics = metrics_in_order(comparison)
    order = list(range(len(comparison.runs)))
    sign = direction(metrics[0]) if metrics else 0
    if not sign:
        return order, ""
    values = [run.metrics.get(metrics[0], math.nan) for run in comparison.runs]
    order.sort(
        key=lambda at: (math.isnan(values[at]), -sign * values[at] if not math.isnan(values[at]) else 0.0)
    )
    return order, metrics[0]


def params_in_order(comparison: RunsComparison) -> list[str]:
    """Return the parameters that vary: those first that go most closely with the first metric."""
    metrics = metrics_in_order(comparison)
    if not metrics:
        return list(comparison.params)
    scores = [run.metrics.get(metrics[0]) for run in comparison.runs]
    strength = {
        name: association([run.params.get(name) for run in comparison.runs], scores)
        for name in comparison.params
    }
    # In tenths, so that differences which mean nothing leave the order as it is.
    return sorted(comparison.params, key=lambda name: -round(strength[name], 1))


def association(values: Sequence[str | None], scores: Sequence[float | None]) -> float:
    """Return the share of the variance of the scores' ranks that the values explain, from 0 to 1.

    This is epsilon squared (Kelley 1935), the correlation ratio less what chance gives, over levels or, for numbers,
    fifths; so it also sees an optimum in the middle, which a correlation does not.
    """
    return _association(tuple(values), tuple(scores))


@lru_cache(maxsize=128)  # a view asks for the same ones several times
def _association(values: tuple[str | None, ...], scores: tuple[float | None, ...]) -> float:
    pairs = [(a, b) for a, b in zip(values, scores, strict=True) if b is not None and math.isfinite(b)]
    if len(pairs) < _FEWEST:
        return 0.0
    groups: dict[object, list[float]] = defaultdict(list)
    labels = _labels([value for value, _ in pairs])
    for label, rank in zip(labels, _ranks([score for _, score in pairs]), strict=True):
        groups[label].append(rank)
    return _epsilon_squared(list(groups.values()), len(pairs))


def _epsilon_squared(groups: list[list[float]], count: int) -> float:
    mean = sum(map(sum, groups)) / count
    total = sum((rank - mean) ** 2 for group in groups for rank in group)
    within = sum((rank - sum(group) / len(group)) ** 2 for group in groups for rank in group)
    free = count - len(groups)
    if not total or free < 1:
        return 0.0
    return max(1 - within / free * (count - 1) / total, 0.0)


def _labels(values: list[str | None]) -> list[object]:
    numbers = [None if value is None else number_of(value) for value in values]
    known = sorted(number for number in numbers if number is not None)
    groups = min(_GROUPS, len(known) // _GROUP_SIZE)
    if len(set(known)) <= groups or len(known) < sum(value is not None for value in values):
        return list(values)
    cuts = [known[len(known) * at // groups] for at in range(1, groups)]
    return [None if number is None else sum(number >= cut for cut in cuts) for number in numbers]


def _ranks(scores: list[float]) -> list[float]:
    """Return the ranks, equal scores with the mean of theirs."""
    places: dict[float, list[int]] = defaultdict(list)
    for at, score in enumerate(sorted(scores)):
        places[score].append(at)
    return [sum(places[score]) / len(places[score]) for score in scores]


def number_of(text: str) -> float | None:
    """Return the finite number that a parameter is; None for other texts."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None

"""The axes of parallel coordinates: where each run stands on each parameter and metric."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.display.axis_ticks import number_ticks
from nbship.display.page import number
from nbship.display.plain_line import clip
from nbship.display.runs_comparison_order import metrics_in_order, number_of, params_in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbship.model.comparison import RunsComparison
    from nbship.model.run import Run

__all__ = ["Axis", "chosen_names", "runs_axes", "whole_ticks"]

_MOST_PARAMS, _MOST_METRICS = 5, 3
_MOST_LEVELS = 12
_LEVEL_WIDTH = 16
_TICKS = 5
_DECADES = 2.0  # a positive parameter that spans more stands on a logarithmic axis
_MISSING_BELOW = 0.12
_LARGEST = 1e300  # so that differences are finite
_ROOM = 0.07  # of the axis, between two ticks
_NO_VALUE = "none"
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Attributes
    ----------
    places
        Of all runs, in the units of the axis: decadic logarithms where it is logarithmic, numbers of levels.
    low, high
        The ends of the axis; never equal.
    ticks
        Places with their texts.
    """

    name: str
    places: tuple[float, ...]
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def share(self, run: int) -> float:
        """Return how far up the axis a run stands, from 0 to 1."""
        return (self.places[run] - self.low) / (self.high - self.low)


def chosen_names(comparison: RunsComparison) -> tuple[list[str], list[str]]:
    """Return the parameters and the metrics worth an axis, the most important first."""
    runs = comparison.runs
    params = [name for name in params_in_order(comparison) if _tells(runs, name)]
    return params[:_MOST_PARAMS], metrics_in_order(comparison)[:_MOST_METRICS]


def _tells(runs: Sequence[Run], name: str) -> bool:
    """Whether a parameter has numbers, or levels that several runs share."""
    values = [run.params[name] for run in runs if name in run.params]
    if all(number_of(value) is not None for value in values):
        return True
    levels = len(set(values))
    return levels <= _MOST_LEVELS or 2 * levels <= len(values)


def runs_axes(comparison: RunsComparison, params: Sequence[str], metrics: Sequence[str]) -> list[Axis]:
    """Return the axes of the parameters, then those of the metrics, the most important one last."""
    axes = [_param_axis(name, [run.params.get(name) for run in comparison.runs]) for name in params]
    for name in reversed(metrics):
        values = [_finite(run.metrics.get(name)) for run in comparison.runs]
        axes.append(_number_axis(name, values, decades=math.inf))
    return axes


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _param_axis(name: str, values: Sequence[str | None]) -> Axis:
    numbers = [None if value is None else number_of(value) for value in values]
    if any(value is not None and at is None for value, at in zip(values, numbers, strict=True)):
        return _level_axis(name, values)
    return _number_axis(name, numbers, decades=_DECADES)


def _number_axis(name: str, values: Sequence[float | None], *, decades: float) -> Axis:
    values = [None if value is None else min(max(value, -_LARGEST), _LARGEST) for value in values]
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    log = low > 0 and math.log10(high) - math.log10(low) > decades
    places = [None if value is None else math.log10(value) if log else value for value in values]
    low, high = (math.log10(low), math.log10(high)) if log else (low, high)
    if not low < high or not math.isfinite(high - low):
        low, high = low - 0.5 * (abs(low) or 1), low + 0.5 * (abs(low) or 1)
    ticks = _with_ends(_log_ticks(low, high) if log else _ticks(known, low, high), low, high, log=log)
    below = low - _MISSING_BELOW * (high - low)
    if None in places:
        low, ticks = below, [(below, _NO_VALUE), *ticks]
    return Axis(name, tuple(below if at is None else at for at in places), low, high, tuple(ticks), log)


def _with_ends(
    ticks: list[tuple[float, str]], low: float, high: float, *, log: bool
) -> list[tuple[float, str]]:
    """Add the ends where they have room, so that the least and the largest value can be read."""
    room = _ROOM * (high - low)
    ends = [end for end in (low, high) if all(abs(end - place) > room for place, _ in ticks)]
    return sorted([*ticks, *((end, f"{10.0**end:.3g}" if log else number(end)) for end in ends)])


def _ticks(known: Sequence[float], low: float, high: float) -> list[tuple[float, str]]:
    distinct = sorted(set(known))
    if len(distinct) <= _TICKS:
        return [(value, number(value)) for value in distinct]
    return (
        whole_ticks(low, high, _TICKS)
        if all(value.is_integer() for value in distinct)
        else number_ticks(low, high, _TICKS)
    )


def whole_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return round whole numbers between two, with their texts; others where there is none."""
    found = (number_ticks(low, high, size) for size in range(most, 1, -1))
    whole = [ticks for ticks in found if ticks and all(value.is_integer() for value, _ in ticks)]
    return [(value, number(value)) for value, _ in whole[0]] if whole else number_ticks(low, high, most)


def _log_ticks(low: float, high: float) -> list[tuple[float, str]]:
    powers = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    every = max(math.ceil(len(powers) / _TICKS), 1)
    return [(float(at), f"{10.0**at:g}") for at in powers[::every]]


def _distinct(levels: Iterable[str]) -> list[str]:
    """Return the levels cut to fit; a number tells those apart that begin alike."""
    texts = [clip(level[:200], _LEVEL_WIDTH) or "''" for level in levels]
    return [f"{text} {at}" if texts.count(text) > 1 else text for at, text in enumerate(texts, 1)]


def _level_axis(name: str, values: Sequence[str | None]) -> Axis:
    counts = Counter(value for value in values if value is not None)
    most = [level for level, _ in counts.most_common(_MOST_LEVELS)]
    if len(counts) > _MOST_LEVELS:
        most = most[:-1]
    place = {level: float(at) for at, level in enumerate(sorted(most))}
    ticks = list(zip(place.values(), _distinct(place), strict=True))
    if len(counts) > len(most):
        ticks.append((float(len(most)), _OTHER))
    places = tuple(-1.0 if value is None else place.get(value, float(len(most))) for value in values)
    if -1.0 in places:
        ticks.insert(0, (-1.0, _NO_VALUE))
    low, high = (ticks[0][0], ticks[-1][0]) if ticks else (0.0, 0.0)
    return (
        Axis(name, places, low, high, tuple(ticks))
        if low < high
        else Axis(name, places, low - 1, high + 1, tuple(ticks))
    )

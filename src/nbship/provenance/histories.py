"""Metric histories of many runs, as many as a chart can show.

Public: ``read_histories(tracking_uri, runs) -> Histories``.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.model.comparison import MetricSeries
from nbship.provenance.thinning import thinned
from nbship.store.connection import sqlite_path
from nbship.store.reader import metric_histories, newest_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbship.model.event import MetricPoint
    from nbship.model.run import Run

__all__ = ["Histories", "read_histories"]

_POINTS_A_SERIES = 100
_FEWEST_POINTS = 10
_POINTS = 5000
_METRICS = 12
_SERIES = _POINTS // _FEWEST_POINTS
_SERIES_OF_A_SERVER = 64
"""Through mlflow each is a request of its own."""
_VALUES = 400_000
"""Values that are read at most; a second or so."""


@dataclass(frozen=True, slots=True)
class Histories:
    """The series, and how many there are beside them: `runs` of how many runs are shown, `of` how many have any."""

    series: tuple[MetricSeries, ...] = ()
    shown: int = 0
    of: int = 0


def read_histories(tracking_uri: str, runs: Sequence[Run]) -> Histories:
    """Return the histories of metrics with more than one value.

    At most 100 points a series and 5,000 in all, of the metrics that most runs have and of the first runs. Values that
    are no finite numbers are left out.
    """
    steps = newest_steps(tracking_uri, [run.id for run in runs])
    wanted = _chosen(runs, steps, local=sqlite_path(tracking_uri) is not None)
    found = zip(wanted, metric_histories(tracking_uri, wanted), strict=True)
    histories = [(run_id, key, points) for (run_id, key), points in found if len(points) > 1]
    most = min(_POINTS_A_SERIES, _POINTS // max(1, len(histories)))
    series = tuple(_series(run_id, key, points, most) for run_id, key, points in histories)
    known = sum(len(keys) for keys in steps.values())
    return Histories(series, len(wanted), known)


def _chosen(
    runs: Sequence[Run], steps: Mapping[str, Mapping[str, int]], *, local: bool
) -> list[tuple[str, str]]:
    """Return run and metric of the series to read: run after run, as many as the bounds allow."""
    counts = Counter(key for keys in steps.values() for key in keys)
    metrics = sorted(counts, key=lambda key: (-counts[key], key))[:_METRICS]
    most, values = (_SERIES if local else _SERIES_OF_A_SERVER), _VALUES
    chosen: list[tuple[str, str]] = []
    for run in runs:
        own = [key for key in metrics if key in steps.get(run.id, ())]
        values -= sum(abs(steps[run.id][key]) + 1 for key in own)
        if chosen and (len(chosen) + len(own) > most or values < 0):
            break
        chosen += [(run.id, key) for key in own]
    return chosen


def _series(run_id: str, key: str, points: Sequence[MetricPoint], most: int) -> MetricSeries:
    finite = thinned([point for point in points if math.isfinite(point.value)], most)
    return MetricSeries(
        run_id, key, tuple(point.step for point in finite), tuple(point.value for point in finite)
    )

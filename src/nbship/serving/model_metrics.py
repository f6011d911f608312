"""What ``/metrics`` tells of a model's answers, and of how far requests are from what it learnt from."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from math import isnan
from typing import TYPE_CHECKING, Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from nbship.model.bundle import Bundle
    from nbship.serving.drift_watch import DriftScore
    from nbship.serving.live_drift import LiveDrift
    from nbship.serving.prediction_log import PredictionLog

__all__ = ["ModelMetrics"]

_VALUES = 50
"""Different answers that are counted each by itself; more would be too many time series."""
_LONGEST = 80
_OTHER = "other"
_SHARES = (0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
_POWERS = tuple(float(10**power) for power in range(7))
_BOUNDS = (
    *(-it for it in reversed(_POWERS)),
    0.0,
    *_SHARES,
    *(it * m for it in _POWERS for m in (1, 2.5, 5)),
)


class ModelMetrics(Collector):
    """Counts answers as plain numbers, and turns them into metrics when these are asked for.

    Answers that are floats go to a histogram, those that are labels are counted; lists and objects neither.
    """

    def __init__(self, bundle: Bundle, drift: LiveDrift, log: PredictionLog | None) -> None:
        self._bundle, self._drift, self._log = bundle, drift, log
        self._labels: dict[str, int] = {}
        self._bins = [0] * (len(_BOUNDS) + 1)

    def answered(self, predictions: list[Any]) -> None:
        """Count the answers to some rows."""
        for value in predictions:
            if isinstance(value, float):
                if not isnan(value):
                    self._bins[bisect_left(_BOUNDS, value)] += 1
            elif isinstance(value, str | int):
                self._count_label(str(value))

    def _count_label(self, label: str) -> None:
        label = label[:_LONGEST]
        if label not in self._labels and len(self._labels) >= _VALUES:
            label = _OTHER
        self._labels[label] = self._labels.get(label, 0) + 1

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; called by the registry, perhaps in another thread."""
        yield InfoMetricFamily("nbship_model", "What is served.", value=self._told())
        yield from self._answers()
        if self._drift.watches:
            yield from self._drifts()
        if self._log is not None:
            yield CounterMetricFamily(
                "nbship_prediction_log_dropped", "Rows that were not logged.", value=self._log.dropped
            )

    def _told(self) -> dict[str, str]:
        bundle = self._bundle
        return {
            "name": bundle.name,
            "version": bundle.model_version,
            "run_id": bundle.run_id,
            "digest": bundle.model_digest,
            "model_class": bundle.model_class,
            "input_path": bundle.input_path.value,
        }

    def _answers(self) -> Iterator[Metric]:
        labels = dict(self._labels)
        counted = CounterMetricFamily(
            "nbship_predictions", "Answered rows by label; rare ones together.", labels=["value"]
        )
        for label, count in labels.items():
            counted.add_metric([label], count)
        yield counted
        bins = list(accumulate(self._bins))
        if bins[-1]:
            names = [*map(str, _BOUNDS), "+Inf"]
            buckets = list(zip(names, map(float, bins), strict=True))
            # Without a sum: one of numbers below zero is no counter, so Prometheus has none for them.
            yield HistogramMetricFamily("nbship_prediction_value", "Answered numbers.", buckets=buckets)

    def _drifts(self) -> Iterator[Metric]:
        scores = self._drift.scores()
        distance = GaugeMetricFamily(
            "nbship_feature_drift",
            "Distance of the newest rows from what the model learnt from.",
            labels=["feature", "statistic"],
        )
        missing = GaugeMetricFamily(
            "nbship_feature_missing_ratio", "Share of the newest rows without a value.", labels=["feature"]
        )
        for name, score in scores.items():
            for statistic, value in score.statistics.items():
                distance.add_metric([name, statistic], value)
            if score.rows:
                missing.add_metric([name], score.missing_ratio)
        yield distance
        yield missing
        yield from self._prediction_drift(self._drift.prediction_score())
        rows = max((score.rows for score in scores.values()), default=0)
        yield GaugeMetricFamily("nbship_drift_window_rows", "Rows that drift is computed from.", value=rows)

    @staticmethod
    def _prediction_drift(score: DriftScore | None) -> Iterator[Metric]:
        if score is None:
            return
        distance = GaugeMetricFamily(
            "nbship_prediction_drift",
            "Distance of the newest answers from the known ones.",
            labels=["statistic"],
        )
        for statistic, value in score.statistics.items():
            distance.add_metric([statistic], value)
        yield distance

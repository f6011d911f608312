"""What ``/metrics`` tells, in the conventions of Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import generate_latest

from nbship.serving.model_metrics import ModelMetrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbship.model.bundle import Bundle
    from nbship.serving.live_drift import LiveDrift
    from nbship.serving.prediction_log import PredictionLog

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Metrics:
    """Everything that is counted and measured; cheap to feed, computed when it is asked for."""

    def __init__(self) -> None:
        # They are a second series for every counter, which hardly anyone looks at.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "nbship_requests", "Answered requests.", ["route", "protocol", "code"], registry=registry
        )
        self._duration = Histogram(
            "nbship_request_duration_seconds",
            "From the head of a request to its answer, for requests of predictions.",
            ["protocol"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._predict = Histogram(
            "nbship_predict_duration_seconds",
            "Time in the model, a batch.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._batch = Histogram("nbship_batch_size", "Rows of a batch.", buckets=_BATCHES, registry=registry)
        self.in_flight = Gauge("nbship_in_flight", "Requests of predictions in work.", registry=registry)
        self._invalid = Counter(
            "nbship_validation_errors", "Problems of refused requests.", ["reason"], registry=registry
        )
        self._feedback = Counter("nbship_feedback", "Rows whose truth was reported.", registry=registry)
        self._ready = Gauge("nbship_ready", "Whether requests are taken.", registry=registry)
        self._children: dict[tuple[str, str, int], Any] = {}
        self._durations = {name: self._duration.labels(name) for name in ("mlflow", "v2")}
        self._drift: LiveDrift | None = None
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)

    def tell_model(self, bundle: Bundle, drift: LiveDrift, log: PredictionLog | None) -> ModelMetrics:
        """Add what can be told once the model is known; takes its answers."""
        found = ModelMetrics(bundle, drift, log)
        self._registry.register(found)
        self._drift = drift
        return found

    def set_ready(self, *, ready: bool) -> None:
        """Tell whether requests are taken."""
        self._ready.set(ready)

    def answered(self, route: str, protocol: str, code: int) -> None:
        """Count an answer."""
        key = route, protocol, code
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._requests.labels(route, protocol, str(code))
        child.inc()

    def took(self, protocol: str, seconds: float) -> None:
        """Measure a request of predictions."""
        self._durations[protocol].observe(seconds)

    def predicted(self, rows: int, seconds: float) -> None:
        """Measure a batch."""
        self._batch.observe(rows)
        self._predict.observe(seconds)

    def refused(self, reasons: Iterable[str]) -> None:
        """Count the problems of a request."""
        for reason in reasons:
            self._invalid.labels(reason).inc()

    def told_truth(self, rows: int) -> None:
        """Count feedback."""
        self._feedback.inc(rows)

    def settle(self) -> None:
        """Count what waits to be counted; in the thread that feeds the metrics."""
        if self._drift is not None:
            self._drift.settle()

    def text(self) -> bytes:
        """Return all of it in the text format of Prometheus; may run in another thread."""
        return generate_latest(self._registry)

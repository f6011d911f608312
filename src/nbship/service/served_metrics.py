"""What a running server says of itself at ``/metrics``, in the text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import math
import re
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from itertools import pairwise
from typing import TYPE_CHECKING

from nbship.errors import NbshipError
from nbship.model.served_drift import ServedColumn, ServedDrift
from nbship.model.served_reading import Latencies, ServedReading
from nbship.service.served_requests import send

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbship.model.image import ServedModel

__all__ = ["Sample", "drift_in", "reading_in", "readings", "samples"]

_AT_ONCE = 8
_DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

_LINE = re.compile(
    r'(?P<name>(?:nbship|process)_\w+)(?:\{(?P<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? (?P<value>\S+)'
)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Sample:
    """One number with its name and labels."""

    name: str
    labels: dict[str, str]
    value: float


def samples(text: str) -> Iterator[Sample]:
    """Yield the numbers of a server of nbship; lines of other forms, and what is no number, are passed over."""
    for found in map(_LINE.fullmatch, text.splitlines()):
        if found is None:
            continue
        pairs = _LABEL.findall(found["labels"] or "")
        labels = {name: _ESCAPE.sub(_unescaped, value) for name, value in pairs}
        try:
            value = float(found["value"])
        except ValueError:
            continue
        if math.isfinite(value):
            yield Sample(found["name"], labels, value)


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]


def readings(services: Sequence[ServedModel]) -> tuple[ServedReading, ...]:
    """Ask servers what they have counted and measured, all at once; one that does not answer says so in `problem`."""
    if not services:
        return ()
    with ThreadPoolExecutor(min(len(services), _AT_ONCE)) as pool:
        return tuple(pool.map(_read, services))


def _read(service: ServedModel) -> ServedReading:
    at_ms = time.time_ns() // 1_000_000
    try:
        reply = send(service, "/metrics")
    except NbshipError as error:
        return ServedReading(at_ms, problem=f"its metrics cannot be read: {error}")
    if reply.status in _DENIED:
        return ServedReading(at_ms, problem="its metrics want a token")
    if reply.status != HTTPStatus.OK:
        return ServedReading(at_ms, problem=f"its metrics answer with {reply.status}")
    return reading_in(service.name, reply.body.decode("utf-8", "replace"), at_ms)


def reading_in(service: str, text: str, at_ms: int) -> ServedReading:
    """Return what the metrics of a server say.

    Parameters
    ----------
    service
        How it is called.
    text
        The answer of ``/metrics``.
    at_ms
        When it came, in milliseconds since the epoch.
    """
    found = list(samples(text))
    single = {sample.name: sample.value for sample in found if not sample.labels}
    codes = _codes(found)
    latencies = _latencies(found)
    started, memory = single.get("process_start_time_seconds"), single.get("process_resident_memory_bytes")
    return ServedReading(
        at_ms,
        requests=sum(codes.values()),
        errors=sum(count for code, count in codes.items() if code.startswith("5")),
        refused=sum(count for code, count in codes.items() if code.startswith("4")),
        in_flight=int(single.get("nbship_in_flight", 0)),
        latencies=latencies,
        p50_seconds=latencies.quantile(0.5),
        p99_seconds=latencies.quantile(0.99),
        uptime_seconds=None if started is None else max(0.0, at_ms / 1000 - started),
        memory_bytes=None if memory is None else int(memory),
        cpu_seconds=single.get("process_cpu_seconds_total"),
        predictions={
            sample.labels.get("value", ""): int(sample.value)
            for sample in found
            if sample.name == "nbship_predictions_total"
        },
        dropped=int(single.get("nbship_prediction_log_dropped_total", 0)),
        drift=drift_in(service, found),
    )


def _codes(found: Sequence[Sample]) -> dict[str, int]:
    """Return how many requests of predictions were answered, by status; probes of readiness are none."""
    codes: defaultdict[str, int] = defaultdict(int)
    for sample in found:
        route = sample.labels.get("route", "")
        if sample.name == "nbship_requests_total" and (route == "/invocations" or route.endswith("/infer")):
            codes[sample.labels.get("code", "")] += int(sample.value)
    return codes


def _latencies(found: Sequence[Sample]) -> Latencies:
    """Return the histogram of all protocols together."""
    upto: defaultdict[float, int] = defaultdict(int)
    seconds = 0.0
    for sample in found:
        if sample.name == "nbship_request_duration_seconds_bucket":
            upto[float(sample.labels["le"])] += int(sample.value)
        elif sample.name == "nbship_request_duration_seconds_sum":
            seconds += sample.value
    bounds = sorted(upto)
    below = [0, *(upto[bound] for bound in bounds)]
    counts = tuple(high - low for low, high in pairwise(below))
    return Latencies(tuple(bound for bound in bounds if math.isfinite(bound)), counts, seconds)


def drift_in(service: str, found: Sequence[Sample]) -> ServedDrift:
    """Return what the metrics of a server say of drift."""
    columns: defaultdict[str, dict[str, float]] = defaultdict(dict)
    missing: dict[str, float] = {}
    prediction: dict[str, float] = {}
    rows: int | None = None
    for sample in found:
        match sample.name:
            case "nbship_feature_drift":
                columns[sample.labels["feature"]][sample.labels["statistic"]] = sample.value
            case "nbship_feature_missing_ratio":
                missing[sample.labels["feature"]] = sample.value
            case "nbship_prediction_drift":
                prediction[sample.labels["statistic"]] = sample.value
            case "nbship_drift_window_rows":
                rows = int(sample.value)
    told = [ServedColumn(name, columns.get(name, {}), missing.get(name)) for name in columns | missing]
    told.sort(key=lambda column: -column.distances.get("jensen_shannon", 0.0))
    problem = "" if rows is not None else "it has no profile of the training data to compare with"
    return ServedDrift(service, rows or 0, tuple(told), prediction, problem)

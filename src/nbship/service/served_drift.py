"""Drift of what served models are asked, read from the metrics of their servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.model.drift import DriftOptions
from nbship.model.served_drift import ServedDrift
from nbship.service.served_metrics import drift_in, readings, samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.image import ServedModel

__all__ = ["FAR", "LEAST_ROWS", "read_metrics", "served_drift", "standing"]

FAR = DriftOptions().jensen_shannon
"""The Jensen-Shannon distance (base 2) from which on a column counts as far from the training data."""

LEAST_ROWS = 200
"""Fewer rows are far from anything by chance: a column with ten bins is then at a distance of 0.1 without any drift."""


def served_drift(services: Sequence[ServedModel]) -> tuple[ServedDrift, ...]:
    """Ask the servers that are ready how far their requests are from the training data.

    A server that does not answer, or wants a token, says so in `ServedDrift.problem`.
    """
    ready = [service for service in services if service.state == "ready"]
    return tuple(
        reading.drift or ServedDrift(service.name, problem=reading.problem)
        for service, reading in zip(ready, readings(ready), strict=True)
    )


def standing(drift: ServedDrift) -> dict[str, str]:
    """Return how the columns stand: ``few`` (too few rows to tell), ``near``, ``far``, or ``unknown``."""
    if drift.rows < LEAST_ROWS:
        return {column.name: "few" for column in drift.columns}
    distances = {column.name: column.distances.get("jensen_shannon") for column in drift.columns}
    return {
        name: "unknown" if distance is None else "far" if distance >= FAR else "near"
        for name, distance in distances.items()
    }


def read_metrics(service: str, text: str) -> ServedDrift:
    """Return what the metrics of a server say of drift.

    Parameters
    ----------
    service
        How it is called.
    text
        The answer of ``/metrics``, in the text format of Prometheus.
    """
    return drift_in(service, list(samples(text)))

"""What a server has counted and measured since it started."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbship.model.served_drift import ServedDrift

__all__ = ["Latencies", "ServedReading"]


@dataclass(frozen=True, slots=True)
class Latencies:
    """How long requests of predictions took.

    Attributes
    ----------
    bounds
        Upper bounds of all bins but the last, in seconds, ascending.
    counts
        How many requests fell into each bin, one more than there are bounds; they only grow.
    seconds
        Of all requests together.
    """

    bounds: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    seconds: float = 0.0

    def quantile(self, share: float) -> float | None:
        """Return the time within which that share of the requests was answered, interpolated within its bin.

        None when nothing was asked. In the last bin, which has no end, it is the last bound.
        """
        total = sum(self.counts)
        if not total:
            return None
        rank, before, low = share * total, 0, 0.0
        for bound, count in zip(self.bounds, self.counts, strict=False):
            if count and before + count >= rank:
                return low + (bound - low) * (rank - before) / count
            before, low = before + count, bound
        return low


@dataclass(frozen=True, slots=True)
class ServedReading:
    """The metrics of a server at a moment. What is counted is counted since it started, so two readings give a rate.

    Attributes
    ----------
    at_ms
        When it was read, in milliseconds since the epoch.
    requests
        Requests of predictions that were answered, errors and refusals among them.
    errors, refused
        How many of them the server failed at (5xx), and how many were wrong (4xx).
    in_flight
        Requests that are being worked on.
    p50_seconds, p99_seconds
        Quantiles of `latencies`; None before the first request.
    predictions
        Answered label to how often; empty for a model that answers numbers.
    dropped
        Rows that the prediction log had no room for.
    problem
        Why nothing can be read, in plain words; all numbers are 0 then.
    """

    at_ms: int
    requests: int = 0
    errors: int = 0
    refused: int = 0
    in_flight: int = 0
    latencies: Latencies = field(default_factory=Latencies)
    p50_seconds: float | None = None
    p99_seconds: float | None = None
    uptime_seconds: float | None = None
    memory_bytes: int | None = None
    cpu_seconds: float | None = None
    predictions: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    drift: ServedDrift | None = None
    problem: str = ""

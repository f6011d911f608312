"""How far what a served model is asked is from what it learnt from, as its server measures it."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["ServedColumn", "ServedDrift"]


@dataclass(frozen=True, slots=True)
class ServedColumn:
    """A column of the newest requests against the training data.

    Attributes
    ----------
    distances
        Statistic to value: ``ks``, ``psi``, ``jensen_shannon``.
    missing
        Share of the requests without a value; None where it was not told.
    """

    name: str
    distances: dict[str, float] = field(default_factory=dict)
    missing: float | None = None


@dataclass(frozen=True, slots=True)
class ServedDrift:
    """What a server says of drift.

    Attributes
    ----------
    rows
        How many of the newest requests it looks at.
    columns
        The farthest first.
    prediction
        Statistic to value of the answers; empty where nothing is known of them.
    problem
        Why there is nothing to say, in plain words.
    """

    service: str
    rows: int = 0
    columns: tuple[ServedColumn, ...] = ()
    prediction: dict[str, float] = field(default_factory=dict)
    problem: str = ""

"""What a tracked cell tells its user when it ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbship.model.run import RunStatus

__all__ = ["TrackReport"]


@dataclass(frozen=True, slots=True)
class TrackReport:
    """The content of the one line under a tracked cell.

    Attributes
    ----------
    run
        The kernel's id of the run, which ``nbship show`` takes, whole or as a prefix.
    store_run_id
        MLflow's id, where it is known already.
    masked
        Number of secrets that were masked in what the run holds.
    warnings
        What was skipped, and why.
    where
        The tracking URI.
    """

    run: str
    name: str
    status: RunStatus
    where: str
    duration_seconds: float
    reason: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    params: int = 0
    datasets: tuple[str, ...] = ()
    model: str | None = None
    cells: int = 0
    masked: int = 0
    warnings: tuple[str, ...] = ()
    store_run_id: str | None = None

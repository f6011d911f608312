"""Other facts of two runs that differ: how they ended, how long they took, what they fitted, where they ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.model.comparison import FactDiff
from nbship.provenance.number_words import duration_text

if TYPE_CHECKING:
    from nbship.model.run import Run

__all__ = ["diff_facts"]

_TAGS = {
    "reason": ("nbship.reason",),
    # Autologging of mlflow names the class of an estimator this way.
    "model": ("nbship.model", "estimator_name"),
    "notebook": ("mlflow.source.name",),
    "user": ("mlflow.user",),
    "hidden state": ("nbship.hidden_state",),
    "nbship": ("nbship.version",),
}


def diff_facts(left: Run, right: Run) -> tuple[FactDiff, ...]:
    """Return the facts that differ, each as text; durations that read alike are equal."""
    old, new = _facts(left), _facts(right)
    return tuple(FactDiff(name, old[name], new[name]) for name in old if old[name] != new[name])


def _facts(run: Run) -> dict[str, str | None]:
    seconds = run.duration_seconds
    return {
        "status": run.status.value,
        "duration": None if seconds is None else duration_text(seconds),
        "experiment": run.experiment,
        **{name: _first(run, tags) for name, tags in _TAGS.items()},
    }


def _first(run: Run, tags: tuple[str, ...]) -> str | None:
    return next((run.tags[tag] for tag in tags if run.tags.get(tag)), None)

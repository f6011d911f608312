"""Seeds that differ, and random states where no seed explains them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from nbship.model.comparison import FactDiff

if TYPE_CHECKING:
    from nbship.provenance.records import RunSummary

__all__ = ["diff_seeds"]

_SHOWN_DIGITS = 8


def diff_seeds(left: RunSummary, right: RunSummary) -> tuple[FactDiff, ...]:
    """Return the calls that were given other seeds, and the generators that both runs used from another state.

    The state of a generator does not count where a cell of the run itself sets a seed.
    """
    old, new = _seeds(left), _seeds(right)
    seeds = [FactDiff(name, old.get(name), new.get(name)) for name in {**old, **new}]
    before, after = _states(left), _states(right)
    states = [FactDiff(name, before[name], after[name]) for name in before if name in after]
    return tuple(fact for fact in (*seeds, *states) if fact.left != fact.right)


def _seeds(summary: RunSummary) -> dict[str, str]:
    """Return the seeds of each call in order, e.g. ``{"np.random.seed": "1, 2"}``."""
    found: dict[str, list[str]] = defaultdict(list)
    for seed in summary.seeds:
        found[str(seed.call)].append(str(seed.value))
    return {call: ", ".join(values) for call, values in found.items()}


def _states(summary: RunSummary) -> dict[str, str]:
    """Return the state from which each generator was used, unless the run's own cells seeded something."""
    if any(seed.cell in summary.cells for seed in summary.seeds):
        return {}
    before = summary.rng.before
    return {
        f"state of {name} at the start": str(before[name])[:_SHOWN_DIGITS]
        for name in summary.random_state_used
        if name in before
    }

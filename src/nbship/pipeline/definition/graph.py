"""Pipelines as graphs: in which order steps run, where they run in a circle, and which of them shall run."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from nbship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from nbship.model.pipeline import Pipeline

__all__ = ["dependencies", "find_cycle", "levels", "nearest", "ordered", "select"]


def dependencies(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """Return every step with the steps that must have completed before it."""
    return {step.name: pipeline.dependencies(step) for step in pipeline.steps}


def find_cycle(needs: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return a circle of steps, each needed by the one before and the first again at the end; empty without one.

    Names that are no steps are left out.
    """
    done: set[str] = set()
    for first in needs:
        path: list[str] = []
        open_ends = [iter((first,))]
        while open_ends:
            name = next((name for name in open_ends[-1] if name not in done and name in needs), None)
            if name is None:
                open_ends.pop()
                if path:
                    done.add(path.pop())
            elif name in path:
                return (*path[path.index(name) :], name)
            else:
                path.append(name)
                open_ends.append(iter(needs[name]))
    return ()


def ordered(needs: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return the steps so that each comes after those it needs, in the given order where that leaves a choice.

    There must be no circle.
    """
    waiting, done = list(needs), dict[str, None]()
    while waiting:
        name = next(
            name for name in waiting if all(need in done or need not in needs for need in needs[name])
        )
        waiting.remove(name)
        done[name] = None
    return tuple(done)


def levels(pipeline: Pipeline) -> tuple[tuple[str, ...], ...]:
    """Return the steps in layers: each step stands one layer below the lowest of those that it needs."""
    needs = dependencies(pipeline)
    depth: dict[str, int] = {}
    for name in ordered(needs):
        depth[name] = 1 + max((depth[need] for need in needs[name]), default=-1)
    height = 1 + max(depth.values(), default=-1)
    return tuple(tuple(step for step in depth if depth[step] == level) for level in range(height))


def select(pipeline: Pipeline, *, only: Sequence[str] = (), start: str | None = None) -> frozenset[str]:
    """Return the names of the steps that shall run.

    Parameters
    ----------
    only
        These steps and no others; what they read must be there already.
    start
        This step, and every step that needs what it makes, directly or not. With `only`, both together.

    Raises
    ------
    UsageError
        When there is no such step; the message names the nearest.
    """
    names = [step.name for step in pipeline.steps]
    for name in (*only, *([start] if start is not None else [])):
        if name not in names:
            raise UsageError(f"{pipeline.path} has no step {name!r}. {nearest(name, names)}")
    if not only and start is None:
        return frozenset(names)
    return frozenset(only) | (_downstream(pipeline, start) if start is not None else frozenset())


def _downstream(pipeline: Pipeline, start: str) -> frozenset[str]:
    needs, found = dependencies(pipeline), {start}
    for name in ordered(needs):
        if found.intersection(needs[name]):
            found.add(name)
    return frozenset(found)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the hint for a name that does not exist: the one that was meant, else all that exist."""
    names = list(known)
    close = difflib.get_close_matches(name, names, 1)
    if close:
        return f"Did you mean {close[0]}?"
    return f"There are: {', '.join(names)}" if names else "There are none"

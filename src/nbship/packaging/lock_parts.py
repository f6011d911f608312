"""Parts of a lock: what some requirements need of it, what is heavy, and how it is written down.

Public: ``keep_needed(lock, roots, target)``, ``without(lock, names, roots, target)``, ``missing_from(lock, roots,
target)``, ``split_heavy(lock)``, ``pins(lock)``, ``requirements_text(lock)``; `Target` is anything with ``platform``
and ``python``, such as a `LockRequest`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nbship.packaging.platforms import marker_environment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from packaging.requirements import Requirement

    from nbship.model.image import LockedWheel

__all__ = [
    "Target",
    "direct_needs",
    "keep_needed",
    "missing_from",
    "pins",
    "requirements_text",
    "split_heavy",
    "without",
]

_HEAVY = frozenset(
    {
        *("catboost", "lightgbm", "llvmlite", "numba", "numpy", "onnxruntime", "pandas", "polars", "pyarrow"),
        *("scikit-learn", "scipy", "tensorflow", "torch", "xgboost"),
    }
)
"""Distributions that are large, and change less often than the rest: they have a layer of their own."""

_Needs = tuple[str, frozenset[str]]
"""A normalised name, and the extras that are wanted of it."""


class Target(Protocol):
    """Where the wheels shall run."""

    @property
    def platform(self) -> str:
        """E.g. ``linux/amd64``."""

    @property
    def python(self) -> str:
        """The minor version."""


def keep_needed(lock: Iterable[LockedWheel], roots: Iterable[str], target: Target) -> tuple[LockedWheel, ...]:
    """Return the wheels that some requirements need, directly or through others, in the order of the lock."""
    lock = tuple(lock)
    reached = {name for name, _ in _reached(lock, roots, target)}
    return tuple(wheel for wheel in lock if wheel.name in reached)


def without(
    lock: Iterable[LockedWheel], names: Collection[str], roots: Iterable[str], target: Target
) -> tuple[LockedWheel, ...]:
    """Return the lock without some distributions, and without what nothing but those needs.

    Parameters
    ----------
    lock
        All wheels.
    names
        Normalised names of what is not wanted, even where something else asks for it.
    roots
        The requirements that the lock was made for.
    target
        Where the wheels shall run.
    """
    left = tuple(wheel for wheel in lock if wheel.name not in names)
    return keep_needed(left, [root for root in roots if _parsed(root)[0] not in names], target)


def missing_from(lock: Iterable[LockedWheel], roots: Iterable[str], target: Target) -> tuple[str, ...]:
    """Return the requirements that the lock does not fulfil on the target, sorted."""
    lock = tuple(lock)
    there = {wheel.name for wheel in lock}
    lacking = {
        str(need).partition(";")[0].strip()
        for needs in _reached(lock, roots, target).values()
        for need in needs
        if _canonical(need.name) not in there
    }
    return tuple(sorted(lacking))


def _reached(
    lock: tuple[LockedWheel, ...], roots: Iterable[str], target: Target
) -> dict[_Needs, list[Requirement]]:
    """Return each distribution that is reached, with the extras wanted of it, and what it needs on the target."""
    wheels = {wheel.name: wheel for wheel in lock}
    environment = marker_environment(target.platform, target.python)
    start = [need for root in roots if _holds(need := _parsed(root)[1], environment, frozenset())]
    found: dict[_Needs, list[Requirement]] = {("", frozenset()): start}
    waiting = start.copy()
    while waiting:
        need = waiting.pop()
        key = (_canonical(need.name), frozenset(need.extras))
        if key in found:
            continue
        wheel = wheels.get(key[0])
        lines = [_parsed(line)[1] for line in wheel.requires] if wheel else []
        found[key] = [line for line in lines if _holds(line, environment, key[1])]
        waiting += found[key]
    return found


def _holds(need: Requirement, environment: dict[str, str], extras: frozenset[str]) -> bool:
    if need.marker is None:
        return True
    return any(need.marker.evaluate({**environment, "extra": extra}) for extra in (extras or {""}))


def _parsed(line: str) -> tuple[str, Requirement]:
    from packaging.requirements import Requirement  # noqa: PLC0415 - wanted by a package command only

    need = Requirement(line)
    return _canonical(need.name), need


def _canonical(name: str) -> str:
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - wanted by a package command only

    return str(canonicalize_name(name))


def direct_needs(wheel: LockedWheel, platform: str, python: str) -> tuple[str, ...]:
    """Return the normalised names of what a wheel itself needs on a platform, sorted; extras are not asked for."""
    environment = marker_environment(platform, python)
    needs = (_parsed(line) for line in wheel.requires)
    return tuple(sorted({name for name, need in needs if _holds(need, environment, frozenset())}))


def split_heavy(
    lock: Iterable[LockedWheel],
) -> tuple[tuple[LockedWheel, ...], tuple[LockedWheel, ...]]:
    """Return the large distributions that seldom change, and the others; each part in the order of the lock."""
    lock = tuple(lock)
    heavy = tuple(wheel for wheel in lock if wheel.name in _HEAVY)
    return heavy, tuple(wheel for wheel in lock if wheel.name not in _HEAVY)


def pins(lock: Iterable[LockedWheel]) -> tuple[str, ...]:
    """Return ``name==version`` of each wheel: requirements that give the same versions on another platform."""
    return tuple(f"{wheel.name}=={wheel.version}" for wheel in lock)


def requirements_text(lock: Iterable[LockedWheel]) -> str:
    """Return a requirements file that pip installs with ``--require-hashes``."""
    return "".join(_lines(lock))


def _lines(lock: Iterable[LockedWheel]) -> Iterator[str]:
    for wheel in sorted(lock, key=lambda wheel: wheel.name):
        yield f"{wheel.name}=={wheel.version} \\\n    --hash=sha256:{wheel.sha256}\n"

"""What a model needs to be loaded and served, as requirements for the lock.

Public: `RUNTIME_PINS`, ``draft_requirements(source)``, ``image_requirements(source, prepared)``,
``constraints(source)``, ``normalised(name)``.

While a model is prepared, pandas and skops are there; in the image only what it was seen to need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.errors import UsageError
from nbship.model.bundle import InputPath, ModelFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.requirements import Requirement

    from nbship.model.image import ModelSource
    from nbship.packaging.prepared import Prepared

__all__ = ["RUNTIME_PINS", "constraints", "draft_requirements", "image_requirements", "normalised"]

RUNTIME_PINS: dict[str, str] = {
    "click": "8.5.1",
    "h11": "0.16.0",
    "httptools": "0.9.0",
    "orjson": "3.13.0",
    "prometheus-client": "0.26.0",
    "uvicorn": "0.54.0",
    "uvloop": "0.23.0",
}
"""The server's own libraries, and what they need. The versions go with a version of nbship, so that a run that is
packaged again next year gives the same image."""

_RUNTIME = ("httptools", "numpy", "orjson", "prometheus-client", "uvicorn", "uvloop")
_NEVER = frozenset({"mlflow", "mlflow-skinny", "mlflow-tracing", "nbship"})
"""The server reads models without them."""
_DROPPABLE = frozenset({"cloudpickle", "pandas", "skops"})
"""What stays in the image only if the prepared model was seen to need it."""
_DRAFT = ("pandas", "skops")


def normalised(name: str) -> str:
    """Return the name of a distribution in its one spelling (PEP 503)."""
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - wanted by a package command only

    return str(canonicalize_name(name))


def draft_requirements(source: ModelSource) -> tuple[str, ...]:
    """Return what has to be there while the model is prepared, sorted.

    Raises
    ------
    UsageError
        When one of the model's requirements cannot be understood.
    """
    return _sorted((*_own(source), *_missing(_own(source), (*_RUNTIME, *_DRAFT, *_unpickler(source)))))


def image_requirements(source: ModelSource, prepared: Prepared) -> tuple[str, ...]:
    """Return what has to be there in the image, sorted: the model's requirements without what it does not use.

    Raises
    ------
    UsageError
        When one of the model's requirements cannot be understood.
    """
    needed = _needed(prepared)
    light = bool(prepared.bundle.weights)
    kept = [
        line for line in _own(source) if _name(line) in needed or not (light or _name(line) in _DROPPABLE)
    ]
    return _sorted((*kept, *_missing(kept, (*_RUNTIME, *sorted(needed & _DROPPABLE)))))


def _needed(prepared: Prepared) -> set[str]:
    bundle = prepared.bundle
    needed = {normalised(name) for name in (*prepared.needs, *prepared.imports)}
    if bundle.weights:
        return needed  # the model itself is not read
    if bundle.format is ModelFormat.SKOPS:
        needed.add("skops")
    else:
        # Whatever its contents: it is small, and a pickle says late that it needs it.
        needed.add("cloudpickle")
    if bundle.input_path is InputPath.FRAME:
        needed.add("pandas")
    return needed


def _unpickler(source: ModelSource) -> tuple[str, ...]:
    return () if source.serialization == "skops" else ("cloudpickle",)


def constraints(source: ModelSource) -> tuple[str, ...]:
    """Return the versions that count where a requirement leaves a choice, sorted.

    They are those that were installed when the model was tracked, and for the server's own libraries `RUNTIME_PINS`;
    where the model's own requirement names a version, that one counts.
    """
    said = {_name(line) for line in _own(source) if "=" in line}
    found = {**dict(_pinned(source.environment)), **RUNTIME_PINS}
    return tuple(f"{name}=={version}" for name, version in sorted(found.items()) if name not in said | _NEVER)


def _pinned(environment: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield what an index can know: local labels such as ``+cpu`` are left out, unreadable versions too."""
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - see normalised

    for line in environment:
        name, _, version = line.partition("==")
        try:
            yield normalised(name), Version(version).public
        except InvalidVersion:
            continue


def _own(source: ModelSource) -> list[str]:
    """Return the model's own requirements, without what is never served."""
    parsed = [_parsed(line) for line in source.requirements]
    return [str(one) for one in parsed if normalised(one.name) not in _NEVER]


def _parsed(line: str) -> Requirement:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - see normalised

    try:
        found = Requirement(line)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]  # below it, the place is pointed at
        raise UsageError(
            f"the model's requirement {line!r} cannot be understood: {reason}. Log the model with pip_requirements "
            "of the form NAME==VERSION; wheels of your own are found through PIP_FIND_LINKS."
        ) from error
    if found.url:
        raise UsageError(
            f"the model's requirement {line!r} is an address; only versions of a package index can be locked. "
            "Log the model with pip_requirements of the form NAME==VERSION."
        )
    return found


def _name(line: str) -> str:
    return normalised(_parsed(line).name)


def _missing(there: Iterable[str], names: Iterable[str]) -> list[str]:
    known = {_name(line) for line in there}
    return [name for name in dict.fromkeys(names) if name not in known]


def _sorted(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(lines), key=str.lower))

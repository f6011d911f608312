"""A model as a pickle that loads on a machine without this project.

Public: `pickle_model`.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbship.capture.loaded_modules import attribute_of, file_of
from nbship.capture.local_modules import is_installed
from nbship.errors import ModelSaveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["pickle_model"]

_PROTOCOL = 5
"""Read by Python 3.8 and later; writes large arrays without a copy."""
_SEARCH_SECONDS = 0.5
_SEARCH_DEPTH = 6


def pickle_model(name: str, value: object) -> tuple[bytes, tuple[str, ...]]:
    """Pickle a model, with the code of classes and functions that no distribution installs.

    Classes of the notebook travel by value as always with cloudpickle; those of local modules (files outside
    site-packages and the standard library) too. Where their code cannot be pickled, they are named only, with a warning.

    Parameters
    ----------
    name
        The variable, for messages.
    value
        The model.

    Returns
    -------
    tuple
        The pickle, and warnings, one sentence each.

    Raises
    ------
    ModelSaveError
        When it cannot be pickled; the message names the attribute at fault where it is found within half a second.
    """
    import cloudpickle

    with _by_value(local := _local_modules()):
        try:
            return cloudpickle.dumps(value, protocol=_PROTOCOL), ()
        except Exception as error:  # noqa: BLE001 - a class's own __reduce__ or __getstate__ may raise anything
            first = error
    if local:
        try:
            pickled = cloudpickle.dumps(value, protocol=_PROTOCOL)
        except Exception as error:  # noqa: BLE001 - as above
            first = error
        else:
            return pickled, (
                f"{name}: loads only where the local modules of this project are ({_one_line(first)})",
            )
    raise ModelSaveError(_complaint(name, value, first)) from first


@contextmanager
def _by_value(modules: list[ModuleType]) -> Iterator[None]:
    """Let cloudpickle write the code of these modules, and leave its registry as the user had it."""
    import cloudpickle

    already = cloudpickle.list_registry_pickle_by_value()
    added = [module for module in modules if module.__name__ not in already]
    try:
        for module in added:
            cloudpickle.register_pickle_by_value(module)
        yield
    finally:
        for module in added:
            if module.__name__ in cloudpickle.list_registry_pickle_by_value():
                cloudpickle.unregister_pickle_by_value(module)


def _local_modules() -> list[ModuleType]:
    """Return the loaded modules whose files belong to no installation, this package apart."""
    return [
        sys.modules[name]
        for name in list(sys.modules)
        if name.partition(".")[0] not in _NEVER and _is_local(name)
    ]


_NEVER = sys.stdlib_module_names | {"__main__", "__mp_main__", "nbship"}


def _is_local(name: str) -> bool:
    file = file_of(name)
    return file is not None and attribute_of(name, "__name__") == name and not is_installed(file)


def _complaint(name: str, value: object, error: Exception) -> str:
    what = f"model {name} ({type(value).__name__}) cannot be saved"
    found = _fault(value, "", time.perf_counter() + _SEARCH_SECONDS, _SEARCH_DEPTH)
    if found is None:
        return f"{what}: {_one_line(error)}"
    path, culprit = found
    return (
        f"{what}: {name}{path} is a {type(culprit).__name__}, which cannot be pickled; "
        "leave it out in __getstate__ or create it when it is needed"
    )


def _fault(value: object, path: str, deadline: float, depth: int) -> tuple[str, object] | None:
    """Return path and value of the innermost part that fails by itself; None when the time is over."""
    for step, part in _parts(value) if depth else ():
        if time.perf_counter() > deadline:
            return None
        if not _pickles(part):
            return _fault(part, path + step, deadline, depth - 1)
    return (path, value) if path else None


def _parts(value: object) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [(f"[{key!r:.40}]", item) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [(f"[{place}]", item) for place, item in enumerate(value)]
    known: Any = getattr(value, "__dict__", None)
    return [(f".{key}", item) for key, item in known.items()] if isinstance(known, dict) else []


def _pickles(part: object) -> bool:
    import cloudpickle

    try:
        cloudpickle.dumps(part, protocol=_PROTOCOL)
    except Exception:  # noqa: BLE001 - as in pickle_model
        return False
    return True


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return (text or type(error).__name__)[:200]

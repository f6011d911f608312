"""The distributions that a model needs, pinned to the versions that this kernel has loaded.

Public: `model_requirements`, `ModelRequirements`, `distribution_of`.

MLflow starts a second Python for this (18 s). Here the modules are read from the pickle itself, and the owner of a module
is looked up in the lists of installed files; nothing is imported.
"""

from __future__ import annotations

import dis
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

from nbship.capture.loaded_modules import attribute_of, file_of
from nbship.capture.local_modules import is_installed
from nbship.capture.pickled_modules import pickled_modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ModelRequirements", "distribution_of", "model_requirements"]

_ALWAYS = ("cloudpickle",)
_UNDER_SKLEARN = ("numpy", "scipy", "joblib")
"""What scikit-learn computes with; its versions decide whether an array in the pickle can be read."""
_DISTRIBUTION_NAMES = {
    "PIL": "pillow",
    "cv2": "opencv_python",
    "dateutil": "python_dateutil",
    "imblearn": "imbalanced_learn",
    "skimage": "scikit_image",
    "sklearn": "scikit_learn",
    "yaml": "pyyaml",
}
"""Where to look first; every answer is checked against the list of installed files."""
_WALK_DEPTH = 4
_WALK_WIDTH = 50


@dataclass(frozen=True, slots=True)
class ModelRequirements:
    """What a model needs to be loaded elsewhere.

    Attributes
    ----------
    pinned
        ``name==version``, sorted, each distribution once.
    unpinned
        Top-level modules that the pickle names and that no installed distribution owns: a local module, an editable
        installation.
    """

    pinned: tuple[str, ...]
    unpinned: tuple[str, ...] = ()


def model_requirements(pickled: bytes | Path, value: object, also: Iterable[str] = ()) -> ModelRequirements:
    """Return the distributions that the pickle of a model needs.

    Parameters
    ----------
    pickled
        The pickle, or the file that holds it.
    value
        The model itself: asked for its classes where the pickle is too long to be read in 0.1 s, and for the imports
        inside the methods of its class where that class travels in the pickle.
    also
        Modules to add if they are loaded, e.g. ``pandas`` when the input example is a frame.

    Returns
    -------
    ModelRequirements
        Always with cloudpickle, and with mlflow, which loads the model, where this environment has it.

    Raises
    ------
    ValueError
        When `pickled` is no pickle.
    OSError
        When the file cannot be read.
    """
    data = pickled.read_bytes() if isinstance(pickled, Path) else pickled
    modules, complete = pickled_modules(data)
    modules |= {*_ALWAYS, *also, *_imports_of_local_class(type(value))}
    if not complete:
        modules |= _modules_of(value, _WALK_DEPTH)
    if any(_top(module) == "sklearn" for module in modules):
        modules |= {module for module in _UNDER_SKLEARN if module in sys.modules}
    return _pin(modules)


def _pin(modules: Iterable[str]) -> ModelRequirements:
    pinned: dict[str, str] = {}
    unpinned = set()
    for module in sorted(_one_per_library(modules)):
        owner = distribution_of(module)
        if owner is not None:
            pinned[owner[0].lower()] = _pinned(*owner)
        elif module in sys.modules:
            unpinned.add(_top(module))
    if loader := _mlflow():
        pinned[loader[0]] = _pinned(*loader)
    return ModelRequirements(tuple(sorted(pinned.values(), key=str.lower)), tuple(sorted(unpinned)))


def _pinned(name: str, version: str) -> str:
    """Return the pin without a local label such as ``+cpu``, which no index knows."""
    return f"{name}=={version.partition('+')[0]}"


def _one_per_library(modules: Iterable[str]) -> set[str]:
    """Replace modules by their top-level package, except in a namespace package that several distributions share."""
    named = {
        module
        for module in modules
        if _top(module) not in sys.stdlib_module_names | {"__main__", "nbship", ""}
    }
    return {_top(module) if file_of(_top(module)) else module for module in named}


def _top(module: str) -> str:
    return module.partition(".")[0]


def distribution_of(module: str) -> tuple[str, str] | None:
    """Return name and version of the distribution that installed a module of this kernel.

    The version is that of the loaded code: an upgrade of the distribution after the kernel started shows only in
    ``__version__`` of the module. None for a module that is not loaded or that no distribution owns.
    """
    file = file_of(module) or file_of(_top(module))
    found = _owner_of_file(file, _top(module)) if file else None
    if found is None or file is None:
        return None
    name, version, recorded = found
    loaded = attribute_of(_top(module), "__version__")
    if isinstance(loaded, str) and loaded != version and recorded > _started():
        return name, loaded
    return name, version


@cache
def _started() -> float:
    import psutil  # noqa: PLC0415 - wanted only by kernels in which a model is saved

    return float(psutil.Process().create_time())


@cache
def _owner_of_file(file: str, top: str) -> tuple[str, str, float] | None:
    """Return name, version and time of installation of the distribution that lists the file as its own."""
    from importlib import metadata  # noqa: PLC0415 - parses with `email`, which doubles the time to load nbship

    site = next((folder for folder in _sites() if file.startswith(folder + os.sep)), None)
    if site is None:
        return None
    if not Path(site).is_dir():  # a zip archive
        return None
    relative = Path(file).relative_to(site).as_posix()
    for info in _infos_likeliest_first(Path(site), top):
        if _lists(info, relative, top):
            distribution = metadata.PathDistribution(info)
            return distribution.metadata["Name"], distribution.version, info.stat().st_mtime
    return None


def _sites() -> list[str]:
    """Return the folders that modules come from, the deepest first."""
    return sorted({folder for folder in sys.path if folder}, key=len, reverse=True)


def _infos_likeliest_first(site: Path, top: str) -> Iterator[Path]:
    infos = [
        Path(entry.path) for entry in os.scandir(site) if entry.name.endswith((".dist-info", ".egg-info"))
    ]
    guess = _DISTRIBUTION_NAMES.get(top, top).lower()
    return iter(
        sorted(
            infos, key=lambda info: (_plain_name(info) != guess, guess not in _plain_name(info), info.name)
        )
    )


def _plain_name(info: Path) -> str:
    return info.name.partition("-")[0].lower().replace(".", "_")


def _lists(info: Path, relative: str, top: str) -> bool:
    """Return whether the distribution lists the file; an old ``.egg-info`` may list only its top-level modules."""
    for name, line in (("RECORD", f"{relative},"), ("top_level.txt", f"{top}\n")):
        try:
            text = b"\n" + (info / name).read_bytes() + b"\n"
        except OSError:  # not there, or the entry is a plain .egg-info file
            continue
        return b"\n" + line.encode() in text.replace(b"\r\n", b"\n")
    return False


def _mlflow() -> tuple[str, str] | None:
    from importlib import metadata  # noqa: PLC0415 - as above

    for name in ("mlflow", "mlflow-skinny"):
        try:
            return name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def _modules_of(value: object, depth: int) -> set[str]:
    """Return the modules of the value's class and of what it holds, `depth` levels down."""
    modules = {type(value).__module__}
    if depth == 0 or isinstance(value, type | str | bytes):
        return modules
    held = (
        list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    )
    for item in [*held[:_WALK_WIDTH], *list(getattr(value, "__dict__", {}).values())[:_WALK_WIDTH]]:
        modules |= _modules_of(item, depth - 1)
    return modules


def _imports_of_local_class(kind: type) -> set[str]:
    """Return what the methods of a class import in their bodies, where its code travels in the pickle."""
    local = [
        base for base in kind.__mro__ if base.__module__ == "__main__" or not _is_installed(base.__module__)
    ]
    functions = [item for base in local for item in vars(base).values() if isinstance(item, FunctionType)]
    return {module for function in functions for module in _imports(function.__code__)}


def _is_installed(module: str) -> bool:
    file = file_of(module)
    return (
        _top(module) in sys.stdlib_module_names
        or (file is not None and is_installed(file))
        or distribution_of(module) is not None
    )


def _imports(code: CodeType) -> set[str]:
    names = {step.argval for step in dis.get_instructions(code) if step.opname == "IMPORT_NAME"}
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return {str(name) for name in names}.union(*(_imports(constant) for constant in inner))

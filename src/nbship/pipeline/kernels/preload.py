"""Which modules a notebook is going to import, told from its source."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.capture.syntax import parse_cell
from nbship.pipeline.kernels.key import site_folders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec

__all__ = ["NEVER_PRELOADED", "modules_to_preload"]

NEVER_PRELOADED = frozenset(
    {
        # Threads, or state in a device or another process, that a fork does not carry over.
        "cupy",
        "dask.distributed",
        "distributed",
        "jax",
        "mlflow",
        "polars",
        "pyspark",
        "ray",
        "tensorflow",
        "torch.distributed",
        # Asks at its import whether it runs in a kernel.
        "bokeh",
        "holoviews",
        "ipywidgets",
        "panel",
        "tqdm.auto",
        "tqdm.autonotebook",
        # Its import is meant to do something.
        "sklearn.experimental",
        # Kernels bring their own.
        "nbship",
    }
)
"""Modules, each with all that is below it, which a kernel shall import by itself.

A server finds out by itself when a module starts threads, writes, or asks for the shell, and starts over without it; this
list spares it the way. The reasons are those of the libraries' own pages, e.g. "polars and multiprocessing".
"""

_CELL_MAGIC = re.compile(r"\s*%%(\w*)[^\n]*\n?")
_PYTHON_MAGICS = frozenset({"capture", "prun", "snakeviz", "time", "track"})
_SHELL_LINE = re.compile(r"^([ \t]*)(?:[%!?].*|.*\?)$", re.MULTILINE)


def modules_to_preload(notebook: dict[str, Any]) -> tuple[str, ...]:
    """Return the modules that a kernel server may import before it forks a kernel for this notebook.

    They are those of `import` statements that nothing guards, of installed packages. The standard library is left out: most
    of it is in every kernel, the rest is quick, and notebooks that differ in nothing else can share a server. What lives in the user's own folders, or is installed as editable, is not among them: it changes, and it is found from
    the folder that the notebook runs in.

    Parameters
    ----------
    notebook
        The notebook in nbformat 4 JSON. ``metadata.nbship.imports`` names further modules: for the step of a larger
        notebook, those of the whole.

    Returns
    -------
    tuple of str
        Dotted names, sorted. ``sklearn.svm`` stands for ``import sklearn.svm`` as well as ``from sklearn import svm``.
    """
    cells = (cell for cell in notebook.get("cells", ()) if cell.get("cell_type") == "code")
    named = {name for cell in cells for name in _imported(_python(_source(cell)))}
    named |= set(notebook.get("metadata", {}).get("nbship", {}).get("imports", ()))
    return tuple(sorted(name for name in named if _is_wanted(name)))


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _python(source: str) -> str:
    """Return a cell without the lines that are for the shell; empty for a cell in another language."""
    magic = _CELL_MAGIC.match(source)
    if magic is not None:
        source = source[magic.end() :] if magic[1] in _PYTHON_MAGICS else ""
    # A line inside a string changes as well, which no import statement minds.
    return source if parse_cell(source).body else _SHELL_LINE.sub(r"\1pass", source)


def _imported(source: str) -> Iterator[str]:
    for statement in parse_cell(source).body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.module
            yield from (f"{statement.module}.{name}" for name in _submodules(statement))


def _submodules(statement: ast.ImportFrom) -> Iterator[str]:
    """Yield those of the imported names that are files of the package, found without importing it."""
    for folder in _folders(statement.module or ""):
        for alias in statement.names:
            if (folder / alias.name / "__init__.py").is_file() or (folder / f"{alias.name}.py").is_file():
                yield alias.name


def _folders(module: str) -> list[Path]:
    top, *rest = module.split(".")
    spec = _spec(top)
    return [Path(entry, *rest) for entry in (spec and spec.submodule_search_locations) or ()]


def _is_wanted(name: str) -> bool:
    parts = name.split(".")
    if any(".".join(parts[:depth]) in NEVER_PRELOADED for depth in range(1, len(parts) + 1)):
        return False
    return parts[0] not in sys.stdlib_module_names and _is_installed(_spec(parts[0]))


def _spec(top: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(top)
    except (ImportError, ValueError):  # ValueError: a module without a spec is loaded under that name
        return None


def _is_installed(spec: ModuleSpec | None) -> bool:
    if spec is None:
        return False
    places = list(spec.submodule_search_locations or ()) or [spec.origin or ""]
    folders = site_folders()
    return all(any(Path(place).is_relative_to(folder) for folder in folders) for place in places)

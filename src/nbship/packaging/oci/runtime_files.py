"""Which of nbship's own files an image needs: what its server imports, read from the sources."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["runtime_files"]

_ENTRANCES = ("serving/__main__.py", "serving/health.py")
"""What an image starts."""

_PACKAGE_MODULE = "__init__.py"


def runtime_files(package: Path | None = None, entrances: Sequence[str] = _ENTRANCES) -> dict[str, Path]:
    """Return relative path (``nbship/serving/app.py``) to file, for every module that the server can import.

    Parameters
    ----------
    package
        The folder of the package `nbship`; by default the one that runs.
    entrances
        The modules that are started, relative to the folder; by default those of an image.

    Raises
    ------
    PackagingError
        When the folder has no sources, as in an archive of bytecode.
    """
    folder = package or Path(__file__).parents[2]
    waiting = [folder / name for name in entrances]
    if (missing := next((path for path in waiting if not path.is_file()), None)) is not None:
        raise PackagingError(
            f"{missing} is not there: install nbship from its wheel, which has its Python sources"
        )
    found = {folder / _PACKAGE_MODULE, folder / "serving" / _PACKAGE_MODULE}
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path, folder)
    return {str(Path("nbship", path.relative_to(folder))): path for path in sorted(found)}


def _imported(path: Path, package: Path) -> Iterator[Path]:
    """Yield the modules that one imports, wherever it does, and the packages around each."""
    tree = ast.parse(path.read_bytes(), str(path))
    here = ("nbship", *path.relative_to(package).parent.parts)
    for name in _names(tree, here):
        parts = name.split(".")
        if parts[0] == "nbship":
            yield from _files(package, parts[1:])


def _names(node: ast.AST, here: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        around = here[: len(here) - node.level + 1] if node.level else ()
        module = ".".join([*around, *([node.module] if node.module else [])])
        yield from (f"{module}.{alias.name}" for alias in node.names)  # a name may be a module, too
    for child in _run_children(node):
        yield from _names(child, here)


def _run_children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node that run: what only type checkers read is not needed."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        yield from node.orelse
    else:
        yield from ast.iter_child_nodes(node)


def _files(package: Path, parts: list[str]) -> Iterator[Path]:
    """Yield the file of a module and those of the packages around it; the last part may be a name inside."""
    folder = package
    for part in parts:
        if (folder / f"{part}.py").is_file():
            yield folder / f"{part}.py"
            return
        folder /= part
        if not (folder / _PACKAGE_MODULE).is_file():
            return
        yield folder / _PACKAGE_MODULE

"""The direction of dependency, read from the sources."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "nbship"

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"config", "errors", "model"}),
    frozenset({"detection", "display", "hashing", "profiling"}),
    frozenset(
        {
            "capture",
            "gating",
            "monitoring",
            "packaging",
            "pipeline",
            "provenance",
            "recording",
            "serving",
            "store",
        }
    ),
    frozenset({"doctor", "service", "tour", "tracker"}),
    frozenset({"__main__", "cli", "kernel", "labserver", "magics", "widgets"}),
)
"""Rooms and modules of the package, lowest first: each may import from the layers below its own."""

SIBLINGS: dict[str, frozenset[str]] = {
    "__main__": frozenset({"cli"}),
    "config": frozenset({"errors"}),
    "detection": frozenset({"profiling"}),
    "kernel": frozenset({"magics"}),
    "magics": frozenset({"widgets"}),
    "pipeline": frozenset({"capture", "recording"}),
    "profiling": frozenset({"hashing"}),
    "provenance": frozenset({"store"}),
    "recording": frozenset({"store"}),
}
"""What a room may import from its own layer."""

HOMES: dict[str, frozenset[str]] = {
    "IPython": frozenset({"magics"}),
    "docker": frozenset({"packaging"}),
    "mlflow": frozenset({"store"}),
    "uvicorn": frozenset({"serving"}),
}
"""Libraries that only these rooms import, at any depth."""

RESIDENTS: dict[str, frozenset[str]] = {
    "magics": frozenset({"IPython"}),
    "serving": frozenset({"numpy"}),
    "widgets": frozenset({"ipywidgets"}),
    "pipeline/execution/client.py": frozenset({"nbclient"}),
}
"""Heavy libraries that a room or module may import at module level, because nobody imports it without them."""

HEAVY = frozenset(
    tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"][
        "flake8-tidy-imports"
    ]["banned-module-level-imports"]
)


@dataclass(frozen=True)
class Import:
    """One import: what it names, and whether it happens when the module loads or serves type checkers only."""

    line: int
    module: str
    name: str | None
    at_load: bool
    typing_only: bool

    @property
    def library(self) -> str:
        return self.module.partition(".")[0]


def imports_of(tree: ast.AST, package: str) -> Iterator[Import]:
    """Yield every import of a module; `package` is what its relative imports start from."""
    yield from _walk(tree, package, at_load=True, typing_only=False)


def _walk(node: ast.AST, package: str, *, at_load: bool, typing_only: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(node.lineno, alias.name, None, at_load, typing_only)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield Import(node.lineno, _absolute(node, package), alias.name, at_load, typing_only)
    elif isinstance(node, ast.Call) and (dynamic := _dynamic(node)):
        yield Import(node.lineno, dynamic, None, at_load, typing_only)
    inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    guarded = node.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) else ()
    for child in ast.iter_child_nodes(node):
        typing = typing_only or child in guarded
        yield from _walk(child, package, at_load=at_load and not inside and not typing, typing_only=typing)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def _dynamic(node: ast.Call) -> str | None:
    called = ast.unparse(node.func)
    if called not in {"__import__", "import_module", "importlib.import_module"} or not node.args:
        return None
    first = node.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def violations(sources: Path) -> list[str]:
    """Return what the modules below a package folder import against the rules, one line each."""
    found = []
    for path in sorted(sources.rglob("*.py")):
        relative = path.relative_to(sources)
        package = ".".join(["nbship", *relative.parts[:-1]])
        room = relative.parts[0].removesuffix(".py")
        residents = RESIDENTS.get(room, frozenset()) | RESIDENTS.get(relative.as_posix(), frozenset())
        for item in imports_of(ast.parse(path.read_text(encoding="utf-8")), package):
            found += [f"{relative}:{item.line}: {reason}" for reason in _judge(room, item, residents)]
    return found


def _judge(room: str, item: Import, residents: frozenset[str]) -> Iterator[str]:
    if item.library == "nbship":
        yield from _judge_own(room, item)
        return
    if item.at_load and item.library in HEAVY - residents:
        yield f"{item.library} is heavy: import it inside the function that needs it"
    if not item.typing_only and room not in HOMES.get(item.library, {room}):
        yield f"{room} imports {item.library}, which belongs to {', '.join(sorted(HOMES[item.library]))}"
    if room == "model" and item.library not in _STANDARD:
        yield f"model imports {item.library}: standard library only"


def _judge_own(room: str, item: Import) -> Iterator[str]:
    target = _room_of(item)
    if room == "__init__":
        if item.at_load and _LAYER_OF.get(target, 0) > 0:
            yield f"the package imports {target} when it loads: make it lazy"
    elif target == room:
        return
    elif room not in _LAYER_OF:
        yield f"{room} has no layer: add it to LAYERS"
    elif target == "":
        if item.name != "__version__":
            yield f"{room} imports the public names of nbship instead of the room that makes them"
    elif target not in _LAYER_OF:
        yield f"{target} has no layer: add it to LAYERS"
    elif not _may(room, target):
        yield f"{room} imports {target}, against the direction of dependency"


def _room_of(item: Import) -> str:
    """Return the room that an import reaches into; empty for the package itself."""
    parts = item.module.split(".")
    if len(parts) > 1:
        return parts[1]
    return item.name if item.name in _LAYER_OF else ""


def _may(room: str, target: str) -> bool:
    return _LAYER_OF[target] < _LAYER_OF[room] or target in SIBLINGS.get(room, frozenset())


_LAYER_OF = {room: depth for depth, layer in enumerate(LAYERS) for room in layer}
_STANDARD = sys.stdlib_module_names


def test_no_module_imports_against_the_direction_of_dependency():
    assert violations(SOURCES) == []


@pytest.mark.parametrize(
    ("path", "source", "reason"),
    [
        ("capture/a.py", "def f():\n    from nbship.service import runs", "capture imports service"),
        ("capture/a.py", "from nbship.store.mlflow import Store", "capture imports store"),
        ("store/a.py", "from nbship import recording", "store imports recording"),
        ("store/a.py", "from ..recording import journal", "store imports recording"),
        ("service.py", "from nbship.cli import main", "service imports cli"),
        ("cli.py", "import nbship.magics", "cli imports magics"),
        ("display/a.py", "from nbship import fingerprint", "public names"),
        ("capture/a.py", "import nbship", "public names"),
        ("cellar/a.py", "from nbship.model import run", "cellar has no layer"),
        ("service.py", "from nbship.cellar import a", "cellar has no layer"),
        ("model/a.py", "import blake3", "standard library only"),
        ("model/a.py", "from nbship.errors import UsageError", "model imports errors"),
        ("capture/a.py", "def f():\n    import mlflow.tracking", "belongs to store"),
        ("capture/a.py", "def f():\n    importlib.import_module('mlflow')", "belongs to store"),
        ("display/a.py", "def f():\n    from IPython.display import HTML", "belongs to magics"),
        ("hashing/a.py", "import numpy as np", "numpy is heavy"),
        (
            "hashing/a.py",
            "try:\n    import pandas\nexcept ImportError:\n    pandas = None",
            "pandas is heavy",
        ),
        ("store/a.py", "class A:\n    import mlflow", "mlflow is heavy"),
        ("magics/a.py", "import pandas", "pandas is heavy"),
        ("__init__.py", "from nbship.hashing import fingerprint", "make it lazy"),
    ],
)
def test_a_violation_is_found(tmp_path, path, source, reason):
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(source, encoding="utf-8")
    assert any(reason in line for line in violations(tmp_path)), violations(tmp_path)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("recording/a.py", "from nbship.store.mlflow import Store"),
        ("store/a.py", "def f():\n    import mlflow"),
        ("store/a.py", "from .errors import Refusal"),
        ("hashing/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy"),
        ("capture/a.py", "if TYPE_CHECKING:\n    from IPython.core.interactiveshell import InteractiveShell"),
        ("magics/a.py", "from IPython.core.magic import Magics\nfrom nbship import service"),
        ("capture/a.py", "from nbship import __version__"),
        ("model/a.py", "import json\nfrom nbship.model.data import Fingerprint"),
        ("__init__.py", "def __getattr__(name):\n    from nbship.service import runs"),
    ],
)
def test_what_is_allowed_is_not_a_violation(tmp_path, path, source):
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(source, encoding="utf-8")
    assert violations(tmp_path) == []

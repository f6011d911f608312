"""What users may rely on: names that exist, are documented and typed, and cost nothing to import."""

from __future__ import annotations

import inspect
import json
import pkgutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import nbship

PYPROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
HEAVY = set(PYPROJECT["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-module-level-imports"])
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(nbship.__path__, "nbship.")
    if not module.name.endswith(".__main__")
)


def public_names(module: object) -> list[str]:
    return list(getattr(module, "__all__", ()))


def in_order(names: list[str]) -> list[str]:
    """Sort as ruff sorts ``__all__``: constants, then classes, then the rest."""
    return sorted(names, key=lambda name: (0 if name.isupper() else 1 if name[0].isupper() else 2, name))


def test_the_public_names_of_the_package_are_sorted():
    assert nbship.__all__ == in_order(nbship.__all__)
    assert len(set(nbship.__all__)) == len(nbship.__all__)


def test_every_public_name_of_the_package_resolves_and_is_documented():
    undocumented = [
        name for name in nbship.__all__ if name != "__version__" and not inspect.getdoc(getattr(nbship, name))
    ]
    assert undocumented == []


def test_every_public_name_is_offered_for_completion():
    assert set(nbship.__all__) <= set(dir(nbship))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        nbship.no_such_name  # noqa: B018 - reading it is the test


def test_no_room_bears_the_name_of_a_public_function():
    """Importing a subpackage replaces the attribute of that name on the package."""
    rooms = {module.name for module in pkgutil.iter_modules(nbship.__path__)}
    assert rooms.isdisjoint(nbship.__all__)


@pytest.mark.parametrize(
    "statement",
    ["import nbship", "import nbship.cli", "import nbship.service", "import IPython; import nbship.magics"],
)
def test_importing_loads_nothing_heavy(statement, tmp_path):
    loaded = modules_after(statement, tmp_path) - modules_after("pass", tmp_path)
    assert loaded & HEAVY - ({"IPython"} if "IPython" in statement else set()) == set()


def modules_after(statement: str, folder: Path) -> set[str]:
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder
    )
    return set(json.loads(answer.stdout))


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_offers_is_sorted_real_documented_and_typed(name):
    module = import_module(name)
    names = public_names(module)
    assert names == in_order(names)
    assert [missing for missing in names if not hasattr(module, missing)] == []
    assert module.__doc__, f"{name} says nothing about itself"
    assert [fault for offered in names for fault in faults(offered, getattr(module, offered))] == []


def faults(name: str, value: Any) -> Iterator[str]:
    """Yield what a public function or class lacks; other values have no place for it."""
    value = inspect.unwrap(value) if callable(value) else value
    if inspect.isclass(value):
        yield from undocumented(name, value)
        for attribute, function in own_functions(value):
            yield from untyped(f"{name}.{attribute}", function)
    elif inspect.isfunction(value):
        yield from undocumented(name, value)
        yield from untyped(name, value)


def undocumented(name: str, value: Any) -> Iterator[str]:
    # inspect.getdoc would take the docstring of a base class; a dataclass without one gets its signature.
    doc = value.__doc__ or ""
    if not doc.strip() or doc.startswith(f"{name}("):
        yield f"{name} has no docstring"


def own_functions(kind: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the methods that the source of a class defines, properties and constructors included."""
    for attribute, member in vars(kind).items():
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        written = inspect.isfunction(function) and function.__code__.co_filename == source_file(kind)
        if written and (not attribute.startswith("_") or attribute == "__init__"):
            yield attribute, function


def source_file(kind: type) -> str | None:
    return getattr(sys.modules.get(kind.__module__), "__file__", None)


def untyped(name: str, function: Callable[..., Any]) -> Iterator[str]:
    signature = inspect.signature(function)
    if signature.return_annotation is inspect.Signature.empty:
        yield f"{name} does not say what it returns"
    for parameter in list(signature.parameters.values()):
        if parameter.annotation is inspect.Parameter.empty and parameter.name not in {"self", "cls"}:
            yield f"{name} does not say what {parameter.name} is"


def test_what_is_missing_is_found():
    class Bare:
        def method(self, value): ...

    def function(value): ...

    assert list(faults("Bare", Bare)) == [
        "Bare has no docstring",
        "Bare.method does not say what it returns",
        "Bare.method does not say what value is",
    ]
    assert list(faults("function", function)) == [
        "function has no docstring",
        "function does not say what it returns",
        "function does not say what value is",
    ]

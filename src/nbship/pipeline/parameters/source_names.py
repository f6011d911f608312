"""How injected source names a class without binding a name: through an import of the notebook, or ``__import__``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbship.pipeline.parameters.cell_python import body_python, parse_python
from nbship.pipeline.parameters.imported_names import imported_names

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["SourceNames"]

_IMPORTS = (ast.Import, ast.ImportFrom)


class SourceNames:
    """The names that injected source can use.

    Parameters
    ----------
    declared
        Source of the notebook's own parameters cell.
    bound
        Names that the injected cell binds itself: they mean something else from then on.
    """

    def __init__(self, declared: str, bound: Collection[str]) -> None:
        statements = _statements(declared)
        shadowed = set(bound)
        for statement in statements:
            if not isinstance(statement, _IMPORTS):
                shadowed |= _bound_names(statement)
        imports = imported_names(statements)
        known = {name: target for name, target in imports.items() if name not in shadowed}
        self._shadowed = shadowed | imports.keys()
        self._by_target = {target: name for name, target in known.items()}

    def builtin(self, name: str) -> str:
        """Return an expression for a builtin: its own name, unless the notebook uses that for something else."""
        return name if name not in self._shadowed else f'__import__("builtins").{name}'

    def of(self, module: str, path: str) -> str:
        """Return an expression for part of a module, e.g. ``np.int64`` for ``("numpy", "int64")``."""
        direct = self._by_target.get(f"{module}.{path}")
        if direct is not None:
            return direct
        owner, _, rest = path.partition(".")
        class_name = self._by_target.get(f"{module}.{owner}") if rest else None
        if class_name is not None:
            return f"{class_name}.{rest}"
        known = self._by_target.get(module)
        if known is not None:
            return f"{known}.{path}"
        inside = f', fromlist=["{owner}"]' if "." in module else ""
        return f'__import__("{module}"{inside}).{path}'


def _statements(source: str) -> list[ast.stmt]:
    try:
        return parse_python(body_python(source)).body
    except SyntaxError:
        return []


def _bound_names(statement: ast.stmt) -> set[str]:
    """Return every name that a statement may bind at the top; a name too many does no harm."""
    names = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, _IMPORTS):  # inside a branch: what the name stands for is not certain
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return names

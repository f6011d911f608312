"""What the names of a cell stand for: ``pd`` for ``pandas``, ``Path`` for ``pathlib.Path``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["imported_names", "qualified"]

# What a name means in a cell that binds it by no import of the notebook, e.g. through ``from typing import *``.
_USUAL = {
    "np": "numpy",
    "pd": "pandas",
    "dt": "datetime",
    "date": "datetime.date",
    "timedelta": "datetime.timedelta",
    "timezone": "datetime.timezone",
    "Path": "pathlib.Path",
    "Decimal": "decimal.Decimal",
    "Fraction": "fractions.Fraction",
    "UUID": "uuid.UUID",
    "Timestamp": "pandas.Timestamp",
    "Timedelta": "pandas.Timedelta",
    "Secret": "nbship.Secret",
}


def imported_names(statements: Iterable[ast.stmt]) -> dict[str, str]:
    """Return the names that imports at the top bind, with the module or the part of a module that each stands for."""
    names: dict[str, str] = {}
    for statement in statements:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            for alias in statement.names:
                names[alias.asname or alias.name] = f"{statement.module}.{alias.name}"
    names.pop("*", None)
    return names


def qualified(node: ast.expr, imports: Mapping[str, str]) -> str:
    """Return the dotted name that an expression stands for, e.g. ``datetime.date`` for ``dt.date``; else ``""``."""
    if isinstance(node, ast.Name):
        return imports.get(node.id) or _USUAL.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        owner = qualified(node.value, imports)
        # A cell that says `datetime.date` without an import means the module.
        return f"{owner}.{node.attr}" if owner else ""
    return ""

"""The tables of ``pipeline.toml``: which keys each knows, and what may stand behind them."""

from __future__ import annotations

import math
import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.pipeline.definition.graph import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["STEP_FIELDS", "TOP_FIELDS", "check_fields", "check_name"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def check_name(name: str, what: str, where: str) -> None:
    """Raise UsageError where a step or an artifact has a name that could not be written in a command or a file name."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{where}: {what} {name!r} has no usable name: begin with a letter, and use letters, digits, _ and -"
        )


def check_fields(table: dict[str, Any], fields: dict[str, Callable[[Any], str]], where: str) -> None:
    """Raise UsageError for a key that the table does not know, or a value of the wrong kind."""
    for key, value in table.items():
        if key not in fields:
            raise UsageError(f"{where}: unknown key {key!r}. {nearest(key, fields)}")
        problem = fields[key](value)
        if problem:
            raise UsageError(f"{where}: {key} {problem}, not {value!r}")


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and value else "is text"


def _any_text(value: Any) -> str:
    return "" if isinstance(value, str) else "is text"


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "is true or false"


def _count(value: Any) -> str:
    return "" if type(value) is int and value >= 0 else "is a number of times, 0 or more"


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _wait(value: Any) -> str:
    return "" if _is_number(value) and value >= 0 else "is a number of seconds, 0 or more"


def _seconds(value: Any) -> str:
    return "" if _is_number(value) and value > 0 else "is a number of seconds above 0"


def _names(value: Any) -> str:
    fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return "" if fits else "is a list of names"


def _table(value: Any) -> str:
    return "" if isinstance(value, dict) else "is a table"


def _texts(value: Any) -> str:
    fits = isinstance(value, dict) and all(isinstance(item, str) and item for item in value.values())
    return "" if fits else "is a table of texts"


def _amounts(value: Any) -> str:
    fits = isinstance(value, dict) and all(_is_number(item) and item > 0 for item in value.values())
    return "" if fits else "is a table of numbers above 0"


def _inside(value: Any) -> str:
    """Say what is wrong with the paths of outputs: all of them lie in the pipeline's folder."""
    problem = _texts(value)
    if problem:
        return problem
    return "" if all(map(_is_inside, value.values())) else "are paths inside the pipeline's folder"


def _is_inside(path: str) -> bool:
    if PureWindowsPath(path).drive or PurePosixPath(path).is_absolute() or path.startswith(("~", "\\")):
        return False
    depth = 0
    for part in PurePosixPath(path.replace("\\", "/")).parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            return False
    return depth > 0


TOP_FIELDS: dict[str, Callable[[Any], str]] = {
    "name": _text,
    "description": _any_text,
    "sources": _texts,
    "steps": _table,
}
STEP_FIELDS: dict[str, Callable[[Any], str]] = {
    "notebook": _text,
    "inputs": _names,
    "outputs": _inside,
    "parameters": _table,
    "retries": _count,
    "retry_wait_seconds": _wait,
    "timeout_seconds": _seconds,
    "cell_timeout_seconds": _seconds,
    "after": _names,
    "cache": _flag,
    "kernel": _text,
    "resources": _amounts,
    "secrets": _texts,
}

"""Cells as plain Python: what IPython makes of magics and ``!`` lines, without IPython and line by line.

A line stays on its line, so that positions found in the Python are positions in the cell.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from typing import Any

__all__ = [
    "body_python",
    "cell_magic",
    "cell_tags",
    "is_python",
    "parse_python",
    "plain_python",
    "tagged_cell",
]

_CELL_MAGIC = re.compile(r"\s*%%(\S+)[ \t]*([^\n]*)\n?")
_RUNS_ITS_BODY = frozenset({"time", "capture", "track"})
_INDENT = re.compile(r"(?:[ \t]*\n)*([ \t]+)(?=\S)")
_MAGIC_LINE = re.compile(r"(\s*)(?:([\w.,\s\[\]'\"]+?)\s*=\s*)?([%!])(?![=])\s*(.*)", re.DOTALL)
_HELP_LINE = re.compile(r"(\s*)\?{1,2}%{0,2}[\w.*%]+|(\s*)%{0,2}[\w.*]+\?{1,2}\s*")


def is_python(notebook: dict[str, Any]) -> bool:
    """Say whether the cells of a notebook are Python; a notebook that does not say so counts as Python."""
    metadata = notebook.get("metadata", {})
    language = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language")
    return str(language or "python").lower() in ("python", "ipython")


def cell_tags(cell: dict[str, Any]) -> tuple[str, ...]:
    """Return the tags of a cell."""
    tags = cell.get("metadata", {}).get("tags", ())
    return tuple(tags) if isinstance(tags, list | tuple) else ()


def tagged_cell(notebook: dict[str, Any], tag: str = "parameters") -> int | None:
    """Return the position of the first cell with a tag, the one that papermill takes; None where there is none."""
    return next((index for index, cell in enumerate(notebook["cells"]) if tag in cell_tags(cell)), None)


def cell_magic(source: str) -> str | None:
    """Return the name of the cell magic, e.g. ``bash`` for a cell that starts with ``%%bash``."""
    found = _CELL_MAGIC.match(source)
    return found[1] if found else None


def plain_python(source: str) -> str:
    """Return a cell as Python; magics become calls of ``get_ipython()`` as in IPython."""
    source = _dedented(source.replace("\r\n", "\n").replace("\r", "\n"))
    found = _CELL_MAGIC.match(source)
    if found:
        body = source[found.end() :]
        return f"get_ipython().run_cell_magic({found[1]!r}, {found[2]!r}, {plain_python(body)!r})\n"
    if not any(mark in source for mark in "%!?") or _parses(source):
        return source
    return "".join(_lines(source))


def body_python(source: str) -> str:
    """Return a cell as Python; where its magic runs the rest in the namespace of the notebook, only that rest."""
    found = _CELL_MAGIC.match(source)
    if found is None or found[1] not in _RUNS_ITS_BODY:
        return plain_python(source)
    return "\n" * found[0].count("\n") + plain_python(source[found.end() :])


def _dedented(source: str) -> str:
    """Take away the indentation of the first line from every line, as IPython does."""
    indent = _INDENT.match(source)
    if indent is None:
        return source
    return "".join(line.removeprefix(indent[1]) for line in source.splitlines(keepends=True))


def parse_python(source: str) -> ast.Module:
    """Parse Python without showing its warnings.

    Raises
    ------
    SyntaxError
        When it is none; null bytes and nesting that Python refuses included.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or type(error).__name__) from error


def _parses(source: str) -> bool:
    try:
        parse_python(source)
    except SyntaxError:
        return False
    return True


def _lines(source: str) -> list[str]:
    done: list[str] = []
    lines = iter(source.splitlines(keepends=True))
    for line in lines:
        if not _may_be_magic(line) or not _is_complete("".join(done)):
            done.append(line)
            continue
        text, extra = line.rstrip("\n"), 0
        while text.endswith("\\"):
            text, extra = f"{text[:-1]} {next(lines, '').rstrip()}", extra + 1
        done.append(_translated(text) + "\n" * (1 + extra))
    return done


def _may_be_magic(line: str) -> bool:
    return bool(_MAGIC_LINE.fullmatch(line.rstrip("\n")) or _HELP_LINE.fullmatch(line.rstrip("\n")))


def _is_complete(before: str) -> bool:
    """Say whether a new statement can begin after this text: no bracket and no long string is open."""
    if before.endswith("\\\n"):
        return False
    try:
        for _ in tokenize.generate_tokens(io.StringIO(before).readline):
            pass
    except tokenize.TokenError:
        return False
    except SyntaxError:  # an indentation that does not fit; not for us to judge
        return True
    return True


def _translated(line: str) -> str:
    found = None if _HELP_LINE.fullmatch(line) else _MAGIC_LINE.fullmatch(line)
    if found is None:
        return f"{line[: len(line) - len(line.lstrip())]}pass"
    indent, target, mark, rest = found.groups()
    start = f"{indent}{target} = " if target else indent
    if mark == "!":
        method = "getoutput" if target else "system"
        return f"{start}get_ipython().{method}({rest.lstrip('!')!r})"
    name, _, arguments = rest.lstrip("%").partition(" ")
    return f"{start}get_ipython().run_line_magic({name!r}, {arguments!r})"

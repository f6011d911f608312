"""Trailing comments of a parameters cell: papermill's ``# type: int  help text``, read by tokens."""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass

__all__ = ["Comment", "trailing_comments"]

_TYPE = re.compile(r"type:\s*(.*)", re.DOTALL)
_IGNORE = re.compile(r"ignore(\[[^\]]*\])?(?=\s|#|$)\s*#?\s*")
_FOR_TOOLS = re.compile(r"#?\s*\b(?:noqa|pylint|pragma|nosec|fmt|isort|ruff|mypy|pyright)\b:?.*", re.DOTALL)
_CLOSING = {"[": "]", "(": ")", "{": "}"}


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment after a statement; `type` is empty without ``type:``."""

    type: str = ""
    help: str = ""


def trailing_comments(source: str) -> dict[int, Comment]:
    """Return the comments that follow code on their line, by line number from 1."""
    found: dict[int, Comment] = {}
    code_on: set[int] = set()
    for token in _tokens(source):
        if token.type == tokenize.COMMENT:
            if token.start[0] in code_on:
                found[token.start[0]] = _read(token.string.lstrip("#").strip())
        elif token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            code_on.add(token.end[0])
    return found


def _tokens(source: str) -> list[tokenize.TokenInfo]:
    try:
        return list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return []


def _read(text: str) -> Comment:
    found = _TYPE.fullmatch(text)
    if found is None:
        return Comment(help=_for_people(text))
    ignored = _IGNORE.match(found[1])
    if ignored:
        return Comment(help=_for_people(found[1][ignored.end() :]))
    end = _end_of_type(found[1])
    return Comment(found[1][:end].strip(), _for_people(found[1][end:].lstrip("# ").strip()))


def _for_people(text: str) -> str:
    return _FOR_TOOLS.sub("", text).strip() if _FOR_TOOLS.match(text) or "#" in text else text.strip()


def _end_of_type(text: str) -> int:
    """Return where a type ends: at the first blank outside of brackets that is not around a ``|``."""
    open_brackets: list[str] = []
    for index, sign in enumerate(text):
        if sign in _CLOSING:
            open_brackets.append(_CLOSING[sign])
        elif open_brackets and sign == open_brackets[-1]:
            open_brackets.pop()
        elif sign.isspace() and not open_brackets and not _around_bar(text, index):
            return index
    return len(text)


def _around_bar(text: str, index: int) -> bool:
    return text[:index].rstrip().endswith("|") or text[index:].lstrip().startswith("|")

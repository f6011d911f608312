"""Texts of a command line to values, by the type that the notebook declares."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from nbship.model.parameter import ParameterKind, ParameterType
from nbship.pipeline.parameters.constants import NOT_LITERAL, constant_text
from nbship.pipeline.parameters.types import type_of_value
from nbship.pipeline.parameters.value_coercion import coerce
from nbship.pipeline.parameters.value_limits import Mismatch, check_limits

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["papermill_value", "parse_text"]

_Kind = ParameterKind
_WORDS = {
    **dict.fromkeys(["true", "yes", "on", "1"], True),
    **dict.fromkeys(["false", "no", "off", "0"], False),
}
_NULLS = frozenset({"None", "none", "null"})
_BRACKETS = {"[": "]", "(": ")", "{": "}"}
_MAX_EXPONENT = 400


def papermill_value(text: str) -> Any:
    """Return what papermill's ``-p`` makes of a text, where no type is declared."""
    if text in ("True", "False", "None"):
        return {"True": True, "False": False, "None": None}[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def parse_text(kind: ParameterType, text: str) -> Any:
    """Return the value that a text stands for.

    Parameters
    ----------
    kind
        The type of the parameter. A text stays the text it is for ``str``. Lists, tuples and sets are JSON, a Python
        literal, or items separated by commas; dictionaries JSON or a Python literal; dates are ISO 8601.
    text
        As it was typed.

    Raises
    ------
    Mismatch
        When the text does not fit.
    """
    if kind.kind is not _Kind.ANY and text.strip() in _NULLS and (kind.nullable or kind.kind is _Kind.NONE):
        return None
    parser = _PARSERS.get(kind.kind)
    if parser is None:
        return coerce(kind, text)
    value = parser(kind, text)
    check_limits(kind, value)
    return value


def _any(_kind: ParameterType, text: str) -> Any:
    return papermill_value(text)


def _bool(_kind: ParameterType, text: str) -> Any:
    word = text.strip().lower()
    if word not in _WORDS:
        raise Mismatch
    return _WORDS[word]


def _int(_kind: ParameterType, text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return _integral(text)


def _integral(text: str) -> int:
    """Read ``0x1f``, ``1e6`` and ``3.0``."""
    try:
        return int(text, 0)
    except ValueError:
        pass
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise Mismatch from error
    if not number.is_finite() or number.adjusted() > _MAX_EXPONENT or number != number.to_integral_value():
        raise Mismatch
    return int(number)


def _float(_kind: ParameterType, text: str) -> Any:
    try:
        return float(text)
    except ValueError as error:
        raise Mismatch from error


def _items(kind: ParameterType, text: str) -> Any:
    value = _structure(text)
    if isinstance(value, list | tuple | set | frozenset):
        return coerce(kind, value)
    parts = _split(text)
    if kind.kind is _Kind.TUPLE and kind.args and not kind.variadic:
        if len(parts) != len(kind.args):
            raise Mismatch
        return tuple(parse_text(item, part) for item, part in zip(kind.args, parts, strict=True))
    item_kind = kind.args[0] if kind.args else ParameterType()
    return coerce(kind, [parse_text(item_kind, part) for part in parts])


def _dict(kind: ParameterType, text: str) -> Any:
    return coerce(kind, _structure(text))


def _structure(text: str) -> Any:
    """Return what JSON or a Python literal gives; `NOT_LITERAL` for anything else."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return constant_text(text) if text.strip()[:1] in _BRACKETS or "set(" in text else NOT_LITERAL


def _split(text: str) -> list[str]:
    """Split at commas; brackets around the whole are what a shell leaves of ``["a","b"]``."""
    text = text.strip()
    if text and _BRACKETS.get(text[0]) == text[-1]:
        text = text[1:-1]
    if re.search(r"[\[\](){}\"']", text):
        raise Mismatch
    return [part.strip() for part in text.split(",")] if text.strip() else []


def _choice(kind: ParameterType, text: str) -> Any:
    if text in kind.choices:
        return text
    for choice in kind.choices:
        try:
            if not isinstance(choice, str) and parse_text(type_of_value(choice), text) == choice:
                return choice
        except Mismatch:
            continue
    raise Mismatch


def _union(kind: ParameterType, text: str) -> Any:
    # A text fits `str` always, so `str` comes last.
    for member in sorted(kind.args, key=lambda member: member.kind is _Kind.STR):
        try:
            return parse_text(member, text)
        except Mismatch:
            continue
    raise Mismatch


_PARSERS: dict[ParameterKind, Callable[[ParameterType, str], Any]] = {
    _Kind.ANY: _any,
    _Kind.BOOL: _bool,
    _Kind.INT: _int,
    _Kind.FLOAT: _float,
    _Kind.LIST: _items,
    _Kind.TUPLE: _items,
    _Kind.SET: _items,
    _Kind.FROZENSET: _items,
    _Kind.DICT: _dict,
    _Kind.CHOICE: _choice,
    _Kind.UNION: _union,
}

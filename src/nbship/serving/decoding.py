"""Bytes to JSON values, in bounded memory."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

import orjson

from nbship.serving.problems import BadRequestError, Reason

__all__ = ["MAX_CONTAINERS", "Infinite", "decode_json", "decode_text"]

MAX_CONTAINERS = 500_000
"""How many brackets a body may hold: an empty list takes two bytes of a body, but about 100 of memory."""

_MARKS = (b"NaN", b"Infinity")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_INFINITE_NUMBER = "number is infinity"
_DIGITS_OF_64_BITS = 21


class Infinite(float):
    """A number that no float holds; its own type lets a column tell it from one by type alone."""

    __slots__ = ()


def decode_json(body: bytes) -> Any:
    """Return the JSON value of `body`.

    Beyond the standard, ``NaN`` is read as null and ``Infinity`` as `Infinite`: Python clients write them.

    Raises
    ------
    BadRequestError
        When it is no JSON, no UTF-8, or more deeply nested than 1,000 levels.
    """
    if len(body) > MAX_CONTAINERS and body.count(b"[") + body.count(b"{") > MAX_CONTAINERS:
        message = f"the body has more than {MAX_CONTAINERS:,} lists and objects"
        raise BadRequestError.of(Reason.TOO_LARGE, message, status=413)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return _decode_beyond_the_standard(body, error)


def decode_text(body: bytes) -> str:
    """Return the text of `body`, which must be UTF-8."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequestError.of(Reason.ENCODING, f"the body is no UTF-8 at byte {error.start}") from None


def _decode_beyond_the_standard(body: bytes, error: orjson.JSONDecodeError) -> Any:
    text = decode_text(body)
    if not body.startswith(_BYTE_ORDER_MARK) and not _has_odd_numbers(body, error):
        _refuse(error)
    try:
        return json.loads(text, parse_constant=_constant, parse_float=_number, parse_int=_integer)
    except json.JSONDecodeError as again:
        _refuse(again)
    except RecursionError:
        raise BadRequestError.of(Reason.JSON, "the body is nested too deeply") from None


def _has_odd_numbers(body: bytes, error: orjson.JSONDecodeError) -> bool:
    return error.msg.startswith(_INFINITE_NUMBER) or any(mark in body for mark in _MARKS)


def _refuse(error: json.JSONDecodeError) -> NoReturn:
    message = f"the body is no JSON: line {error.lineno}, column {error.colno}"
    raise BadRequestError.of(Reason.JSON, message) from None


def _constant(name: str) -> Any:
    return None if name == "NaN" else Infinite(name)


def _number(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else Infinite(value)


def _integer(text: str) -> Any:
    # As orjson does: what 64 bits do not hold is a float. Long rows of digits never become an int, which would
    # take quadratic time.
    if len(text) > _DIGITS_OF_64_BITS:
        return _number(text)
    value = int(text)
    return value if -(2**63) <= value < 2**64 else float(value)

"""Long rows of numbers as short text: base64 of what their bytes need, exact to the last bit."""

from __future__ import annotations

import base64
import math
import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median_low
from typing import Any

__all__ = ["pack_counts", "pack_edges", "unpack_counts", "unpack_edges"]

_DECIMALS = range(5)
_WHOLE = 2**53


def pack_edges(edges: Sequence[float | int]) -> dict[str, Any]:
    """Return ascending numbers as a JSON object.

    Returns
    -------
    dict
        ``{"integers": text}`` for ints: the first one and the differences, as varints, in multiples of ``step``.
        ``{"decimals": n, ...}`` for doubles that are ints over ``10 ** n``, up to four. Else ``{"float32": text}`` when
        that loses nothing, or ``{"float64": text}``, both little-endian.
    """
    if all(isinstance(edge, int) for edge in edges):
        return _pack_integers([int(edge) for edge in edges])
    doubles = [float(edge) for edge in edges]
    for decimals in _DECIMALS:
        whole = _on_grid(doubles, 10**decimals)
        if whole is not None:
            return {"decimals": decimals, **_pack_integers(whole)}
    short = _fits_float32(doubles)
    return {"float32" if short else "float64": _doubles_text(doubles, "f" if short else "d")}


def unpack_edges(packed: dict[str, Any]) -> tuple[float | int, ...]:
    """Return the numbers that `pack_edges` packed.

    Raises
    ------
    ValueError
        When the object is none of its forms.
    """
    if "integers" in packed:
        whole = _unpack_integers(packed)
        if "decimals" not in packed:
            return tuple(whole)
        scale = 10 ** packed["decimals"]
        return tuple(number / scale for number in whole)
    for key, code in (("float32", "f"), ("float64", "d")):
        if key in packed:
            return tuple(_text_doubles(packed[key], code))
    raise ValueError(f"edges are packed in an unknown way: {', '.join(map(str, packed))}")


def pack_counts(counts: Sequence[int]) -> dict[str, Any]:
    """Return counts as their differences from the median, which is what bins of equal mass have."""
    usual = median_low(counts) if counts else 0
    return {"usual": usual, "differences": _varints(_fold(count - usual) for count in counts)}


def unpack_counts(packed: dict[str, Any]) -> tuple[int, ...]:
    """Return the counts that `pack_counts` packed."""
    return tuple(packed["usual"] + _unfold(number) for number in _numbers(packed["differences"]))


def _pack_integers(numbers: Sequence[int]) -> dict[str, Any]:
    steps = [after - before for before, after in pairwise(numbers)]
    unit = math.gcd(*numbers) or 1
    first = [_fold(number // unit) for number in numbers[:1]]
    return {"step": unit, "integers": _varints([*first, *(_fold(step // unit) for step in steps)])}


def _unpack_integers(packed: dict[str, Any]) -> list[int]:
    numbers: list[int] = []
    for number in _numbers(packed["integers"]):
        numbers.append(_unfold(number) + (numbers[-1] if numbers else 0))
    return [number * packed["step"] for number in numbers]


def _on_grid(doubles: Sequence[float], scale: int) -> list[int] | None:
    whole = []
    for double in doubles:
        if abs(double) * scale >= _WHOLE or (number := round(double * scale)) / scale != double:
            return None
        whole.append(number)
    return whole


def _fits_float32(doubles: list[float]) -> bool:
    return array("f", doubles).tolist() == doubles


def _doubles_text(doubles: Iterable[float], code: str) -> str:
    numbers = array(code, doubles)
    if sys.byteorder == "big":
        numbers.byteswap()
    return _text(numbers.tobytes())


def _text_doubles(text: str, code: str) -> Sequence[float]:
    numbers = array(code, base64.b64decode(text, validate=True))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _fold(number: int) -> int:
    """Return 0, 1, 2, 3, ... for 0, -1, 1, -2, ..."""
    return 2 * number if number >= 0 else -2 * number - 1


def _unfold(number: int) -> int:
    return -(number + 1) // 2 if number % 2 else number // 2


def _varints(numbers: Iterable[int]) -> str:
    """Return numbers from 0 as bytes of seven bits, low ones first; the eighth says that more follow.

    Source: https://protobuf.dev/programming-guides/encoding/#varints
    """
    whole = list(numbers)
    if not whole or max(whole) < 0x80:  # noqa: PLR2004 - all of them in seven bits
        return _text(bytes(whole))
    data = bytearray()
    for number in whole:
        while number > 0x7F:  # noqa: PLR2004 - seven bits
            data.append(number & 0x7F | 0x80)
            number >>= 7  # noqa: PLW2901 - what is left of it
        data.append(number)
    return _text(bytes(data))


def _numbers(text: str) -> list[int]:
    numbers, number, shift = [], 0, 0
    for byte in base64.b64decode(text, validate=True):
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the eighth bit
            numbers.append(number)
            number = shift = 0
    return numbers

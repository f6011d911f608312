"""Durations as people write them: ISO 8601, Python's own text, a clock, or seconds."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

__all__ = ["parse_duration"]

_NUMBER = r"\d+(?:\.\d+)?"
_ISO = re.compile(
    rf"(?P<sign>[+-])?P(?=.)(?:(?P<weeks>{_NUMBER})W)?(?:(?P<days>{_NUMBER})D)?"
    rf"(?:T(?=.)(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?(?:(?P<seconds>{_NUMBER})S)?)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:(?P<days>-?\d+)\s*days?(?:,\s*|\s+|$))?(?:(?P<hours>\d+):(?P<minutes>\d\d)(?::(?P<seconds>\d\d(?:\.\d{1,6})?))?)?"
)
_SECONDS = re.compile(rf"(?P<sign>[+-])?(?P<seconds>{_NUMBER})\s*(?P<unit>us|ms|s|min|h|d|w)?")
_UNITS = {
    "us": "microseconds",
    "ms": "milliseconds",
    "min": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
}


def parse_duration(text: str) -> timedelta:
    """Return the duration that a text gives.

    Parameters
    ----------
    text
        ``P1DT2H30M``, ``1 day, 2:30:00``, ``02:30:00``, ``90`` (seconds), or a number with a unit of ``us``, ``ms``,
        ``s``, ``min``, ``h``, ``d`` and ``w``.

    Raises
    ------
    ValueError
        When the text is none of these.
    """
    text = text.strip()
    number = _SECONDS.fullmatch(text)
    if number:
        unit = _UNITS.get(number["unit"] or "s", "seconds")
        return _signed(number["sign"], {unit: number["seconds"]})
    found = _ISO.fullmatch(text) or (_CLOCK.fullmatch(text) if text else None)
    if found is None:
        raise ValueError(f"no duration: {text!r}")
    parts = found.groupdict()
    return _signed(parts.pop("sign", None), {name: amount for name, amount in parts.items() if amount})


def _signed(sign: str | None, parts: dict[str, str]) -> timedelta:
    microseconds = sum((Decimal(amount) * _MICROSECONDS[unit] for unit, amount in parts.items()), Decimal(0))
    if microseconds != int(microseconds):
        raise ValueError("finer than a microsecond")
    try:
        total = timedelta(microseconds=int(microseconds))
    except OverflowError as error:
        raise ValueError("too long a duration") from error
    return -total if sign == "-" else total


_MICROSECONDS = {
    "microseconds": 1,
    "milliseconds": 1_000,
    "seconds": 1_000_000,
    "minutes": 60_000_000,
    "hours": 3_600_000_000,
    "days": 86_400_000_000,
    "weeks": 604_800_000_000,
}

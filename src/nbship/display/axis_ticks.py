"""Where the ticks of an axis stand: round numbers, and round moments of a calendar."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

__all__ = ["number_ticks", "time_ticks"]

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_DAY = 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIXED: tuple[int, ...] = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)
_FIXED += (
    3600,
    7200,
    10_800,
    21_600,
    43_200,
    86_400,
    172_800,
    604_800,
    1_209_600,
)  # seconds, up to two weeks
_MONTHS = (1, 2, 3, 6)
_LARGE, _SMALL = 1e6, 1e-4


def number_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return at most `most` round numbers between two, with their texts.

    The step is 1, 2, 2.5 or 5 times a power of ten, as in Heckbert, "Nice numbers for graph labels", Graphics Gems
    (1990).
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high) or most < 1:
        return []
    step = _step(high - low, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    while last - first + 1 > most:
        step = _step(step * most * 1.01, most)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [at * step for at in range(first, last + 1)]
    return [(value, _number_text(value, step)) for value in values]


def _step(span: float, most: int) -> float:
    rough = span / most
    if rough <= 0 or not math.isfinite(rough):
        return math.inf
    power = 10.0 ** math.floor(math.log10(rough))
    return next((factor * power for factor in _STEPS if factor * power >= rough * (1 - 1e-9)), 10 * power)


def _number_text(value: float, step: float) -> str:
    if value and (abs(value) >= _LARGE or step < _SMALL):
        text = f"{value:.4g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    else:
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        # A step of 2.5 needs a digit more than its power of ten.
        digits += round(step * 10**digits, 6) % 1 != 0
        text = f"{value:,.{digits}f}"
    return text.replace("-", "−")


def time_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return at most `most` round moments (UTC) between two, both in seconds since the epoch, with their texts."""
    try:
        first, last = (_EPOCH + timedelta(seconds=value) for value in (low, high))
    except (OverflowError, ValueError):
        return []  # a calendar has no such year
    if not low < high or most < 1:
        return []
    fixed = next((step for step in _FIXED if (high - low) / step <= most - 1), None)
    if fixed is not None:
        start = math.ceil(low / fixed) * fixed
        moments = [_EPOCH + timedelta(seconds=at) for at in range(start, math.floor(high) + 1, fixed)]
        return [(at.timestamp(), _moment_text(at, fixed)) for at in moments]
    return _calendar_ticks(first, last, most)


def _calendar_ticks(first: datetime, last: datetime, most: int) -> list[tuple[float, str]]:
    begin, end = (12 * at.year + at.month - 1 for at in (first, last))
    step = next((step for step in _MONTHS if (end - begin) / step <= most - 1), 0)
    step = step or 12 * max(math.ceil(_step((end - begin) / 12, max(most - 1, 1))), 1)
    months = (divmod(at, 12) for at in range(math.ceil(begin / step) * step, end + 1, step))
    found = [datetime(max(year, 1), month + 1, 1, tzinfo=UTC) for year, month in months]
    text = "%Y-%m" if step % 12 else "%Y"
    return [(at.timestamp(), at.strftime(text)) for at in found if first <= at <= last][:most]


def _moment_text(at: datetime, step: int) -> str:
    if step >= _DAY:
        return f"{at:%Y-%m-%d}"
    midnight = (at.hour, at.minute, at.second) == (0, 0, 0)
    minutes = 60
    return f"{at:%m-%d}" if midnight else f"{at:%H:%M}" if step >= minutes else f"{at:%H:%M:%S}"

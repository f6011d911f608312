"""Points in time as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["iso"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(seconds_since_epoch: float, *, seconds: bool = True) -> str:
    """Return a point in time as ISO 8601 text, in UTC and without saying so; with `seconds` False to the minute.

    What lies beyond the calendar, which ends with the years 1 and 9999, becomes its end.
    """
    try:
        moment = _EPOCH + timedelta(microseconds=round(seconds_since_epoch * 1e6))
    except OverflowError:
        moment = datetime.max if seconds_since_epoch > 0 else datetime.min  # noqa: DTZ901 - naive below anyway
    naive = moment.replace(tzinfo=None)
    if not seconds:
        return (
            naive.strftime("%Y-%m-%d")
            if not naive.hour + naive.minute
            else naive.isoformat(timespec="minutes")
        )
    return naive.isoformat(timespec="seconds" if not naive.microsecond else "microseconds")

"""Cut the rows of a table into windows: by count, or by periods of a column of times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.profile import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.profiling.table import Column, Table

__all__ = ["Cut", "Cuts", "cut_rows"]

_MOST = 1000
_DAY = 86_400_000_000_000
_ALIASES = {"MS": "M", "ME": "M", "QS": "Q", "QE": "Q", "YS": "Y", "YE": "Y"}


@dataclass(frozen=True, slots=True)
class Cut:
    """The rows of one window: a slice, or an int array of positions in ascending order."""

    label: str
    rows: Any
    count: int
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Cuts:
    """All windows; `time` is the column they were cut by, None for windows by count."""

    windows: tuple[Cut, ...]
    time: str | None = None
    notes: tuple[str, ...] = ()


def cut_rows(table: Table, by: str, time: str | None) -> Cuts:
    """Cut a table into windows.

    Parameters
    ----------
    by, time
        As in `nbship.model.drift.DriftOptions`.

    Raises
    ------
    UsageError
        When `by` is no window, there is no such column of times, or more than 1,000 windows come out.
    """
    text = by.strip()
    count = _count(text, table.rows)
    if count is not None:
        _check_number(-(-table.rows // count), by)
        return Cuts(tuple(_by_count(table.rows, count)))
    column = _time_column(table, by, time)
    return _by_period(column, text)


def _count(text: str, rows: int) -> int | None:
    """Return the rows a window, or None where `text` is a period."""
    parts = text.startswith("/")
    if not text.removeprefix("/").isdecimal():
        return None
    number = int(text.removeprefix("/"))
    if not number:
        raise UsageError(f"by = {text!r}: a window has at least one row; write by='1000' or by='/12'")
    return max(1, -(-rows // number)) if parts else number


def _check_number(windows: int, by: str) -> None:
    if windows > _MOST:
        raise UsageError(
            f"by = {by!r} makes {windows:,} windows; at most {_MOST:,} are compared: take longer ones"
        )


def _by_count(rows: int, count: int) -> Iterator[Cut]:
    for start in range(0, rows, count):
        end = min(rows, start + count)
        yield Cut(f"rows {start + 1:,}-{end:,}", slice(start, end), end - start)


def _time_column(table: Table, by: str, time: str | None) -> Column:
    times = [column for column in table.columns if column.kind is ColumnKind.DATETIME]
    if time is not None:
        column = table.column(time)
        if column is None or column not in times:
            raise UsageError(f"time = {time!r} is no column of times of the current data; {_listed(times)}")
        return column
    if len(times) != 1:
        raise UsageError(
            f"by = {by!r} needs a column of times, and {_listed(times)}; name one with time='...'"
        )
    return times[0]


def _listed(times: list[Column]) -> str:
    if not times:
        return "the current data has none"
    return f"the current data has {', '.join(repr(column.name) for column in times)}"


def _by_period(column: Column, by: str) -> Cuts:
    """Cut by wall-clock periods of the column's own time zone."""
    import numpy as np

    positions = np.flatnonzero(~column.missing_mask())
    order = np.argsort(column.instants(), kind="stable")
    positions, wall = positions[order], _wall_clock(column)[order]
    lost = column.count - len(positions)
    notes = (f"{lost:,} rows without a time in {column.name!r} are in no window",) if lost else ()
    if not len(wall):
        return Cuts((), column.name, notes)
    bounds = _bounds(np.sort(wall), by)
    first = np.searchsorted(np.sort(wall), bounds)
    by_wall = positions[np.argsort(wall, kind="stable")]
    windows = tuple(
        Cut(_stamp(low), np.sort(by_wall[start:end]), int(end - start), _stamp(low), _stamp(high))
        for low, high, start, end in zip(bounds[:-1], bounds[1:], first[:-1], first[1:], strict=True)
    )
    return Cuts(windows, column.name, notes)


def _wall_clock(column: Column) -> Any:
    """Return the times as nanoseconds of the local calendar."""
    instants = column.instants()
    if not column.zone:
        return instants
    import numpy as np
    import pandas as pd

    local = pd.DatetimeIndex(instants.view("M8[ns]"), tz="UTC").tz_convert(column.zone).tz_localize(None)
    return local.to_numpy().astype("M8[ns]").astype(np.int64)


def _stamp(instant: int) -> str:
    import numpy as np

    text = str(np.datetime64(int(instant), "ns").astype("M8[us]"))
    text = text.removesuffix(".000000")
    return text.removesuffix("T00:00:00")


def _bounds(wall: Any, by: str) -> Any:
    """Return the starts of all periods from the first to the last time, and the end of the last; int64."""
    import numpy as np

    offset = _offset(by)
    step = _fixed_step(offset)
    if step is None:
        return _calendar_bounds(wall, offset, by)
    start = (int(wall[0]) // _DAY) * _DAY if step >= _DAY else (int(wall[0]) // step) * step
    number = (int(wall[-1]) - start) // step + 1
    _check_number(number, by)
    return start + step * np.arange(number + 1, dtype=np.int64)


def _offset(by: str) -> Any:
    import pandas as pd

    try:
        offset = pd.tseries.frequencies.to_offset(by)
    except ValueError as error:
        raise UsageError(
            f"by = {by!r} is neither a number of rows ('1000'), nor of windows ('/12'), "
            "nor a period such as 'D', 'W', 'MS', 'h'"
        ) from error
    if offset.n < 1:
        raise UsageError(f"by = {by!r}: a period is longer than nothing")
    return offset


def _fixed_step(offset: Any) -> int | None:
    """Return the length of a period in nanoseconds; None where the calendar decides."""
    import pandas as pd

    if isinstance(offset, pd.offsets.Day):
        return int(offset.n) * _DAY
    return int(offset.nanos) if isinstance(offset, pd.offsets.Tick) else None


def _calendar_bounds(wall: Any, offset: Any, by: str) -> Any:
    import numpy as np
    import pandas as pd

    name, _, anchor = offset.rule_code.partition("-")
    alias = _ALIASES.get(name, name) + (f"-{anchor}" if anchor else "")
    try:
        first, last = (pd.Period(pd.Timestamp(int(instant)), freq=alias) for instant in (wall[0], wall[-1]))
    except (ValueError, AttributeError) as error:
        raise UsageError(
            f"by = {by!r} is no period of the calendar; take 'D', 'W', 'MS', 'QS' or 'YS'"
        ) from error
    number = (last - first).n // offset.n + 1
    _check_number(number, by)
    starts = [(first + index * offset.n).start_time.value for index in range(number + 1)]
    return np.array(starts, dtype=np.int64)

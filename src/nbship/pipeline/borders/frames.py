"""Tables of pandas, polars and pyarrow as files that give back exactly what was saved.

A pandas frame goes into Parquet only where Parquet keeps it: after writing, the file is read and compared, because
what is lost (object columns that become strings, labels that become text, subclasses) depends on the versions of
pandas and pyarrow.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from nbship.hashing import fingerprint
from nbship.pipeline.borders.plain_values import NotPlainError, from_plain, to_plain

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "WouldChangeError",
    "read_arrow",
    "read_pandas",
    "read_polars",
    "write_arrow",
    "write_pandas",
    "write_polars",
]

_SERIES_COLUMN = "value"


class WouldChangeError(ValueError):
    """A file of the format would not give back what was saved; the message says what differs."""


def write_pandas(frame: Any, path: Path) -> dict[str, Any]:
    """Write a DataFrame or Series as Parquet; return what the file itself cannot hold.

    Raises
    ------
    WouldChangeError
        When the file does not give back the same frame, or there is no pyarrow.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise WouldChangeError("pyarrow is not installed") from error
    extra = _extra(frame)
    table = frame if frame.ndim > 1 else frame.to_frame(_SERIES_COLUMN)
    _check_labels(frame, table)
    try:
        pq.write_table(_arrow(table), path)
        again = read_pandas(path, extra)
    except (pa.ArrowException, TypeError, ValueError, NotImplementedError) as error:
        raise WouldChangeError(f"Parquet cannot hold it ({str(error).partition(chr(10))[0]})") from error
    difference = _difference(frame, again)
    if difference:
        raise WouldChangeError(f"Parquet would change {difference}")
    return extra


def _arrow(frame: Any) -> Any:
    import pyarrow as pa

    with warnings.catch_warnings():  # what pyarrow asks of pandas, and how, is not the user's to change
        warnings.simplefilter("ignore")
        return pa.Table.from_pandas(frame)


def read_pandas(path: Path, extra: dict[str, Any]) -> Any:
    """Return the frame or series that `write_pandas` wrote."""
    import pyarrow.parquet as pq

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = pq.read_table(path, partitioning=None).to_pandas()
    frame.attrs = from_plain(extra.get("attrs", {}))
    if extra.get("frequency"):
        frame.index.freq = extra["frequency"]
    if "name" not in extra:
        return frame
    series = frame[_SERIES_COLUMN]
    series.name = from_plain(extra["name"])
    series.attrs = dict(frame.attrs)
    return series


def _extra(frame: Any) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if type(frame.index).__name__ in ("DatetimeIndex", "TimedeltaIndex") and frame.index.freq is not None:
        extra["frequency"] = frame.index.freqstr
    try:
        if frame.attrs:
            extra["attrs"] = to_plain(dict(frame.attrs))
        if frame.ndim == 1:
            extra["name"] = to_plain(frame.name)
    except NotPlainError as error:
        raise WouldChangeError(f"its name or its attrs hold {error}") from error
    return extra


def _check_labels(frame: Any, table: Any) -> None:
    import pandas as pd

    if type(frame) not in (pd.DataFrame, pd.Series):
        raise WouldChangeError(f"Parquet would make a plain frame of a {type(frame).__qualname__}")
    if table.columns.nlevels > 1:
        raise WouldChangeError("Parquet has no columns with several levels")
    if not all(isinstance(label, str) for label in table.columns):
        raise WouldChangeError("Parquet would turn column labels that are no text into text")
    if not table.columns.is_unique:
        raise WouldChangeError("Parquet has no two columns of one name")


def _difference(frame: Any, again: Any) -> str:
    """Say what two frames differ in; empty where in nothing."""
    for label, before, after in _columns(frame, again):
        if before.dtype != after.dtype or _categories(before) != _categories(after):
            return f"{label} from {before.dtype} to {after.dtype}"
    if type(frame.index) is not type(again.index) or not _same_index(frame, again):
        return "the index"
    if frame.ndim > 1 and not _same_labels(frame.columns, again.columns):
        return "the column labels"
    return "" if fingerprint(frame).digest == fingerprint(again).digest else "its values"


def _columns(frame: Any, again: Any) -> list[tuple[str, Any, Any]]:
    if frame.ndim == 1:
        return [("the values", frame, again)]
    names = [str(label) for label in frame.columns]
    return [
        (f"column {name!r}", frame.iloc[:, i], again.iloc[:, i])
        for i, name in enumerate(names[: again.shape[1]])
    ]


def _categories(series: Any) -> list[Any] | None:
    # Equal categorical dtypes may list their categories in another order, which plots and codes show.
    return list(series.dtype.categories) if str(series.dtype) == "category" else None


def _same_labels(before: Any, after: Any) -> bool:
    return (
        before.dtype == after.dtype and list(before.names) == list(after.names) and bool(before.equals(after))
    )


def _same_index(frame: Any, again: Any) -> bool:
    before, after = frame.index, again.index
    if before.nlevels != after.nlevels or list(before.names) != list(after.names):
        return False
    if before.nlevels > 1:
        return [level.dtype for level in before.levels] == [level.dtype for level in after.levels]
    return before.dtype == after.dtype and getattr(before, "freq", None) == getattr(after, "freq", None)


def write_polars(frame: Any, path: Path) -> dict[str, Any]:
    """Write a DataFrame or Series of polars as Arrow IPC."""
    is_series = not hasattr(frame, "columns")
    table = frame.to_frame() if is_series else frame
    try:
        table.write_ipc(path)
    except Exception as error:  # polars raises its own classes and, for Python objects, a panic of Rust
        raise WouldChangeError(f"Arrow cannot hold it ({type(error).__name__})") from error
    again = read_polars(path, {"series": is_series})
    if again.dtype != frame.dtype if is_series else again.schema != frame.schema:
        raise WouldChangeError("Arrow would change the type of a column")
    return {"series": is_series}


def read_polars(path: Path, extra: dict[str, Any]) -> Any:
    """Return the frame or series that `write_polars` wrote."""
    import polars as pl

    frame = pl.read_ipc(path)
    return frame.to_series() if extra["series"] else frame


def write_arrow(table: Any, path: Path) -> dict[str, Any]:
    """Write a Table of pyarrow as Arrow IPC."""
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return {}


def read_arrow(path: Path, _extra: dict[str, Any]) -> Any:
    """Return the table that `write_arrow` wrote."""
    import pyarrow as pa

    with pa.OSFile(str(path), "rb") as source:
        return pa.ipc.open_file(source).read_all()

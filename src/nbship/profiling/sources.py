"""What libraries call a table, as named columns that can be loaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.hashing.kinds import kind_of, type_name
from nbship.profiling.array_values import array_values
from nbship.profiling.arrow_values import arrow_values
from nbship.profiling.dtype_names import array_dtype, dtype_of, pandas_dtype
from nbship.profiling.pandas_values import pandas_values
from nbship.profiling.polars_values import polars_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbship.model.profile import ColumnKind
    from nbship.profiling.values import Values

__all__ = ["Source", "Sources", "read_sources"]

_SUPPORTED = "pandas and polars DataFrames and Series, pyarrow Tables, numpy arrays of one or two dimensions, and dicts of columns"
_UNNAMED = "value"
_DIMENSIONS = 2


@dataclass(frozen=True, slots=True)
class Source:
    """A column that can be loaded, given the kind that is wished for, and can tell its logical type."""

    name: str
    load: Callable[[ColumnKind | None], Values]
    label: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Sources:
    """The columns of a table; names may repeat."""

    rows: int
    columns: list[Source]
    notes: tuple[str, ...] = ()


def read_sources(value: Any) -> Sources:
    """Return the columns of a table of any library.

    Raises
    ------
    UsageError
        When the value is no table.
    """
    if isinstance(value, dict):
        return _columns_of_dict(value)
    kind = kind_of(value)
    if kind == "lazy":
        raise UsageError("a polars LazyFrame has no rows yet: call .collect() and use the result")
    reader = _READERS.get(kind or "")
    if reader is None:
        raise UsageError(f"{type_name(value)} is no table; supported are {_SUPPORTED}")
    return reader(value)


def _of_pandas(value: Any) -> Sources:
    if not hasattr(value, "columns"):
        array = getattr(value, "array", value)  # of a Series or Index; an extension array is one already
        return Sources(len(value), [_pandas_source(getattr(value, "name", None), array)])
    columns = [_pandas_source(label, series.array) for label, series in value.items()]
    return Sources(len(value), columns, _index_note(value.index))


def _pandas_source(label: Any, array: Any) -> Source:
    return Source(_name(label), partial(pandas_values, array), partial(pandas_dtype, array))


def _index_note(index: Any) -> tuple[str, ...]:
    names = [str(name) for name in index.names if name is not None]
    if not names:
        return ()
    return (f"the index ({', '.join(names)}) is no column; reset_index() makes it one",)


def _of_polars(value: Any) -> Sources:
    columns = value.get_columns() if hasattr(value, "get_columns") else [value]
    sources = [Source(_name(it.name), partial(polars_values, it), partial(dtype_of, it)) for it in columns]
    return Sources(len(value), sources)


def _of_arrow(value: Any) -> Sources:
    if not hasattr(value, "schema"):
        return Sources(len(value), [_arrow_source(None, value)])
    names = value.schema.names
    columns = [_arrow_source(name, value.column(place)) for place, name in enumerate(names)]
    return Sources(value.num_rows, columns)


def _arrow_source(name: str | None, column: Any) -> Source:
    return Source(_name(name), partial(arrow_values, column), partial(dtype_of, column))


def _of_numpy(value: Any) -> Sources:
    if not 0 < value.ndim <= _DIMENSIONS:
        raise UsageError(f"a numpy array of {value.ndim} dimensions is no table; one or two are")
    if value.dtype.names and value.ndim == 1:
        columns = [_array_source(name, value[name]) for name in value.dtype.names]
    elif value.ndim == 1:
        columns = [_array_source(None, value)]
    else:
        columns = [_array_source(place, value[:, place]) for place in range(value.shape[1])]
    return Sources(len(value), columns)


def _array_source(name: Any, array: Any) -> Source:
    return Source(_name(name), partial(array_values, array), partial(array_dtype, array))


def _columns_of_dict(value: Mapping[Any, Any]) -> Sources:
    columns, lengths = [], {}
    for name, items in value.items():
        part = read_sources(_as_column(name, items))
        columns += [Source(_name(name), source.load, source.label) for source in part.columns]
        lengths[_name(name)] = part.rows
    if len(set(lengths.values())) > 1:
        raise UsageError(f"the columns of a table have one length, these have several: {lengths}")
    return Sources(next(iter(lengths.values()), 0), columns)


def _as_column(name: Any, items: Any) -> Any:
    if isinstance(items, list | tuple | range):
        import pandas as pd

        return pd.Series(list(items))
    if getattr(items, "ndim", 1) != 1 or hasattr(items, "columns") or kind_of(items) is None:
        raise UsageError(f"{name!r} is a {type_name(items)}, which is no column; a list or an array is")
    return items


def _name(label: Any) -> str:
    return _UNNAMED if label is None or label == "" else str(label)


_READERS: dict[str, Callable[[Any], Sources]] = {
    "arrow": _of_arrow,
    "numpy": _of_numpy,
    "pandas": _of_pandas,
    "polars": _of_polars,
}

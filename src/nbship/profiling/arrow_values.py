"""Columns of Arrow memory."""

from __future__ import annotations

from typing import Any

from nbship.model.profile import ColumnKind
from nbship.profiling.array_values import boolean_values
from nbship.profiling.object_values import level_name
from nbship.profiling.strings import SAMPLE, read_like_text
from nbship.profiling.values import (
    LevelValues,
    NumberValues,
    OpaqueValues,
    TextValues,
    TimeValues,
    Values,
    no_values,
)

__all__ = ["arrow_values", "named_levels"]

_SECONDS = {"s": (1, 1), "ms": (1, 1_000), "us": (1, 1_000_000), "ns": (1, 1_000_000_000)}


def arrow_values(column: Any, hint: ColumnKind | None) -> Values:
    """Return the values of a pyarrow Array or ChunkedArray."""
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(column.type, pa.BaseExtensionType):
        return arrow_values(column.storage, hint)
    if pa.types.is_run_end_encoded(column.type):
        return arrow_values(pa.compute.run_end_decode(column), hint)
    if column.null_count == len(column):
        return no_values(len(column), hint or _kind_without_values(column.type))
    return _read(column, hint)


def _read(column: Any, hint: ColumnKind | None) -> Values:
    import pyarrow as pa

    types, kind = pa.types, column.type
    if types.is_dictionary(kind):
        return _dictionary(column, hint)
    if types.is_string(kind) or types.is_large_string(kind) or str(kind) == "string_view":
        return _strings(column, hint)
    if types.is_boolean(kind):
        return boolean_values(column.fill_null(False).to_numpy(zero_copy_only=False), _mask(column), hint)
    if types.is_timestamp(kind) or types.is_date(kind):
        return _times(column)
    if types.is_duration(kind) or types.is_time(kind):
        return _seconds(column, kind.unit)
    if types.is_decimal(kind) or types.is_floating(kind) or types.is_integer(kind):
        return _numbers(column, hint)
    mask = column.is_null().to_numpy(zero_copy_only=False)
    return OpaqueValues(mask, f"values of type {kind} have neither order nor levels")


def _kind_without_values(kind: Any) -> ColumnKind:
    import pyarrow as pa

    types = pa.types
    if types.is_timestamp(kind) or types.is_date(kind):
        return ColumnKind.DATETIME
    if types.is_boolean(kind):
        return ColumnKind.BOOLEAN
    ordered = types.is_decimal(kind) or types.is_floating(kind) or types.is_integer(kind)
    if ordered or types.is_duration(kind) or types.is_time(kind):
        return ColumnKind.NUMERIC
    opaque = types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind)
    return ColumnKind.UNSUPPORTED if opaque else ColumnKind.CATEGORICAL


def _mask(column: Any) -> Any:
    return column.is_null().to_numpy(zero_copy_only=False) if column.null_count else None


def _numpy(column: Any, filler: Any = 0) -> Any:
    filled = column.fill_null(filler) if column.null_count else column
    return filled.to_numpy(zero_copy_only=False)


def _numbers(column: Any, hint: ColumnKind | None) -> Values:
    import pyarrow as pa

    mask, owned = _mask(column), column.null_count > 0
    if pa.types.is_decimal(column.type):
        column, owned = column.cast(pa.float64()), True
    values = NumberValues(_numpy(column), mask, owned=owned)
    if hint not in (None, ColumnKind.NUMERIC) and values.missing() == len(column):
        return no_values(len(column), hint)
    return values


def _times(column: Any) -> Values:
    import numpy as np
    import pyarrow as pa

    mask, unit = _mask(column), getattr(column.type, "unit", "D")
    zone = (getattr(column.type, "tz", None) or "") if pa.types.is_timestamp(column.type) else ""
    if pa.types.is_date(column.type):
        column = column.cast(pa.date32())
        return TimeValues(_numpy(column.view(pa.int32())).astype(np.int64), "D", mask, zone, owned=True)
    return TimeValues(_numpy(column.view(pa.int64())), unit, mask, zone, owned=mask is not None)


def _seconds(column: Any, unit: str) -> Values:
    import pyarrow as pa

    counts = column.view(pa.int32() if pa.types.is_time32(column.type) else pa.int64())
    return NumberValues(_numpy(counts), _mask(column), unit=_SECONDS[unit])


def _strings(column: Any, hint: ColumnKind | None) -> Values:
    import numpy as np
    import pyarrow as pa

    if str(column.type) == "string_view":
        column = column.cast(pa.large_string())
    kind = hint if hint in (ColumnKind.CATEGORICAL, ColumnKind.TEXT) else _string_kind(column)
    if kind is ColumnKind.TEXT:
        mask = _mask(column)
        return TextValues(column, np.zeros(len(column), bool) if mask is None else mask)
    encoded = column.dictionary_encode()
    return LevelValues(_codes(encoded), encoded.dictionary.to_pylist(), ColumnKind.CATEGORICAL)


def _string_kind(column: Any) -> ColumnKind:
    import numpy as np
    import pyarrow.compute as pc

    rows = np.arange(0, len(column), max(len(column) // SAMPLE, 1))
    sample = column.take(rows).drop_null().to_pylist()
    present = len(column) - column.null_count
    text = read_like_text(sample, present, lambda: pc.count_distinct(column, mode="only_valid").as_py())
    return ColumnKind.TEXT if text else ColumnKind.CATEGORICAL


def _codes(column: Any) -> Any:
    import pyarrow as pa

    return _numpy(column.indices.cast(pa.int32()), -1)


def _dictionary(column: Any, hint: ColumnKind | None) -> Values:
    import pyarrow as pa

    names = column.dictionary
    if hint is ColumnKind.NUMERIC and (pa.types.is_integer(names.type) or pa.types.is_floating(names.type)):
        return _numbers(column.dictionary_decode(), hint)
    if hint is ColumnKind.TEXT and (pa.types.is_string(names.type) or pa.types.is_large_string(names.type)):
        return _strings(column.dictionary_decode(), hint)
    return named_levels(_codes(column), [level_name(name) for name in names.to_pylist()])


def named_levels(codes: Any, names: list[str]) -> Values:
    """Return levels whose names may repeat, as those of the categories 1 and "1" do."""
    import numpy as np

    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    if len(places) < len(names):
        moved = np.array([*(places[name] for name in names), -1], np.int32)
        codes = moved[codes]
    return LevelValues(codes, list(places), ColumnKind.CATEGORICAL)

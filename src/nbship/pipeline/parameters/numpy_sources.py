"""numpy scalars and small arrays as expressions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nbship.pipeline.parameters.source_layout import Group, Source
from nbship.pipeline.parameters.unsupported import Unsupported

if TYPE_CHECKING:
    from nbship.pipeline.parameters.source_names import SourceNames

__all__ = ["array_source", "scalar_source"]

_MAX_ITEMS = 1_000
_DOUBLE_BYTES = 8
_NAMES = {"bool": "bool_", "str": "str_", "bytes": "bytes_"}


def scalar_source(value: Any, names: SourceNames) -> Source:
    """Return an expression for a numpy scalar, of the same dtype."""
    kind = value.dtype.kind
    if kind == "c" and value.real.dtype.itemsize > _DOUBLE_BYTES:
        return _long_complex(value, names)
    name = type(value).__name__
    call = names.of("numpy", _NAMES.get(name, name))
    if kind in "biuUS":
        return f"{call}({value.item()!r})"
    if kind == "f":
        return f"{call}({_real(value, names)})"
    if kind == "c":
        return f"{call}({names.builtin('complex')}({_real(value.real, names)}, {_real(value.imag, names)}))"
    if kind in "mM":
        return f"{call}({_moment(value)})"
    raise Unsupported(f"a numpy scalar of dtype {value.dtype} has no exact form")


def _real(value: Any, names: SourceNames) -> str:
    if value.dtype.itemsize > _DOUBLE_BYTES:
        return repr(str(value))
    number = float(value)
    if not math.isfinite(number):
        return f'{names.builtin("float")}("{number}")'
    short = float(str(value))  # float32(0.1) reads better than float32(0.10000000149011612)
    return repr(short if type(value)(short) == value else number)


def _long_complex(value: Any, names: SourceNames) -> str:
    parts = [str(scalar_source(part, names)) for part in (value.real, value.imag)]
    array, kind = names.of("numpy", "array"), names.of("numpy", type(value).__name__)
    return f"{array}([{', '.join(parts)}]).view({kind})[0]"


def _moment(value: Any) -> str:
    unit = value.dtype.str[4:-1]  # `<M8[25s]` gives `25s`; without a unit it is empty
    amount = repr(str(value)) if value.dtype.kind == "M" or str(value) == "NaT" else str(value.view("int64"))
    return f"{amount}, {unit!r}" if unit else amount


def array_source(value: Any, names: SourceNames) -> Source:
    """Return an expression for a numpy array of up to 1,000 items, of the same dtype and shape."""
    dtype = value.dtype
    if value.size > _MAX_ITEMS:
        raise Unsupported(f"a numpy array of {value.size:,} items is too large for source")
    if dtype.kind not in "biufcUSmM" or (dtype.kind in "fc" and _is_long(dtype)) or dtype.metadata:
        raise Unsupported(f"a numpy array of dtype {dtype} has no exact form")
    flat = value.ravel(order="C")
    content = flat.view(f"{dtype.str[0]}i8") if dtype.kind in "mM" else flat
    items = _nested(content.tolist(), value.shape, names) if value.size else "[]"
    array = names.of("numpy", "array")
    stored = content.dtype if dtype.kind in "mM" else dtype
    tail = f".view({dtype.str!r})" if dtype.kind in "mM" else ""
    tail += "" if value.size else f".reshape({value.shape!r})" if value.shape != (0,) else ""
    return Group(f"{array}(", (("", items), ("dtype=", repr(_dtype_name(stored)))), f"){tail}")


def _is_long(dtype: Any) -> bool:
    return bool(dtype.itemsize > (_DOUBLE_BYTES if dtype.kind == "f" else 2 * _DOUBLE_BYTES))


def _dtype_name(dtype: Any) -> str:
    return str(dtype.name if dtype.isnative and dtype.kind in "biufc" else dtype.str)


def _nested(items: list[Any], shape: tuple[int, ...], names: SourceNames) -> Source:
    if not shape:
        return _item(items[0], names)
    step = len(items) // shape[0]
    parts = (items[start : start + step] for start in range(0, len(items), step))
    return Group("[", tuple(("", _nested(part, shape[1:], names)) for part in parts), "]")


def _item(value: Any, names: SourceNames) -> str:
    if isinstance(value, complex):
        return f"{names.builtin('complex')}({_item(value.real, names)}, {_item(value.imag, names)})"
    if isinstance(value, float) and not math.isfinite(value):
        return f'{names.builtin("float")}("{value}")'
    return repr(value)

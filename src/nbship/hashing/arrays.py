"""Arrays of numpy, of any dtype and layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.hashing.canonical import Content, array_fingerprint
from nbship.hashing.objects import object_content
from nbship.hashing.values import label_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.model.data import Fingerprint

__all__ = ["array_content", "dtype_label", "feed_array", "feed_nulls", "fingerprint_array"]

_BLOCK_BYTES = 1 << 20  # copies of strided arrays are made in pieces that stay in the cache
_X87_MANTISSA_BITS = 63
_X87_BYTES = 10


def fingerprint_array(array: Any) -> Fingerprint:
    """Return the fingerprint of a numpy array; the fields of a structured one are its columns."""
    content = array_content(array)
    columns = [
        array_content(array[name]).column(name, label_key(name), len(array) if array.ndim else 1)
        for name in array.dtype.names or ()
    ]
    return array_fingerprint("array", array.shape, content, columns)


def array_content(array: Any) -> Content:
    """Return the content of a numpy array, in C order whatever its layout."""
    import numpy as np

    if isinstance(array, np.ma.MaskedArray) and array.dtype.names is None:
        return _masked_content(array)
    dtype = array.dtype
    if dtype.names is not None:
        return _structured_content(array)
    plain = np.asarray(array)  # np.matrix would stay two-dimensional
    if dtype.kind in "OT":
        return object_content(
            plain.astype(object, copy=False).reshape(-1), "string" if dtype.kind == "T" else ""
        )
    content = Content(dtype_label(dtype), plain.nbytes)
    feed_array(content, plain)
    return content


def dtype_label(dtype: Any) -> str:
    """Return the logical type of a numpy dtype: without byte order, fields written as ``struct<a: int64, …>``."""
    if dtype.names is not None:
        return f"struct<{', '.join(f'{name}: {dtype_label(dtype[name])}' for name in dtype.names)}>"
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return f"{dtype_label(base)}{list(shape)}"
    return str(dtype.newbyteorder("=").name)


def feed_array(content: Content, array: Any) -> None:
    """Feed the values of an array of fixed width: little-endian, NaNs alike, no copy where none is needed."""
    import numpy as np

    if not array.dtype.itemsize:
        return
    little = array.dtype.newbyteorder("<")
    for block in _blocks(array):
        values = _one_nan(block) if array.dtype.kind in "fc" else block
        content.feed(
            "values", _without_padding(values.astype(little, copy=False).view(np.uint8), array.dtype)
        )


def feed_nulls(content: Content, positions: Any) -> None:
    """Feed the row numbers of missing values."""
    import numpy as np

    content.feed("nulls", positions.astype("<i8", copy=False).view(np.uint8))


def _blocks(array: Any) -> Iterator[Any]:
    """Yield flat contiguous pieces of an array in C order; the whole at once where it lies so in memory."""
    import numpy as np

    if array.size == 0:
        return
    if array.flags.c_contiguous:
        yield array.reshape(-1)
        return
    row_bytes = max(array.nbytes // len(array), 1)
    if row_bytes > _BLOCK_BYTES and array.ndim > 1:
        for row in array:
            yield from _blocks(row)
        return
    step = max(_BLOCK_BYTES // row_bytes, 1)
    for start in range(0, len(array), step):
        yield np.ascontiguousarray(array[start : start + step]).reshape(-1)


def _one_nan(values: Any) -> Any:
    """Give every NaN the same bits: 0/0 makes a negative one on x86 and a positive one on ARM."""
    import numpy as np

    parts = values.view(values.real.dtype) if values.dtype.kind == "c" else values
    with np.errstate(invalid="ignore"):  # a signalling NaN
        if not np.isnan(parts.min()):  # one pass without a temporary array
            return values
        nan = np.array(np.nan, parts.dtype)
        return np.where(np.isnan(parts), nan, parts).astype(parts.dtype, copy=False).view(values.dtype)


def _without_padding(data: Any, dtype: Any) -> Any:
    """Zero the six bytes that a long double of x86 leaves unwritten."""
    import numpy as np

    if dtype.kind not in "fc" or np.finfo(dtype).nmant != _X87_MANTISSA_BITS:
        return data
    width = dtype.itemsize if dtype.kind == "f" else dtype.itemsize // 2
    items = data.reshape(-1, width).copy()
    items[:, _X87_BYTES:] = 0
    return items.reshape(-1)


def _structured_content(array: Any) -> Content:
    content = Content(dtype_label(array.dtype))
    for name in array.dtype.names:
        content.add_child(array_content(array[name]))
    return content


def _masked_content(array: Any) -> Content:
    import numpy as np

    mask = np.ma.getmaskarray(array)
    values = np.where(mask, np.zeros((), array.dtype), array.data)
    content = array_content(values)
    content.label = f"masked<{content.label}>"
    feed_nulls(content, np.flatnonzero(mask))
    return content

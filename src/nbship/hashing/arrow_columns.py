"""Columns of Arrow memory, chunk by chunk, without regard to how they were chunked, sliced or encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.hashing.arrays import feed_array, feed_nulls
from nbship.hashing.canonical import Content
from nbship.hashing.objects import object_content

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["arrow_content"]

_PLAIN_NAMES = {"halffloat": "float16", "float": "float32", "double": "float64", "date32[day]": "date"}
_ROWS = 131_072  # rows of a piece that has to be copied


def arrow_content(values: Any) -> Content:
    """Return the content of a pyarrow Array or ChunkedArray."""
    chunks = values.chunks if hasattr(values, "chunks") else [values]
    return _content(chunks, values.type)


def _content(chunks: Sequence[Any], kind: Any) -> Content:
    """Decode what is a mere encoding, then read by the shape of the type."""
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(kind):
        return _content([chunk.dictionary_decode() for chunk in chunks], kind.value_type)
    if types.is_run_end_encoded(kind):
        return _content([pa.compute.run_end_decode(chunk) for chunk in chunks], kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        content = _content([chunk.storage for chunk in chunks], kind.storage_type)
        content.label = f"{kind.extension_name}<{content.label}>"
        return content
    simpler = _simpler_type(kind)
    if simpler != kind:
        return _content([chunk.cast(simpler, safe=False) for chunk in chunks], simpler)
    return _reader(kind)(chunks, kind)


def _simpler_type(kind: Any) -> Any:
    """Return the type under which values are hashed: one for each family that Parquet or a cast does not tell apart."""
    import pyarrow as pa

    types = pa.types
    if types.is_string(kind) or _is_view(kind, "string"):
        return pa.large_string()
    if types.is_binary(kind) or _is_view(kind, "binary"):
        return pa.large_binary()
    if types.is_timestamp(kind) and kind.unit == "s":
        return pa.timestamp("ms", kind.tz)
    if types.is_time(kind) and kind.unit == "s":
        return pa.time32("ms")
    if types.is_date64(kind):
        return pa.date32()
    if types.is_map(kind):
        return pa.list_(pa.struct([pa.field("key", kind.key_type), pa.field("value", kind.item_type)]))
    return kind


def _is_view(kind: Any, name: str) -> bool:
    return str(kind) == f"{name}_view"


def _reader(kind: Any) -> Callable[[Sequence[Any], Any], Content]:
    import pyarrow as pa

    types = pa.types
    if types.is_null(kind):
        return lambda chunks, _: _new_content("null", chunks)
    if types.is_large_string(kind) or types.is_large_binary(kind):
        return _text
    if types.is_struct(kind):
        return _struct
    if types.is_nested(kind) and not types.is_union(kind):
        return _lists
    if types.is_floating(kind):
        return _floats
    if types.is_boolean(kind):
        return _booleans
    return _objects if types.is_union(kind) else _fixed_width


def _new_content(label: str, chunks: Sequence[Any], size_hint: int = 0) -> Content:
    """Return a content with its nulls already fed."""
    import numpy as np

    content = Content(label, size_hint)
    start = 0
    for chunk in chunks:
        if chunk.null_count:
            feed_nulls(content, np.flatnonzero(chunk.is_null().to_numpy(zero_copy_only=False)) + start)
        start += len(chunk)
    return content


def _label(kind: Any) -> str:
    text = str(kind)
    return _PLAIN_NAMES.get(text) or text.replace("tz=", "").removeprefix("large_")


def _fixed_width(chunks: Sequence[Any], kind: Any) -> Content:
    """Read integers, times, decimals and fixed binaries from their buffer, zeroed where a value is missing."""
    import numpy as np

    width = kind.bit_width // 8
    content = _new_content(_label(kind), chunks, width * sum(map(len, chunks)))
    for chunk in chunks:
        if not len(chunk) or not width:
            continue
        data = np.frombuffer(chunk.buffers()[1], np.uint8)[
            chunk.offset * width : (chunk.offset + len(chunk)) * width
        ]
        if chunk.null_count:
            data = np.where(_present(chunk)[:, None], data.reshape(-1, width), np.uint8(0)).reshape(-1)
        content.feed("values", data)
    return content


def _present(chunk: Any) -> Any:
    return chunk.is_valid().to_numpy(zero_copy_only=False)


def _floats(chunks: Sequence[Any], kind: Any) -> Content:
    import numpy as np

    dtype = np.dtype(_label(kind))
    content = _new_content(dtype.name, chunks, dtype.itemsize * sum(map(len, chunks)))
    for chunk in chunks:
        if not len(chunk):
            continue
        values = np.frombuffer(chunk.buffers()[1], dtype)[chunk.offset : chunk.offset + len(chunk)]
        feed_array(content, np.where(_present(chunk), values, dtype.type(0)) if chunk.null_count else values)
    return content


def _booleans(chunks: Sequence[Any], _kind: Any) -> Content:
    content = _new_content("bool", chunks)
    for chunk in chunks:
        feed_array(content, chunk.fill_null(False).to_numpy(zero_copy_only=False))
    return content


def _text(chunks: Sequence[Any], kind: Any) -> Content:
    """Read text or binary in pieces: the lengths from the offsets, the bytes as they lie."""
    content = _new_content(_label(kind), chunks)
    for chunk in chunks:
        for start in range(0, len(chunk), _ROWS):
            _feed_text(content, chunk.slice(start, _ROWS))
    return content


def _feed_text(content: Content, piece: Any) -> None:
    import numpy as np

    offsets = np.frombuffer(piece.buffers()[1], np.int64)[piece.offset : piece.offset + len(piece) + 1]
    lengths = np.diff(offsets)
    if piece.null_count and lengths[~_present(piece)].any():  # bytes under a null: not content
        _feed_text(content, piece.fill_null(b"" if str(piece.type) == "large_binary" else ""))
        return
    content.feed("lengths", lengths.view(np.uint8))
    text = piece.buffers()[2]
    if text is not None:
        content.feed("values", text.slice(offsets[0], offsets[-1] - offsets[0]))


def _lists(chunks: Sequence[Any], kind: Any) -> Content:
    import numpy as np
    import pyarrow.compute as pc

    items = _content([chunk.flatten() for chunk in chunks], kind.value_type)
    size = getattr(kind, "list_size", "")
    content = _new_content(f"list<{items.label}>{f'[{size}]' if size else ''}", chunks)
    for chunk in chunks:
        lengths = pc.fill_null(pc.list_value_length(chunk), 0).to_numpy(zero_copy_only=False)
        content.feed("lengths", lengths.astype("<i8").view(np.uint8))
    content.add_child(items)
    return content


def _struct(chunks: Sequence[Any], kind: Any) -> Content:
    parts = [chunk.flatten() for chunk in chunks]  # a null of the struct becomes one of every field
    fields = [
        (kind.field(position).name, _content([part[position] for part in parts], kind.field(position).type))
        for position in range(kind.num_fields)
    ]
    label = ", ".join(f"{name}: {content.label}" for name, content in fields)
    content = _new_content(f"struct<{label}>", chunks)
    for _, field in fields:
        content.add_child(field)
    return content


def _objects(chunks: Sequence[Any], _kind: Any) -> Content:
    """Read a union as Python values."""
    import numpy as np

    values = [value for chunk in chunks for value in chunk.to_pylist()]
    column = np.empty(len(values), object)
    column[:] = values
    return object_content(column, "union")

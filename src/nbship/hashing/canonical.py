"""The canonical form: how the parts of a dataset are framed before they reach BLAKE3.

A column is three streams, each hashed on its own, so that no chunking can show through:

``nulls``
    positions of the missing values, int64, little-endian; absent when nothing is missing.
``lengths``
    int64 lengths in bytes (text, binary) or in items (lists); absent for values of a fixed width.
``values``
    the values one after the other, little-endian; zero where a value is missing.

Nested types (lists, structs, categories) add a child of the same form. A column's digest covers the algorithm,
the name, the logical type, the number of rows and these streams; a dataset's digest covers its shape and
the digests of its columns and of its index.

What counts as equal, and what does not
---------------------------------------
* The library and the layout do not count: numpy, Arrow and polars columns of one logical type and equal values
  are equal; so are strided, sliced, chunked, dictionary-encoded (Arrow) and big-endian copies of the same values.
* pandas' nullable types (``Int64``, ``Float64``, ``boolean``) are logical types of their own, because they compute
  otherwise. All kinds of strings are ``string``: pandas 3 reads an object column of strings back as ``str``.
* NaN is one value whatever its payload, and not equal to a null; ``-0.0`` and ``0.0`` differ, since they divide
  differently. In object columns None, NaN, NaT and NA are all the same missing value.
* ``timestamp[s]`` is hashed as ``timestamp[ms]``, ``time[s]`` as ``time[ms]`` and Arrow's date64 as ``date``, because
  Parquet has no other form for them.
* A pandas index without name that counts 0, 1, 2, … carries nothing and is left out; any other counts.
* Categories of pandas and of polars' Enum count, with their order, used or not: codes and dummies depend on them.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from blake3 import blake3

from nbship.model.data import ColumnFingerprint, Fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "ALGORITHM",
    "DIGEST_BYTES",
    "Content",
    "array_fingerprint",
    "frame",
    "hasher",
    "table_fingerprint",
]

ALGORITHM = "nbship-blake3-1"
"""Name and version of the canonical form; part of every digest.

Raise the number with any change that gives equal content another digest: a framing, a label of a type, a rule
of the module docstring. Old digests then compare as unequal, and readers can see from `Fingerprint.algorithm`
that they cannot be compared. The golden digests in ``tests/unit/hashing/test_golden.py`` fail until they are renewed.
"""

DIGEST_BYTES = 16
"""128 bits, 32 hexadecimal characters: MLflow's column for digests holds 36."""

_THREADED_BYTES = 32 << 20
_THREADS = 4


def hasher(size_hint: int = 0) -> blake3:
    """Return a BLAKE3 hasher, with threads when much content is to come.

    Threads cost about a fifth more CPU time, so that small content goes without. Their number is given, never
    `blake3.AUTO`: that one shares a pool which a forked child inherits dead, and then waits for it forever.
    """
    return blake3(max_threads=_THREADS if size_hint >= _THREADED_BYTES else 1)


def frame(*parts: bytes | str | int) -> bytes:
    """Join parts so that no two different lists of parts give the same bytes."""
    framed = []
    for part in parts:
        data = str(part).encode("utf-8", "surrogatepass") if isinstance(part, str | int) else part
        framed.append(struct.pack("<Q", len(data)) + data)
    return b"".join(framed)


class Content:
    """The streams of one column or array, as they are filled.

    Parameters
    ----------
    label
        The logical type, e.g. ``float64``.
    size_hint
        Expected bytes of values, to decide about threads.
    """

    __slots__ = ("_children", "_hint", "_size", "_streams", "label", "weak")

    def __init__(self, label: str, size_hint: int = 0) -> None:
        self.label = label
        self.weak = False
        self._hint = size_hint
        self._size = 0
        self._streams: dict[str, blake3] = {}
        self._children: list[Content] = []

    @property
    def size_bytes(self) -> int:
        """Bytes hashed so far, children included."""
        return self._size + sum(child.size_bytes for child in self._children)

    def feed(self, stream: str, data: Any) -> None:
        """Append a contiguous buffer of bytes to one of the streams."""
        size = memoryview(data).nbytes
        if not size:
            return
        if stream not in self._streams:
            self._streams[stream] = hasher(max(size, self._hint))
        self._streams[stream].update(data)
        self._size += size

    def add_child(self, child: Content) -> None:
        """Append a nested column, filled already."""
        self._children.append(child)
        self.weak = self.weak or child.weak

    def digest(self) -> bytes:
        """Return the digest of label, streams and children."""
        parts: list[bytes | str] = [self.label]
        for stream in sorted(self._streams):
            parts += [stream, self._streams[stream].digest()]
        parts += [child.digest() for child in self._children]
        return bytes(blake3(frame(*parts)).digest())

    def column(self, name: str, key: bytes, rows: int) -> ColumnFingerprint:
        """Return the fingerprint of this content as a column; `key` is the name with its type."""
        digest = _hex(ALGORITHM, "column", key, rows, self.digest())
        return ColumnFingerprint(name, self.label, digest, self.weak)


def table_fingerprint(
    columns: Sequence[tuple[ColumnFingerprint, int]],
    rows: int,
    index: Sequence[tuple[ColumnFingerprint, int]] = (),
) -> Fingerprint:
    """Return the fingerprint of a table from its columns and index levels, each with its size in bytes."""
    heads = [column.digest for column, _ in columns]
    digest = _hex(ALGORITHM, "table", rows, len(heads), *heads, *(level.digest for level, _ in index))
    return Fingerprint(
        digest=digest,
        algorithm=ALGORITHM,
        kind="table",
        rows=rows,
        shape=(rows, len(columns)),
        columns=tuple(column for column, _ in columns),
        size_bytes=sum(size for _, size in (*columns, *index)),
        weak=any(column.weak for column, _ in (*columns, *index)),
        index=tuple(level for level, _ in index),
    )


def array_fingerprint(
    kind: str, shape: Sequence[int], content: Content, columns: Iterable[ColumnFingerprint] = ()
) -> Fingerprint:
    """Return the fingerprint of a dense (``array``) or sparse (``sparse``) array."""
    shape = tuple(int(length) for length in shape)
    return Fingerprint(
        digest=_hex(ALGORITHM, kind, len(shape), *shape, content.digest()),
        algorithm=ALGORITHM,
        kind=kind,
        rows=shape[0] if shape else None,
        shape=shape,
        columns=tuple(columns),
        size_bytes=content.size_bytes,
        weak=content.weak,
    )


def _hex(*parts: bytes | str | int) -> str:
    return str(blake3(frame(*parts)).hexdigest(length=DIGEST_BYTES))

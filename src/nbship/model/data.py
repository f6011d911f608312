"""Fingerprints of data: what was read, down to the column."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ColumnFingerprint", "DatasetRecord", "FileRecord", "Fingerprint"]


@dataclass(frozen=True, slots=True)
class ColumnFingerprint:
    """The content digest of one column.

    Attributes
    ----------
    name
        The column's name as text.
    dtype
        The logical type that went into the digest, e.g. ``float64``, ``string``, ``timestamp[ns, UTC]``.
    digest
        Hexadecimal BLAKE3 digest of name, dtype, length, validity and values.
    weak
        True when the values had to be hashed through their pickle, so that equality is certain but
        inequality may be an accident of the pickle.
    """

    name: str
    dtype: str
    digest: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The content digest of a dataset, whole and per column.

    Attributes
    ----------
    digest
        Hexadecimal digest of schema and columns, 32 characters. MLflow stores at most 36.
    algorithm
        Name and version of the canonical form, e.g. ``nbship-blake3-1``.
    kind
        ``table``, ``array``, ``sparse``, ``file`` or ``folder``.
    rows
        Number of rows (first dimension), or of files for a folder; None where it has no meaning.
    shape
        Shape of an array, else ``(rows, columns)`` of a table; empty for files.
    columns
        One entry a column, in order; for a folder one a file, named by its relative path.
    size_bytes
        Bytes of content that were hashed.
    weak
        True when any column is weak.
    index
        One entry a level of a pandas index; empty for the default one, which counts the rows.
    """

    digest: str
    algorithm: str
    kind: str
    rows: int | None
    shape: tuple[int, ...]
    columns: tuple[ColumnFingerprint, ...]
    size_bytes: int
    weak: bool = False
    index: tuple[ColumnFingerprint, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file that a cell opened.

    Attributes
    ----------
    path
        Relative to the project where it lies inside it, else absolute.
    digest
        BLAKE3 digest of the content in hexadecimal, 32 characters; None when it could not be read or was written.
    size_bytes, modified_ms
        As the file system gave them at the time of the digest.
    """

    path: str
    digest: str | None
    size_bytes: int
    modified_ms: int


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """A dataset that a run read, under the name by which the cell knew it.

    Attributes
    ----------
    name
        Variable name, ``splits['train']`` for an item of a container, or a path for a file.
    source
        ``variable`` or ``file``.
    type
        Qualified type name, e.g. ``pandas.DataFrame``; ``file`` for files.
    fingerprint
        Digest per column and whole.
    produced_by
        Ledger index of the cell execution that bound the variable last, when known.
    """

    name: str
    source: str
    type: str
    fingerprint: Fingerprint
    produced_by: int | None = None

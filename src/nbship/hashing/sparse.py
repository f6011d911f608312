"""Sparse matrices and arrays of scipy, in any format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.hashing.arrays import dtype_label, feed_array
from nbship.hashing.canonical import Content, array_fingerprint

if TYPE_CHECKING:
    from nbship.model.data import Fingerprint

__all__ = ["fingerprint_sparse"]


def fingerprint_sparse(matrix: Any) -> Fingerprint:
    """Return the fingerprint of what the matrix means: compressed rows, sorted, duplicates summed, zeros dropped."""
    import numpy as np

    rows = _canonical_rows(matrix)
    wide = max(*rows.shape, rows.nnz) > np.iinfo(np.int32).max
    positions = np.dtype("int64" if wide else "int32")
    content = Content(f"sparse<{dtype_label(matrix.dtype)}>")
    for part in (
        rows.indptr.astype(positions, copy=False),
        rows.indices.astype(positions, copy=False),
        rows.data,
    ):
        child = Content(dtype_label(part.dtype), part.nbytes)
        feed_array(child, part)
        content.add_child(child)
    return array_fingerprint("sparse", matrix.shape, content)


def _canonical_rows(matrix: Any) -> Any:
    """Return the matrix as canonical CSR; never a change to the user's own object."""
    two_dimensional = 2
    flat = matrix
    if matrix.ndim != two_dimensional:
        rows = matrix.shape[0] if matrix.ndim > two_dimensional else 1
        flat = matrix.tocoo().reshape((rows, -1))
    if flat.format != "csr":
        rows = flat.tocsr(copy=True)
    elif flat.has_canonical_format and flat.count_nonzero() == flat.nnz:
        return flat
    else:
        rows = flat.copy()
    rows.sum_duplicates()
    rows.eliminate_zeros()
    return rows

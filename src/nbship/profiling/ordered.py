"""Profiles of columns that lie on a line: numbers, instants, and the lengths of texts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbship.model.profile import ColumnKind
from nbship.profiling.edges import bins_of_ordered, count_bins, instant_edges, number_edges
from nbship.profiling.moments import exact_moments
from nbship.profiling.tokens import count_tokens

if TYPE_CHECKING:
    from nbship.model.profile import ColumnProfile
    from nbship.profiling.column import Column

__all__ = ["count_like", "profile_instants", "profile_numbers", "profile_texts"]

_NANOSECONDS = 1_000_000_000


def count_like(column: Column, like: ColumnProfile) -> Any:
    """Return how many values of an ordered or text column lie in each bin of a profile.

    Returns
    -------
    ndarray of int64, shape (len(like.edges) + 1,)
        Lengths are counted for texts.

    Raises
    ------
    TypeError
        When the column is of another kind than the profile.
    """
    if column.kind is not like.kind:
        raise TypeError(f"column {column.name!r} is {column.kind}, its profile {like.kind}")
    read = {ColumnKind.NUMERIC: column.numbers, ColumnKind.DATETIME: column.instants}
    return count_bins(read.get(column.kind, column.lengths)(), _edges(like))


def profile_numbers(base: ColumnProfile, values: Any, like: ColumnProfile | None) -> ColumnProfile:
    """Return the profile of numbers, infinite ones among them."""
    import numpy as np

    ordered = np.sort(values)
    finite = ordered[np.searchsorted(ordered, -np.inf, "right") : np.searchsorted(ordered, np.inf, "left")]
    edges = number_edges(finite) if like is None else _edges(like)
    origin = _origin(finite) if like is None or like.moments is None else like.moments.origin
    with np.errstate(over="ignore"):
        moments = exact_moments(finite - origin, origin)
    return replace(
        base,
        infinite=len(ordered) - len(finite),
        minimum=float(finite[0]) if len(finite) else None,
        maximum=float(finite[-1]) if len(finite) else None,
        edges=tuple(edges.tolist()),
        counts=tuple(bins_of_ordered(ordered, edges).tolist()),
        moments=moments,
    )


def profile_instants(base: ColumnProfile, values: Any, like: ColumnProfile | None) -> ColumnProfile:
    """Return the profile of instants."""
    import numpy as np

    ordered = np.sort(values)
    edges = instant_edges(ordered) if like is None else _edges(like)
    return replace(
        base,
        minimum=int(ordered[0]) if len(ordered) else None,
        maximum=int(ordered[-1]) if len(ordered) else None,
        edges=tuple(edges.tolist()),
        counts=tuple(bins_of_ordered(ordered, edges).tolist()),
        moments=exact_moments(_seconds_from(ordered, int(edges[0]) if len(edges) else 0), 0.0),
    )


def profile_texts(base: ColumnProfile, column: Column, like: ColumnProfile | None) -> ColumnProfile:
    """Return the profile of texts: of their lengths, and of their words by hash."""
    import numpy as np

    lengths = np.sort(column.lengths())
    edges = _edges(like) if like else number_edges(lengths.astype(np.float64)).astype(np.int64)
    return replace(
        base,
        minimum=int(lengths[0]) if len(lengths) else None,
        maximum=int(lengths[-1]) if len(lengths) else None,
        edges=tuple(edges.tolist()),
        counts=tuple(bins_of_ordered(lengths, edges).tolist()),
        moments=exact_moments(lengths.astype(np.float64), 0.0),
        tokens=count_tokens(column.texts()),
    )


def _edges(like: ColumnProfile) -> Any:
    import numpy as np

    return np.array(like.edges, np.float64 if like.kind is ColumnKind.NUMERIC else np.int64)


def _origin(ordered: Any) -> float:
    """Return what deviations are taken from: the median, in few digits so that differences need few as well."""
    import numpy as np

    if not len(ordered):
        return 0.0
    with np.errstate(over="ignore"):
        near = float(np.float32(ordered[len(ordered) // 2]))
    return near if np.isfinite(near) else float(ordered[len(ordered) // 2])


def _seconds_from(instants: Any, first: int) -> Any:
    """Return the seconds between instants and the first; by parts, since the difference may not fit into 64 bits."""
    import numpy as np

    whole, rest = np.divmod(instants, _NANOSECONDS)
    first_whole, first_rest = divmod(first, _NANOSECONDS)
    return (whole - first_whole) + (rest - first_rest) / _NANOSECONDS

"""Profiles of parts to the profile of the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbship.errors import UsageError
from nbship.model.profile import ColumnKind, ColumnProfile, Profile
from nbship.profiling.levels import add_levels
from nbship.profiling.moments import add_moments
from nbship.profiling.tokens import add_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["merge"]

_ADVICE = "profile every part with like= the profile of one of them, or of the reference"


def merge(profiles: Iterable[Profile]) -> Profile:
    """Return the profile of a whole from those of its parts, in any order.

    Parameters
    ----------
    profiles
        At least one. Their ordered columns have the same bin edges, as they do when all were made ``like`` one profile;
        levels are added up by name.

    Returns
    -------
    Profile
        Equal to the profile of the whole that was made ``like`` the same one, when `min_count` was 0. `withheld` is
        the largest of the parts, since nobody knows which levels they share.

    Raises
    ------
    UsageError
        When there is none, or the columns, their kinds or their edges differ.
    """
    parts = list(profiles)
    if not parts:
        raise UsageError("there is no profile to merge; give at least one")
    tables = [{column.name: column for column in part.columns} for part in parts]
    for table in tables:
        _check_columns(tables[0], table)
    columns = tuple(_merge_column([table[name] for table in tables]) for name in tables[0])
    sampled = any(part.sampled_from is not None for part in parts)
    return Profile(
        sum(part.rows for part in parts),
        columns,
        _common(part.name for part in parts),
        sampled_from=sum(part.sampled_from or part.rows for part in parts) if sampled else None,
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _check_columns(names: Iterable[str], others: Iterable[str]) -> None:
    different = sorted(set(names) ^ set(others))
    if different:
        raise UsageError(f"only some of the profiles have the columns {', '.join(different[:5])}")


def _common(texts: Iterable[str]) -> str:
    found = set(texts)
    return found.pop() if len(found) == 1 else ""


def _merge_column(parts: Sequence[ColumnProfile]) -> ColumnProfile:
    """Add up one column; parts without any value in it agree with everything."""
    telling = [part for part in parts if part.present] or list(parts)
    kinds = sorted({part.kind.value for part in telling})
    if len(kinds) > 1:
        raise UsageError(f"column {telling[0].name!r} is {' and '.join(kinds)} in different parts; {_ADVICE}")
    base = ColumnProfile(
        telling[0].name,
        telling[0].kind,
        _dtype(telling),
        sum(part.count for part in parts),
        sum(part.missing for part in parts),
        sum(part.infinite for part in parts),
        role=_common(part.role for part in parts) or telling[0].role,
    )
    if base.kind is ColumnKind.UNSUPPORTED:
        return base
    return add_levels(base, telling) if base.kind.levelled else _add_ordered(base, telling)


def _dtype(parts: Sequence[ColumnProfile]) -> str:
    """Return the type of the whole: objects are named ``string`` in a part where all happen to be strings."""
    found = {part.dtype for part in parts}
    return " or ".join(sorted(found - {"string"} if "object" in found else found))


def _add_ordered(base: ColumnProfile, parts: Sequence[ColumnProfile]) -> ColumnProfile:
    first = parts[0]
    if any(_frame(part) != _frame(first) for part in parts):
        raise UsageError(f"column {base.name!r} has other bin edges in one part than in another; {_ADVICE}")
    moments = [part.moments for part in parts if part.moments]
    tokens = [part.tokens for part in parts if part.tokens]
    return replace(
        base,
        minimum=_extreme(min, [part.minimum for part in parts]),
        maximum=_extreme(max, [part.maximum for part in parts]),
        edges=first.edges,
        counts=tuple(map(sum, zip(*(part.counts for part in parts), strict=True))),
        moments=add_moments(moments) if moments else None,
        tokens=add_tokens(tokens) if tokens else None,
    )


def _frame(part: ColumnProfile) -> tuple[tuple[float | int, ...], float | None]:
    return part.edges, part.moments.origin if part.moments else None


def _extreme(
    pick: Callable[[list[float | int]], float | int], found: list[float | int | None]
) -> float | int | None:
    values = [value for value in found if value is not None]
    return pick(values) if values else None

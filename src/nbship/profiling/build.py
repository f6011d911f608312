"""Tables to profiles."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.profile import ColumnKind, ColumnProfile, Profile
from nbship.profiling.levels import profile_levels
from nbship.profiling.ordered import profile_instants, profile_numbers, profile_texts
from nbship.profiling.table import read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nbship.profiling.column import Column
    from nbship.profiling.table import Table

__all__ = ["MAX_LEVELS", "profile", "profile_column"]

MAX_LEVELS = 1000
"""How many levels a profile lists unless told otherwise."""

_ROLES = ("feature", "target", "prediction")


def profile(
    value: Any,
    *,
    name: str = "",
    like: Profile | None = None,
    min_count: int = 0,
    max_levels: int = MAX_LEVELS,
    roles: Mapping[str, str] | None = None,
    columns: Collection[str] | None = None,
) -> Profile:
    """Summarise a table: counts, moments, quantile edges, levels, text statistics, and none of its rows.

    Parameters
    ----------
    value
        A pandas or polars DataFrame or Series, a pyarrow Table, a numpy array of one or two dimensions, or a dict of
        columns.
    name
        What to call it.
    like
        A profile whose bin edges, kinds and levels are taken over. The profiles of the parts of a table that
        were made like the same one merge into exactly the profile of the whole.
    min_count
        Levels in fewer rows than this are withheld: counted, not named.
    max_levels
        Only the most frequent levels of a column are listed, the rest is counted together. With `like`, its levels are
        listed and up to a thousand others.
    roles
        Column name to ``feature``, ``target`` or ``prediction``; a feature unless said otherwise, here or in `like`.
    columns
        The only columns to summarise; None for all.

    Returns
    -------
    Profile
        About 8 kB of JSON for a numeric column.

    Raises
    ------
    UsageError
        When the value is no table, a name is no column of it, or a role does not exist.

    Examples
    --------
    >>> import pandas as pd
    >>> profile(pd.DataFrame({"a": [1, 2, 2]})).columns[0].counts
    (0, 1, 2, 0)
    """
    models = {column.name: column for column in like.columns} if like else {}
    table = read_table(value, kinds={name: model.kind for name, model in models.items()})
    table = _selected(table, columns)
    given = _checked_roles(roles or {}, table)
    profiles, notes = [], list(table.notes)
    for column in table.columns:
        model = models.get(column.name)
        role = given.get(column.name, model.role if model else "feature")
        profiles.append(profile_column(column, model, role=role, min_count=min_count, max_levels=max_levels))
        if column.kind is ColumnKind.UNSUPPORTED:
            notes.append(
                f"{column.name!r} is not summarised: {column.dtype} values with neither order nor levels"
            )
    return Profile(table.rows, tuple(profiles), name, notes=tuple(notes))


def profile_column(
    column: Column,
    like: ColumnProfile | None = None,
    *,
    role: str = "feature",
    min_count: int = 0,
    max_levels: int = MAX_LEVELS,
) -> ColumnProfile:
    """Return the profile of one column; `like` gives edges and levels where it is of the same kind."""
    model = like if like and like.kind is column.kind else None
    base = ColumnProfile(column.name, column.kind, column.dtype, column.count, column.missing, role=role)
    match column.kind:
        case ColumnKind.NUMERIC:
            return profile_numbers(base, column.numbers(), model)
        case ColumnKind.DATETIME:
            return profile_instants(base, column.instants(), model)
        case ColumnKind.TEXT:
            return profile_texts(base, column, model)
        case ColumnKind.UNSUPPORTED:
            return base
        case _:
            return profile_levels(base, column, model, min_count=min_count, max_levels=max_levels)


def _selected(table: Table, columns: Collection[str] | None) -> Table:
    if columns is None:
        return table
    _check_names(columns, table, "columns")
    return table.select(columns)


def _checked_roles(roles: Mapping[str, str], table: Table) -> Mapping[str, str]:
    _check_names(roles, table, "roles")
    wrong = next((role for role in roles.values() if role not in _ROLES), None)
    if wrong is not None:
        raise UsageError(f"{wrong!r} is no role of a column; these are: {', '.join(_ROLES)}")
    return roles


def _check_names(names: Collection[str], table: Table, what: str) -> None:
    known = [column.name for column in table.columns]
    for name in names:
        if name not in known:
            near = get_close_matches(str(name), known, n=3) or known[:5]
            raise UsageError(f"{what}: the table has no column {name!r}; it has {', '.join(near)}")

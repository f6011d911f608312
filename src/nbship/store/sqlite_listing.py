"""Which runs of a local MLflow database stand on a page: filtered, sorted and counted in SQL where it can be.

Public: ``Asked``, ``page_of_ids(connection, asked, limit, offset) -> tuple[list[str], int]``, ``ACTIVE``.
"""

# ruff: noqa: S608 - statements are put together from constants of this file; values are always bound

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.store.query import ARCHIVED_TAG, NEWEST_FIRST, NOTEBOOK_TAG, Order, sort_by
from nbship.store.sqlite_words import words_condition

if TYPE_CHECKING:
    import sqlite3

__all__ = ["ACTIVE", "Asked", "notebook_condition", "page_of_ids"]

ACTIVE = (
    "FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id "
    "WHERE r.lifecycle_stage = 'active' AND e.lifecycle_stage = 'active'"
)

_VALUES = {
    "started": "r.start_time",
    "ended": "r.end_time",
    "duration": "r.end_time - r.start_time",
    "name": "casefold(r.name)",
    "status": "r.status",
    "experiment": "e.name",
    "id": "r.run_uuid",
}
_NUMBERS = ("started", "ended", "duration")
_INFINITE = "9e999"  # SQLite reads it so, and has no other word for it


@dataclass(frozen=True, slots=True)
class Asked:
    """Which runs are listed and how they are sorted, as for `nbship.store.reader.search`."""

    words: tuple[str, ...] = ()
    order: Order = NEWEST_FIRST
    experiment: str | None = None
    notebook: str | None = None
    archived: bool = False


def page_of_ids(
    connection: sqlite3.Connection, asked: Asked, limit: int, offset: int
) -> tuple[list[str], int]:
    """Return the ids of the runs of a page, and how many match in all."""
    where, arguments = _where(connection, asked)
    value, keys = _value(asked.order)
    candidates = (
        f"SELECT r.run_uuid AS id, coalesce(r.start_time, 0) AS started, {value} AS value {ACTIVE}{where}"
    )
    arguments = [*keys, *arguments]
    if _is_number(asked.order):
        sorted_ids = _sorted_by_sql(candidates, asked.order)
        rows = connection.execute(sorted_ids, [*arguments, limit, offset]).fetchall()
        if rows:
            return [row[0] for row in rows], int(rows[0][1])
        (total,) = connection.execute(f"SELECT count(*) FROM ({candidates})", arguments).fetchone()
        return [], int(total)
    rows = connection.execute(candidates, arguments).fetchall()
    ordered = sort_by(rows, asked.order, lambda row: row[2], lambda row: (-row[1], row[0]))
    return [row[0] for row in ordered[offset : offset + limit]], len(rows)


def notebook_condition(notebook: str | None) -> tuple[str, list[Any]]:
    """Return a condition on the run ``r``: that it is of this notebook, as `nbship.store.query.is_of` says."""
    if notebook is None:
        return "", []
    tags = "SELECT run_uuid FROM tags WHERE key = ? AND (value IN (?, ?) OR substr(value, -length(?)) = ?)"
    folder = f"/{notebook}"
    return f" AND r.run_uuid IN ({tags})", [
        NOTEBOOK_TAG,
        notebook,
        notebook.rpartition("/")[2],
        folder,
        folder,
    ]


def _where(connection: sqlite3.Connection, asked: Asked) -> tuple[str, list[Any]]:
    text, arguments = words_condition(connection, asked.words)
    of_notebook, values = notebook_condition(asked.notebook)
    text, arguments = text + of_notebook, arguments + values
    if asked.experiment is not None:
        text += " AND e.name = ?"
        arguments.append(asked.experiment)
    if not asked.archived:
        text += " AND r.run_uuid NOT IN (SELECT run_uuid FROM tags WHERE key = ? AND value = 'true')"
        arguments.append(ARCHIVED_TAG)
    return text, arguments


def _is_number(order: Order) -> bool:
    return order.kind == "metric" or (order.kind == "attribute" and order.key in _NUMBERS)


def _value(order: Order) -> tuple[str, list[Any]]:
    if order.kind == "attribute":
        return _VALUES[order.key], []
    if order.kind == "param":
        return "(SELECT value FROM params v WHERE v.run_uuid = r.run_uuid AND v.key = ?)", [order.key]
    # SQLite knows no NaN, and MLflow stores no infinity: here one stands for the other.
    number = f"CASE WHEN v.is_nan THEN {_INFINITE} ELSE v.value END"
    return f"(SELECT {number} FROM latest_metrics v WHERE v.run_uuid = r.run_uuid AND v.key = ?)", [order.key]


def _sorted_by_sql(candidates: str, order: Order) -> str:
    """Sort as `nbship.store.query.sort_by` does: numbers, then what is no finite one, then runs without a value."""
    group = f"CASE WHEN value IS NULL THEN 2 WHEN abs(value) = {_INFINITE} THEN 1 ELSE 0 END"
    direction = "DESC" if order.descending else "ASC"
    by = f"{group}, CASE WHEN abs(value) < {_INFINITE} THEN value END {direction}, started DESC, id"
    # LIMIT -1, since SQLite would otherwise look the value up again at every mention of it.
    return f"SELECT id, count(*) OVER () FROM ({candidates} LIMIT -1) ORDER BY {by} LIMIT ? OFFSET ?"

"""Searching the runs of a local MLflow database for plain words, in SQL.

Public: ``words_condition(connection, words) -> tuple[str, list[Any]]``.

Words match as `nbship.store.query.matches` says. The keys of parameters and tags repeat in every run, so a word is
looked for among the different keys once, and then only in the values. SQLite's LIKE knows no case of letters beyond
ASCII: texts with others are compared by Python, through the SQL functions ``contains`` and ``begins`` that the
connection has.
"""

# ruff: noqa: S608 - statements are put together from constants of this file; values are always bound

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbship.store.query import searched_part

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    _Condition = tuple[str, list[Any]]

__all__ = ["distinct_keys", "words_condition"]

# Goes from one key to the next by the primary key, which begins with it: DISTINCT would read them all.
_KEYS = (
    "WITH RECURSIVE k(key) AS (SELECT min(key) FROM {0} "
    "UNION ALL SELECT (SELECT min(key) FROM {0} next WHERE next.key > k.key) FROM k WHERE k.key IS NOT NULL) "
)
_AMONG = "key IN (SELECT value FROM json_each(?))"


def distinct_keys(table: str) -> str:
    """Return the beginning of a statement: a table ``k`` of the different keys in ``params``, ``tags`` or metrics."""
    return _KEYS.format(table)


def words_condition(connection: sqlite3.Connection, words: Sequence[str]) -> tuple[str, list[Any]]:
    """Return a condition on the run ``r``, to be appended to others, and its values."""
    if not words:
        return "", []
    params, tags = _keys(connection, "params"), _keys(connection, "tags")
    pairs = [key for key in tags if searched_part(key) == "pair"]
    searched = [key for key in tags if searched_part(key) != "nothing"]
    text, values = "", list[Any]()
    for word in words:
        parts = [_contains("r.name", word), *_in_keys("params", params, word), *_in_keys("tags", pairs, word)]
        parts += [_in_values("params", word), _in_values("tags", word, searched)]
        text += f" AND ({' OR '.join(part for part, _ in parts)})"
        values += [value for _, found in parts for value in found]
    return text, values


def _keys(connection: sqlite3.Connection, table: str) -> list[str]:
    rows = connection.execute(f"{distinct_keys(table)} SELECT key FROM k WHERE key IS NOT NULL")
    return [row[0] for row in rows]


def _in_values(table: str, word: str, keys: Sequence[str] | None = None) -> _Condition:
    """Look for a word in the values, in those of some keys alone where they are given."""
    found, values = _contains("value", word)
    among, listed = ("", []) if keys is None else (f" AND {_AMONG}", [json.dumps(keys)])
    # NOT INDEXED: an index on the key would find nearly every row, one at a time.
    return _runs(f"{table} NOT INDEXED", f"({found}){among}"), [*values, *listed]


def _in_keys(table: str, keys: Sequence[str], word: str) -> Iterator[_Condition]:
    """Look for a word in ``key=value`` where the value alone does not have it: in the key, or across the sign."""
    folded = [(key, f"{key.casefold()}=") for key in keys]
    if inside := [key for key, text in folded if word in text]:
        yield _runs(table, _AMONG), [json.dumps(inside)]
    for place in (place for place, sign in enumerate(word) if sign == "="):
        before, after = word[: place + 1], word[place + 1 :]
        ending = [key for key, text in folded if text.endswith(before)]
        if after and ending:
            found, values = _begins("value", after)
            yield _runs(table, f"{_AMONG} AND ({found})"), [json.dumps(ending), *values]


def _contains(column: str, word: str) -> _Condition:
    return _like(column, "contains"), [f"%{_escaped(word)}%", word]


def _begins(column: str, word: str) -> _Condition:
    return _like(column, "begins"), [f"{_escaped(word)}%", word]


def _like(column: str, function: str) -> str:
    beyond_ascii = f"length({column}) < length(CAST({column} AS BLOB))"
    return f"{column} LIKE ? ESCAPE '\\' OR ({beyond_ascii} AND {function}({column}, ?))"


def _runs(table: str, condition: str) -> str:
    return f"r.run_uuid IN (SELECT run_uuid FROM {table} WHERE {condition})"


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

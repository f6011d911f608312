"""What a QUERY and a sort key mean, for every way of reading a store.

Public: ``is_filter(query) -> bool``, ``words_of(query) -> tuple[str, ...]``, ``matches(run, words) -> bool``,
``parse_sort(sort) -> Order``, ``in_order(runs, order) -> list[Run]``, ``is_of(run, notebook) -> bool``,
``is_archived(run) -> bool``.

A QUERY is either MLflow's own filter syntax, told by a comparison such as ``metrics.auc > 0.8``, or plain words.
A run answers to plain words when each occurs, in any case of letters, in its name, in a parameter or a tag of the
user (as ``key=value``), or in its notebook, user, commit, branch or note.

A sort key is ``started``, ``ended``, ``duration``, ``name``, ``status``, ``experiment``, ``id``, ``metrics.NAME``,
``params.NAME`` or the bare name of a metric: ascending, or descending with a leading ``-``. Runs without a value
come last in both directions. Equal ones stand newest first.

A run is of a notebook when it names it so, or by its bare name, or by a longer path that ends with it. A run with the
tag ``nbship.archived`` = ``true`` was put away: listings leave it out unless they are asked for it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nbship.model.run import Run

__all__ = [
    "ARCHIVED_TAG",
    "NEWEST_FIRST",
    "NOTEBOOK_TAG",
    "Order",
    "in_order",
    "is_archived",
    "is_filter",
    "is_of",
    "matches",
    "parse_sort",
    "searched_part",
    "sort_by",
    "sort_value",
    "tag_text",
    "words_of",
]

ARCHIVED_TAG = "nbship.archived"
NOTEBOOK_TAG = "mlflow.source.name"

_ENTITY = r"(?:metrics?|params?|parameters?|tags?|attributes?|attr|run|datasets?|inputs?)\.(?:`[^`]*`|\"[^\"]*\"|[\w./-]+)"
_ATTRIBUTE = r"(?:status|start_time|end_time|created|run_name|run_id|user_id|artifact_uri)"
_COMPARISON = r"\s*(?:=|!=|<|>|\s(?:NOT\s+)?I?LIKE\s|\s(?:NOT\s+)?IN\s*\(|\sIS\s)"
_FILTER = re.compile(rf"(?:^|[\s(])(?:{_ENTITY}|{_ATTRIBUTE}){_COMPARISON}", re.IGNORECASE)

_SEARCHED_TAGS = {
    "mlflow.source.name",
    "mlflow.user",
    "mlflow.note.content",
    "mlflow.source.git.commit",
    "mlflow.source.git.branch",
}


def is_filter(query: str | None) -> bool:
    """Say whether the query is MLflow's filter syntax."""
    return bool(query and _FILTER.search(query))


def words_of(query: str | None) -> tuple[str, ...]:
    """Return the words of a plain query, caseless."""
    return tuple((query or "").casefold().split())


def searched_part(key: str) -> str:
    """Return what of a tag is searched: the ``pair`` of a user's, the ``value`` of few of MLflow's, ``nothing`` of our own."""
    if key in _SEARCHED_TAGS:
        return "value"
    return "nothing" if key.startswith(("mlflow.", "nbship.")) else "pair"


def tag_text(key: str, value: str | None) -> str:
    """Return the text of a tag that is searched."""
    return {"pair": f"{key}={value or ''}", "value": value or "", "nothing": ""}[searched_part(key)]


def matches(run: Run, words: Iterable[str]) -> bool:
    """Say whether every word occurs somewhere in what a run is searched by."""
    texts = [run.name, *(f"{key}={value}" for key, value in run.params.items())]
    texts += [tag_text(key, value) for key, value in run.tags.items()]
    caseless = [text.casefold() for text in texts]
    return all(any(word in text for text in caseless) for word in words)


def is_of(run: Run, notebook: str) -> bool:
    """Say whether a run is of a notebook, given by name or path."""
    named = run.tags.get(NOTEBOOK_TAG, "")
    return named in (notebook, notebook.rpartition("/")[2]) or named.endswith(f"/{notebook}")


def is_archived(run: Run) -> bool:
    """Say whether a run was put away."""
    return run.tags.get(ARCHIVED_TAG) == "true"


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key: `kind` is ``attribute``, ``metric`` or ``param``."""

    kind: str
    key: str
    descending: bool = False


NEWEST_FIRST = Order("attribute", "started", descending=True)

_ATTRIBUTES: dict[str, Callable[[Run], Any]] = {
    "started": lambda run: run.started_ms,
    "ended": lambda run: run.ended_ms,
    "duration": lambda run: run.duration_seconds,
    "name": lambda run: run.name.casefold(),
    "status": lambda run: run.status.value,
    "experiment": lambda run: run.experiment,
    "id": lambda run: run.id,
}


def parse_sort(sort: str | None) -> Order:
    """Return the order that a sort key means; newest first without one."""
    if not sort:
        return NEWEST_FIRST
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    for prefix, kind in (
        ("metrics.", "metric"),
        ("metric.", "metric"),
        ("params.", "param"),
        ("param.", "param"),
    ):
        if key.startswith(prefix):
            return Order(kind, key.removeprefix(prefix), descending)
    return Order("attribute" if key in _ATTRIBUTES else "metric", key, descending)


def sort_value(run: Run, order: Order) -> Any:
    """Return the value of a run under an order; None where it has none."""
    if order.kind == "attribute":
        return _ATTRIBUTES[order.key](run)
    return run.metrics.get(order.key) if order.kind == "metric" else run.params.get(order.key)


def in_order(runs: Iterable[Run], order: Order) -> list[Run]:
    """Return the runs sorted; see the module for missing and equal values."""
    return sort_by(runs, order, lambda run: sort_value(run, order), lambda run: (-run.started_ms, run.id))


def sort_by(
    rows: Iterable[Any], order: Order, value: Callable[[Any], Any], tie: Callable[[Any], Any]
) -> list[Any]:
    """Sort anything that has values and ties under an order."""
    ordered = sorted(rows, key=tie)
    groups: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
    for row in ordered:
        groups[_group(value(row))].append(row)
    # `reverse` keeps equal ones as they stand, so ties stay newest first in both directions.
    present = sorted(groups[0], key=lambda row: _comparable(value(row)), reverse=order.descending)
    return present + groups[1] + groups[2]


def _group(value: Any) -> int:
    """Return 0 for a value that can be compared, 1 for what is no finite number, 2 for none: the order of MLflow."""
    if value is None:
        return 2
    return 1 if isinstance(value, float) and not math.isfinite(value) else 0


def _comparable(value: Any) -> tuple[int, Any]:
    """Compare as numbers whatever reads as one, numbers before other text: parameters are stored as text."""
    if not isinstance(value, str):
        return (0, value)
    try:
        number = float(value)
    except ValueError:
        return (1, value)
    return (1, value) if math.isnan(number) else (0, number)

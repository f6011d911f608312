"""Ground truth, reported by request id.

``{"id": …, "target": …}``, with ``"row"`` for a request of several rows; ``{"id": …, "targets": […]}`` for all rows of a
request; or a list of these.
"""

from __future__ import annotations

from typing import Any

import orjson

from nbship.serving.problems import BadRequestError, Problems, Reason

__all__ = ["read_feedback"]

_LONGEST_ID = 128
_MOST_ROW = 2**31
_SCALARS = (bool, int, float, str, type(None))


def read_feedback(body: bytes) -> dict[str, list[tuple[int, Any]]]:
    """Return row and target by request id.

    Raises
    ------
    BadRequestError
        With everything that is wrong.
    """
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequestError.of(Reason.JSON, "the body is no JSON") from None
    items = data if isinstance(data, list) else [data]
    if not items:
        raise BadRequestError.of(Reason.EMPTY, "the list is empty")
    problems = Problems()
    found: dict[str, list[tuple[int, Any]]] = {}
    for number, item in enumerate(items):
        if _is_valid(item, number, problems):
            found.setdefault(item["id"], []).extend(_targets(item))
    problems.check()
    return found


def _targets(item: dict[str, Any]) -> list[tuple[int, Any]]:
    return (
        list(enumerate(item["targets"])) if "targets" in item else [(int(item.get("row", 0)), item["target"])]
    )


def _is_valid(item: Any, number: int, problems: Problems) -> bool:
    if not isinstance(item, dict):
        problems.add(Reason.LAYOUT, "expected an object with id and target", number)
        return False
    before = problems.count
    request_id = item.get("id")
    if not isinstance(request_id, str) or not 0 < len(request_id) <= _LONGEST_ID:
        problems.add(Reason.LAYOUT, "id is the request id of the prediction, a text", number)
    if ("target" in item) == ("targets" in item):
        problems.add(Reason.LAYOUT, "expected either target or targets", number)
    _check_row(item, number, problems)
    _check_targets(item, number, problems)
    return problems.count == before


def _check_row(item: dict[str, Any], number: int, problems: Problems) -> None:
    row = item.get("row", 0)
    if not _is_whole(row) or not 0 <= row < _MOST_ROW:
        problems.add(Reason.TYPE, "row is the position of the row in its request, from 0", number)
    if "row" in item and "targets" in item:
        problems.add(Reason.LAYOUT, "targets are those of all rows: leave row out", number)


def _is_whole(value: Any) -> bool:
    """Whether it is an integer as JSON Schema has it: 1.0 is one."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and value.is_integer()
    )


def _check_targets(item: dict[str, Any], number: int, problems: Problems) -> None:
    targets = item.get("targets", [item.get("target")])
    if not isinstance(targets, list) or not targets:
        problems.add(Reason.TYPE, "targets is a list with one target a row", number)
        return
    if not all(_is_target(target) for target in targets):
        problems.add(Reason.TYPE, "a target is a number, text, boolean or null, or a list of these", number)


def _is_target(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(part, _SCALARS) for part in value)
    return isinstance(value, _SCALARS)

"""Which columns may have gaps: those where the model was seen to answer one.

Public: `with_nullable_columns`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from nbship.serving.proof import answers_or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.bundle import InputColumn
    from nbship.serving.edge_rows import Rows

__all__ = ["with_nullable_columns"]

_PROBES = 3


def with_nullable_columns(
    columns: tuple[InputColumn, ...], predict: Callable[[Rows], list[Any]], rows: Rows
) -> tuple[InputColumn, ...]:
    """Return the columns with `nullable` as found.

    Parameters
    ----------
    predict
        The plain path.
    rows
        Some that the model answers; a value at a time is taken out of them.
    """
    probes = rows[:_PROBES]
    usual = answers_or_none(predict, probes) if probes else None
    if usual is None:
        return columns
    return tuple(
        dataclasses.replace(column, nullable=_bears_gap(predict, probes, usual, at))
        for at, column in enumerate(columns)
    )


def _bears_gap(predict: Callable[[Rows], list[Any]], probes: Rows, usual: list[Any], at: int) -> bool:
    answers = answers_or_none(predict, [[*row[:at], None, *row[at + 1 :]] for row in probes])
    if answers is None:
        return False
    # A gap that only travels through to the answer is not an answer.
    return not any(
        _is_gap(answer) and not _is_gap(before) for answer, before in zip(answers, usual, strict=True)
    )


def _is_gap(answer: Any) -> bool:
    if isinstance(answer, list):
        return any(map(_is_gap, answer))
    if isinstance(answer, dict):
        return any(map(_is_gap, answer.values()))
    return answer is None or bool(answer != answer)  # noqa: PLR0124 - NaN

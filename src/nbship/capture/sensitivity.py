"""How much a model's answers depend on each column, without labels and without looking inside the model.

Public: `sensitivities`.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from nbship.capture.even_rows import even_rows
from nbship.capture.model_input import quiet_attribute
from nbship.capture.predictions import Answer, answer
from nbship.capture.table_kinds import is_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["sensitivities"]

_MOST_ROWS = 512
_FEWEST_ROWS = 32
_MOST_CELLS = 2_000_000
"""Of one question to the model."""
_OVERTIME = 2.0


def sensitivities(
    model: Any, rows: Any, seconds: float, clock: Callable[[], float] = time.perf_counter
) -> tuple[list[float], str] | None:
    """Return by how much the answers change on average when one column is shuffled.

    Parameters
    ----------
    model
        A fitted estimator.
    rows
        Input for it, a frame of pandas or an array.
    seconds
        How long this may take; with less time fewer rows are used.

    Returns
    -------
    tuple or None
        One number a column, not negative, and in words what it measures; None when there is not enough time.

    Notes
    -----
    The shuffling is that of permutation importance (Breiman 2001, "Random Forests", section 10), with the change of the
    answer in place of the loss. Many columns are asked about in one call, since most models have a fixed cost a call.
    """
    import numpy as np

    started = clock()
    part = even_rows(rows, _MOST_ROWS)
    base = answer(model, even_rows(part, part.shape[0]))
    columns = part.shape[1]
    per_row = max(clock() - started, 1e-9) / part.shape[0]
    affordable = int((seconds - (clock() - started)) / per_row) // max(1, columns)
    size = min(part.shape[0], affordable)
    if size < min(_FEWEST_ROWS, part.shape[0]) or columns == 0:
        return None
    kept = np.arange(size) * part.shape[0] // size
    words, distances = _measure(model, base)
    told = _answers_at(base, kept)
    changes: list[float] = []
    for places, question in _questions(_rows_at(part, kept), np.random.default_rng(0)):
        given = answer(model, question)
        for block in range(len(places)):
            here = _answers_at(given, slice(block * size, (block + 1) * size))
            changes.append(float(np.mean(distances(told, here))))
        if clock() - started > seconds * _OVERTIME:
            return None
    return changes, f"{words} when the column is shuffled ({size:,} rows)"


def _measure(model: Any, base: Answer) -> tuple[str, Callable[[Answer, Answer], Any]]:
    """Return how to speak of a change of answers, and what measures it, row by row."""
    if base.probabilities is not None:
        return "how much the predicted probabilities change", _probability_moved
    if base.prediction.dtype.kind in "iuf" and quiet_attribute(model, "classes_") is None:
        return "how much the prediction changes", _distance
    return "how often the predicted class changes", _differs


def _probability_moved(one: Answer, other: Answer) -> Any:
    # Halved: what one class gains another one loses.
    return abs(one.probabilities - other.probabilities).sum(axis=1) / 2


def _distance(one: Answer, other: Answer) -> Any:
    return abs(one.prediction.astype("float64") - other.prediction).reshape(one.rows, -1).sum(axis=1)


def _differs(one: Answer, other: Answer) -> Any:
    return (one.prediction != other.prediction).reshape(one.rows, -1).any(axis=1)


def _answers_at(given: Answer, which: Any) -> Answer:
    return Answer(
        given.prediction[which], None if given.probabilities is None else given.probabilities[which]
    )


def _questions(rows: Any, generator: Any) -> Iterator[tuple[range, Any]]:
    """Yield the rows again and again, each time with another column shuffled, as few tables as memory allows."""
    import numpy as np

    size, columns = rows.shape
    step = max(1, _MOST_CELLS // (size * columns))
    for first in range(0, columns, step):
        places = range(first, min(first + step, columns))
        order = np.tile(np.arange(size), len(places))
        question = _rows_at(rows, order)
        for block, place in enumerate(places):
            shuffled = order.copy()
            shuffled[block * size : (block + 1) * size] = generator.permutation(size)
            _set_column(question, place, rows, shuffled)
        yield places, question


def _rows_at(rows: Any, order: Any) -> Any:
    if is_array(rows):
        return rows[order]
    return sys.modules["pandas"].DataFrame.reset_index(rows.take(order), drop=True)


def _set_column(table: Any, place: int, rows: Any, order: Any) -> None:
    """Replace one column, whatever its name, and keep its dtype."""
    if is_array(rows):
        table[:, place] = rows[order, place]
    else:
        table.isetitem(place, rows.iloc[:, place].take(order).array)

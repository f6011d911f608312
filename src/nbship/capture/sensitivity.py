"""How much a model's answers depend on each column, without labels and without looking inside the model.

Public: `sensitivities`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from nbship.capture.even_rows import even_places, even_rows
from nbship.capture.model_input import quiet_attribute
from nbship.capture.paced import WorkClock
from nbship.capture.predictions import Answer, answer, predict_within
from nbship.capture.table_kinds import is_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbship.capture.paced import Paced

__all__ = ["sensitivities"]

_MOST_ROWS = 512
_FEWEST_ROWS = 32
_BASE_SHARE = 0.5
"""Of the time, for the answers that the others are compared with."""
_MOST_CELLS = 2_000_000
"""Of one question to the model."""
_OVERTIME = 2.0


def sensitivities(
    model: Any, rows: Any, seconds: float, clock: Callable[[], float] | None = None
) -> tuple[list[float], str] | None:
    """Return by how much the answers change on average when one column is shuffled.

    Parameters
    ----------
    model
        A fitted estimator.
    rows
        Input for it, a frame of pandas or an array.
    seconds
        How much work this may be; with less time fewer rows are used.

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

    clock = clock or WorkClock()
    started = clock()
    rows = even_rows(rows, _MOST_ROWS)
    base = predict_within(model, rows, seconds * _BASE_SHARE, clock)
    columns = rows.shape[1]
    if base is None or columns == 0:
        return None
    size = _affordable_rows(base, columns, started + seconds - clock())
    if size is None:
        return None
    kept = even_places(base.count, size)
    words, distances = _measure(model, base.found)
    told = _answers_at(base.found, kept)
    changes: list[float] = []
    for places, question in _questions(_rows_at(even_rows(rows, base.count), kept), np.random.default_rng(0)):
        if clock() - started > seconds * _OVERTIME:
            return None
        given = answer(model, question)
        for block in range(len(places)):
            here = _answers_at(given, slice(block * size, (block + 1) * size))
            changes.append(float(np.mean(distances(told, here))))
    return changes, f"{words} when the column is shuffled ({size:,} rows)"


def _affordable_rows(base: Paced[Answer], columns: int, seconds: float) -> int | None:
    """Return with how many rows there is time to ask about every column; None with too few to tell anything.

    A question that is no larger than the one just answered is afforded in any case.
    """
    in_time = int(seconds / max(base.seconds, 1e-9) * base.count / columns)
    size = min(base.count, max(in_time, base.count // columns))
    return size if size >= min(_FEWEST_ROWS, base.count) else None


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

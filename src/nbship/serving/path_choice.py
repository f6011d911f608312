"""The fastest way to ask a model that answers as the plain way does.

Public: `choose_path`, `is_row_wise`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from nbship.model.bundle import Bundle, InputPath
from nbship.serving.direct import direct_method, has_trees
from nbship.serving.frames import NUMPY_TYPES
from nbship.serving.predictor import predictor_of
from nbship.serving.proof import Reference, answers_or_none, difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nbship.serving.edge_rows import Rows, Trials

__all__ = ["choose_path", "is_row_wise"]

_ROWS_APART = 24
_ROUNDING = 1e-6
"""Products of many rows at once are summed in another order than those of one row."""


def choose_path(bundle: Bundle, model: Any, model_folder: Path, reference: Reference) -> Bundle:
    """Return the bundle with the fastest path whose answers are those of the reference, and with the proof.

    Parameters
    ----------
    bundle
        With the plain path.
    model
        As the server will read it.
    reference
        What the plain path answered.
    """
    compared = f"{reference.answered} rows, and {reference.refused} that the model refuses"
    for candidate in _candidates(bundle, model):
        predict = predictor_of(model, candidate, model_folder).predict
        if reference.agrees(predict):
            sentence = (
                f"{_told(candidate)} gives the answers of the plain path, to the last bit, for {compared}."
            )
            return dataclasses.replace(candidate, proof=(*bundle.proof, sentence))
        bundle = dataclasses.replace(
            bundle, proof=(*bundle.proof, f"{_told(candidate)} differs from the plain path: not used.")
        )
    return bundle


def is_row_wise(predict: Callable[[Rows], list[Any]], trials: Trials) -> bool:
    """Whether rows are answered alike alone and together."""
    rows = [*trials.example[:8], *trials.mixed[1 : 2 * _ROWS_APART : 2]]
    apart = [(row, answers_or_none(predict, [row])) for row in rows]
    answered = [(row, answer[0]) for row, answer in apart if answer is not None]
    together = answers_or_none(predict, [row for row, _ in answered])
    if together is None:
        return False
    return all(difference(one, many) <= _ROUNDING for (_, one), many in zip(answered, together, strict=True))


def _candidates(bundle: Bundle, model: Any) -> Iterator[Bundle]:
    """Yield what may be faster than the plain path, fastest first."""
    known = not bundle.context_first and direct_method(model, bundle.method) is not None
    if bundle.tensor is not None:
        return
    if all(column.type in NUMPY_TYPES for column in bundle.inputs):
        if known:
            path = InputPath.FOREST if has_trees(model, bundle.method) else InputPath.ARRAY
            yield dataclasses.replace(bundle, input_path=path, direct=True)
        for dtype in _dtypes(bundle):
            yield dataclasses.replace(bundle, input_path=InputPath.ARRAY, array_dtype=dtype)
    if known:
        yield dataclasses.replace(bundle, direct=True)


def _dtypes(bundle: Bundle) -> Iterator[str]:
    """Yield numpy's names of the dtypes to try: that of the columns where they have one, and doubles."""
    types = {column.type for column in bundle.inputs}
    # numpy makes False of a gap among booleans.
    gaps = any(column.nullable and column.type == "boolean" for column in bundle.inputs)
    if len(types) == 1 and not gaps:
        yield NUMPY_TYPES[next(iter(types))]
    if types != {"double"}:
        yield "float64"


def _told(bundle: Bundle) -> str:
    way = {
        InputPath.FRAME: "a frame",
        InputPath.ARRAY: f"an array of {bundle.array_dtype}",
        InputPath.FOREST: "an array straight to the trees",
        InputPath.TENSOR: "a tensor",
    }[bundle.input_path]
    direct = bundle.direct and bundle.input_path is not InputPath.FOREST
    return f"{way[0].upper()}{way[1:]}{', with the known parts of the model computed directly,' if direct else ''}"

"""Trees and forests as the sum of their leaves, tree after tree, without a pool of jobs.

Public: `trees_method`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbship.serving.ordinary import is_ordinary, is_ordinary_but_for_gaps

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["trees_method"]

_FORESTS = ("RandomForest", "ExtraTrees")
_TREES = ("DecisionTree", "ExtraTree")


def trees_method(model: Any, method: str) -> Callable[[Any], Any] | None:
    """Return the method of a forest or tree, or None for what is no such model.

    As in ``sklearn/ensemble/_forest.py``: leaves are added in the order of the trees, in doubles, and divided once.
    """
    trees = _trees_of(model)
    if trees is None or method not in {"predict", "predict_proba"}:
        return None
    classifies = type(model).__name__.endswith("Classifier")
    if (method == "predict_proba" and not classifies) or (classifies and model.n_outputs_ > 1):
        return None
    mean = _mean(trees, regresses=not classifies, outputs=model.n_outputs_)
    return _guarded(_answer(mean, model, method), model, method, _bears_gaps(trees[0]))


def _trees_of(model: Any) -> list[Any] | None:
    module, name = type(model).__module__, type(model).__name__
    kind = name.removesuffix("Classifier").removesuffix("Regressor")
    if module == "sklearn.ensemble._forest" and kind in _FORESTS and kind != name:
        return list(model.estimators_)
    if module == "sklearn.tree._classes" and kind in _TREES and kind != name:
        return [model]
    return None


def _mean(trees: list[Any], *, regresses: bool, outputs: int) -> Callable[[Any], Any]:
    predictions = [tree.tree_.predict for tree in trees]
    first, rest, count = predictions[0], predictions[1:], len(predictions)

    def mean(rows: Any) -> Any:
        total = first(rows)
        for predict in rest:
            total += predict(rows)
        total /= count
        return total

    if not regresses:
        return mean
    return (lambda rows: mean(rows)[:, 0]) if outputs == 1 else (lambda rows: mean(rows)[:, :, 0])


def _answer(mean: Callable[[Any], Any], model: Any, method: str) -> Callable[[Any], Any]:
    if method == "predict_proba" or not type(model).__name__.endswith("Classifier"):
        return mean
    classes = model.classes_
    return lambda rows: classes.take(mean(rows).argmax(axis=1), axis=0)


def _bears_gaps(tree: Any) -> bool:
    """Whether scikit-learn would let a missing value through to this tree."""
    try:
        return bool(tree.__sklearn_tags__().input_tags.allow_nan)
    except AttributeError:
        # Older than 1.6: its own checks decide.
        return False


def _guarded(fast: Callable[[Any], Any], model: Any, method: str, gaps: bool) -> Callable[[Any], Any]:
    plain, width = getattr(model, method), model.n_features_in_

    def answer(rows: Any) -> Any:
        if is_ordinary(rows, width) or (gaps and is_ordinary_but_for_gaps(rows, width)):
            return fast(rows.astype(np.float32, order="C"))
        return plain(rows)

    return answer

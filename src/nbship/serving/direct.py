"""Known parts of scikit-learn computed directly: the same sums in the same order, without the checks around them.

A call of ``predict`` for one row costs scikit-learn 80 to 4,000 microseconds, nearly all of it validation and job
scheduling. What is here does the arithmetic that is left, for arrays of ordinary finite numbers; for anything else
(missing, infinite, huge, sparse) it asks scikit-learn itself. It is used only where its answers were compared with
those of the model, to the last bit, when the bundle was made.

Public: `direct_method`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.serving.direct_linear import linear_method
from nbship.serving.direct_scaling import scaling
from nbship.serving.direct_trees import trees_method
from nbship.serving.ordinary import is_ordinary

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PIPELINE", "direct_method", "has_trees", "is_pipeline", "passes"]

PIPELINE = ("sklearn.pipeline", "Pipeline")


def direct_method(model: Any, method: str) -> Callable[[Any], Any] | None:
    """Return a faster ``getattr(model, method)``, or None for a model that has no part which is known here.

    Parameters
    ----------
    model
        A fitted estimator; of a pipeline the last step and the scalers before it are looked at.
    method
        ``predict``, ``predict_proba`` or ``decision_function``.
    """
    if not is_pipeline(model):
        return _final(model, method)
    final = _final(model.steps[-1][1], method)
    if final is None:
        return None
    return _chain([_transformation(step) for _, step in model.steps[:-1] if not passes(step)], final)


def has_trees(model: Any, method: str) -> bool:
    """Whether what answers in the end is a forest or a tree that is known here."""
    final = model.steps[-1][1] if is_pipeline(model) else model
    return trees_method(final, method) is not None


def is_pipeline(model: Any) -> bool:
    """Whether it is scikit-learn's own pipeline: subclasses may compute anything, so they are unknown here."""
    return (type(model).__module__, type(model).__qualname__) == PIPELINE


def _final(model: Any, method: str) -> Callable[[Any], Any] | None:
    if (trees := trees_method(model, method)) is not None:
        return trees
    linear = linear_method(model, method)
    return _guarded(linear, getattr(model, method), model.n_features_in_) if linear is not None else None


def _transformation(step: Any) -> Callable[[Any], Any]:
    fast = scaling(step)
    return _guarded(fast, step.transform, step.n_features_in_) if fast is not None else step.transform


def passes(step: Any) -> bool:
    """Whether a step of a pipeline does nothing."""
    return step is None or (isinstance(step, str) and step == "passthrough")


def _guarded(fast: Callable[[Any], Any], plain: Callable[[Any], Any], width: int) -> Callable[[Any], Any]:
    def answer(rows: Any) -> Any:
        return fast(rows) if is_ordinary(rows, width) else plain(rows)

    return answer


def _chain(transformations: list[Callable[[Any], Any]], final: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def answer(rows: Any) -> Any:
        for transform in transformations:
            rows = transform(rows)
        return final(rows)

    return answer

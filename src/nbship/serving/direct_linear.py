"""Linear models as their one product.

Public: `linear_method`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["linear_method"]

_CLASSIFIERS = frozenset(
    {"LogisticRegression", "LogisticRegressionCV", "SGDClassifier", "Perceptron", "LinearSVC"}
)
_WITH_PROBABILITIES = frozenset({"LogisticRegression", "LogisticRegressionCV"})
_REGRESSORS = frozenset(
    {
        "LinearRegression",
        "Ridge",
        "RidgeCV",
        "Lasso",
        "LassoCV",
        "ElasticNet",
        "ElasticNetCV",
        "HuberRegressor",
        "LinearSVR",
    }
)


def linear_method(model: Any, method: str) -> Callable[[Any], Any] | None:
    """Return the method of a linear model for ordinary arrays, or None for what is no such model.

    As ``LinearClassifierMixin`` and ``LinearModel`` in ``sklearn/linear_model/_base.py``.
    """
    name = type(model).__name__
    if not type(model).__module__.startswith(("sklearn.linear_model.", "sklearn.svm.")):
        return None
    if name in _REGRESSORS and method == "predict":
        return _product(model)
    if name in _CLASSIFIERS and method in {"predict", "decision_function"}:
        return _labels(model) if method == "predict" else _scores(model)
    if name in _WITH_PROBABILITIES and method == "predict_proba":
        return _probabilities(model)
    return None


def _product(model: Any) -> Callable[[Any], Any]:
    weights, intercept = model.coef_.T, model.intercept_
    return lambda rows: rows @ weights + intercept


def _scores(model: Any) -> Callable[[Any], Any]:
    product = _product(model)
    # One column of scores stands for two classes.
    return (lambda rows: product(rows).reshape(-1)) if model.coef_.shape[0] == 1 else product


def _labels(model: Any) -> Callable[[Any], Any]:
    scores, classes = _scores(model), model.classes_
    if model.coef_.shape[0] == 1:
        return lambda rows: classes[(scores(rows) > 0).astype(np.intp)]
    return lambda rows: classes[scores(rows).argmax(axis=1)]


def _softmax(scores: Any) -> Any:
    """As ``softmax`` in ``sklearn/utils/extmath.py``, in place."""
    scores -= np.max(scores, axis=1).reshape((-1, 1))
    np.exp(scores, out=scores)
    scores /= np.sum(scores, axis=1).reshape((-1, 1))
    return scores


def _probabilities(model: Any) -> Callable[[Any], Any]:
    scores = _scores(model)
    if len(model.classes_) > 2:  # noqa: PLR2004
        return lambda rows: _softmax(scores(rows))
    from scipy.special import expit  # noqa: PLC0415 - much lighter than scikit-learn, and not always needed

    def two(rows: Any) -> Any:
        positive = expit(scores(rows))
        return np.stack([1 - positive, positive], axis=1)

    return two

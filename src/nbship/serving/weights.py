"""Linear models as their numbers, so that a server of one starts without scikit-learn and SciPy.

What is kept are the attributes that `nbship.serving.direct` computes with, as JSON: text of a double is exact.

Public: `stand_in`, `weights_of`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nbship.serving.direct import PIPELINE, is_pipeline, passes
from nbship.serving.direct_linear import linear_method
from nbship.serving.direct_scaling import scaling

__all__ = ["stand_in", "weights_of"]

_LINEAR = ("coef_", "intercept_", "classes_")
_SCALERS = {
    "MaxAbsScaler": ("scale_", "clip"),
    "MinMaxScaler": ("scale_", "min_", "clip", "feature_range"),
    "RobustScaler": ("with_centering", "center_", "with_scaling", "scale_"),
    "StandardScaler": ("with_mean", "mean_", "scale_"),
}
_METHODS = frozenset({"decision_function", "predict", "predict_proba", "transform"})
_MOST_NUMBERS = 200_000
"""A larger model is read as quickly from its own file."""


def weights_of(model: Any, method: str) -> dict[str, Any] | None:
    """Return all that it takes to answer `method`, as JSON; None for what is no linear model behind scalers."""
    steps = [step for _, step in model.steps if not passes(step)] if is_pipeline(model) else [model]
    *scalers, final = steps
    if linear_method(final, method) is None or not all(scaling(step) for step in scalers):
        return None
    kept = [_kept(step, _SCALERS[type(step).__name__]) for step in scalers] + [_kept(final, _LINEAR)]
    if any(record is None for record in kept):
        return None
    return {"pipeline": is_pipeline(model), "steps": kept}


def _kept(step: Any, attributes: tuple[str, ...]) -> dict[str, Any] | None:
    values = {name: getattr(step, name) for name in ("n_features_in_", *attributes) if hasattr(step, name)}
    encoded = {name: _encoded(value) for name, value in values.items()}
    if None in encoded.values():
        return None
    return {"module": type(step).__module__, "name": type(step).__name__, "values": encoded}


def _encoded(value: Any) -> dict[str, Any] | None:
    """Return a value as JSON that `_decoded` makes an equal one of; None for what JSON cannot hold."""
    if not isinstance(value, np.ndarray):
        plain = value.item() if isinstance(value, np.generic) else value
        plain = list(plain) if isinstance(plain, tuple) else plain
        return {"value": plain} if _is_plain(plain) else None
    if value.size > _MOST_NUMBERS or not _is_plain(value.tolist()):
        return None
    order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
    return {"dtype": str(value.dtype), "order": order, "data": value.tolist()}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, float):
        return bool(np.isfinite(value))
    return value is None or isinstance(value, bool | int | str)


def _decoded(data: dict[str, Any]) -> Any:
    if "dtype" not in data:
        return data["value"]
    return np.array(data["data"], dtype=data["dtype"], order=data["order"])


def stand_in(weights: dict[str, Any]) -> Any:
    """Return what `nbship.serving.direct` takes for the model of these weights, as `weights_of` returned them.

    Where that asks scikit-learn, the stand-in answers by the same arithmetic for whatever is finite, and refuses the rest,
    as scikit-learn does.
    """
    steps = [_step(record) for record in weights["steps"]]
    if not weights["pipeline"]:
        return steps[0]
    pipeline = _of_class(*PIPELINE)
    pipeline.steps = [(str(place), step) for place, step in enumerate(steps)]
    return pipeline


def _step(record: dict[str, Any]) -> Any:
    step = _of_class(record["module"], record["name"])
    for name, value in record["values"].items():
        setattr(step, name, _decoded(value))
    return step


def _of_class(module: str, name: str) -> Any:
    return type(name, (_StandIn,), {"__module__": module})()


class _StandIn:
    """Bears the name of a class, and the attributes that count."""

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        fast = scaling(self) if name == "transform" else linear_method(self, name)

        def answer(rows: Any) -> Any:
            if fast is None or not np.isfinite(rows).all():
                raise ValueError("NaN or infinity among the numbers")
            return fast(rows)

        return answer

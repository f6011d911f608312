"""How much each input column matters to a model, as shares that sum to 1.

Public: `Importance`, `model_importance`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.capture.column_owners import column_owners
from nbship.capture.even_rows import even_rows
from nbship.capture.model_input import input_names, quiet_attribute
from nbship.capture.paced import WorkClock, ask_within
from nbship.capture.sensitivity import sensitivities
from nbship.capture.undisturbed import undisturbed

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["IMPORTANCE_VERSION", "Importance", "model_importance"]

IMPORTANCE_VERSION = 1
"""Format of ``nbship/importance.json``. Adding keys needs no bump; anything else does."""

_SPREAD_ROWS = 1_000
_SPREAD_CELLS = 5_000_000


@dataclass(frozen=True, slots=True)
class Importance:
    """Column to its share, and in plain words where that comes from."""

    model: str
    method: str
    shares: dict[str, float]

    def to_json(self) -> str:
        """Return the text of ``nbship/importance.json``."""
        return json.dumps(
            {
                "version": IMPORTANCE_VERSION,
                "model": self.model,
                "method": self.method,
                "importance": self.shares,
            },
            indent=1,
        )


def model_importance(model: Any, description: str, rows: Any, *, seconds: float) -> Importance | None:
    """Return what the model itself tells of its columns, else how its answers depend on them.

    Parameters
    ----------
    model
        A fitted estimator.
    description
        What the model is called.
    rows
        Input for it; None where there is none.
    seconds
        How much work it may be to ask the model about shuffled columns, or to prepare rows for it.

    Returns
    -------
    Importance or None
        None when neither is to be had, or no column matters.
    """
    names = input_names(model)
    if not names:
        return None
    for source in (_native, _asked):
        try:
            found = source(model, names, rows, seconds)
        except Exception:  # noqa: BLE001, S112 - code of any library, of which some part is not as expected
            continue
        shares = None if found is None else _shares(found[0], len(names))
        if found is not None and shares is not None:
            return Importance(description, found[1], dict(zip(names, shares, strict=True)))
    return None


def _shares(values: Iterable[float], count: int) -> list[float] | None:
    numbers = [float(value) for value in values]
    total = math.fsum(numbers)
    usable = len(numbers) == count and all(number >= 0 for number in numbers) and 0 < total < math.inf
    return [number / total for number in numbers] if usable else None


def _asked(model: Any, _names: list[str], rows: Any, seconds: float) -> tuple[list[float], str] | None:
    return None if rows is None else sensitivities(model, rows, seconds)


def _native(model: Any, names: list[str], rows: Any, seconds: float) -> tuple[list[float], str] | None:
    """Return the estimator's own importances, added up over what each input column was made into."""
    estimator, preparation = _parts(model)
    kind = type(estimator).__name__
    weights, method = quiet_attribute(estimator, "feature_importances_"), ""
    if weights is not None:
        method = f"how much {kind} made of the column while it was fitted (feature_importances_)"
    elif quiet_attribute(estimator, "coef_") is not None and rows is not None:
        weights = _weighted_coefficients(estimator.coef_, preparation, rows, seconds)
        method = f"size of the coefficients of {kind} times the spread of what they apply to (coef_)"
    if weights is None:
        return None
    named = quiet_attribute(model, "feature_names_in_") is not None
    owners = column_owners(
        preparation, names if named else [f"x{position}" for position in range(len(names))]
    )
    sums = [0.0] * len(names)
    for owner, weight in zip(owners, weights, strict=True):
        sums[owner] += float(weight)
    return sums, method


def _parts(model: Any) -> tuple[Any, Any]:
    """Return the estimator that predicts, and what prepares the data for it, None if nothing does."""
    model = _chosen(model)
    steps = quiet_attribute(model, "steps")
    if not steps:
        return model, None
    return _chosen(steps[-1][1]), model[:-1] if len(steps) > 1 else None


def _chosen(model: Any) -> Any:
    """Return the model that a search settled on; any other model as it is."""
    best = quiet_attribute(model, "best_estimator_")
    return model if best is None else best


def _weighted_coefficients(coefficients: Any, preparation: Any, rows: Any, seconds: float) -> Any:
    """Return the mean size of the coefficients over the outputs, in units of what a column usually contributes."""
    import numpy as np

    prepared = _prepared(preparation, even_rows(rows, _SPREAD_ROWS), seconds)
    if prepared is None or math.prod(prepared.shape) > _SPREAD_CELLS:
        return None
    dense = prepared.toarray() if hasattr(prepared, "toarray") else np.asarray(prepared, dtype=np.float64)
    sizes = np.abs(np.atleast_2d(np.asarray(coefficients, dtype=np.float64))).mean(axis=0)
    return sizes * np.nanstd(dense, axis=0)


def _prepared(preparation: Any, rows: Any, seconds: float) -> Any:
    """Return rows as the estimator gets them; None where too few of them are ready in time."""
    if preparation is None:
        return rows
    with undisturbed():
        made = ask_within(preparation.transform, rows, seconds, WorkClock())
    return None if made is None else made.found

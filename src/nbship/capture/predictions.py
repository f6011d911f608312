"""What a model answers to a dataset, within a budget of time.

Public: `answer`, `Answer`, `predict_within`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from nbship.capture.model_input import quiet_attribute
from nbship.capture.paced import WorkClock, ask_within
from nbship.capture.undisturbed import undisturbed

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.capture.paced import Paced

__all__ = ["Answer", "answer", "predict_within"]

_MOST_OUTPUTS = 20
_MATRIX = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """Answers to some rows.

    Attributes
    ----------
    prediction
        What ``predict`` gave, one or two dimensions.
    probabilities
        What ``predict_proba`` gave, one column a class; None where the model has none.
    """

    prediction: Any
    probabilities: Any = None

    @property
    def rows(self) -> int:
        """How many rows were answered."""
        return int(self.prediction.shape[0])

    def columns(self) -> dict[str, Any]:
        """Return the answers by name: ``prediction``, and of a classifier of two classes ``probability`` of the second."""
        flat = self.prediction.reshape(self.rows, -1)[:, :_MOST_OUTPUTS]
        found = {_numbered("prediction", place): flat[:, place] for place in range(flat.shape[1])}
        if self.probabilities is not None and self.probabilities.shape[1] == 2:  # noqa: PLR2004 - classes
            found["probability"] = self.probabilities[:, 1]
        return found


def answer(model: Any, rows: Any) -> Answer:
    """Ask a model; raises whatever its ``predict`` raises.

    Parameters
    ----------
    model
        A fitted estimator.
    rows
        Its input, which it may change.
    """
    import numpy as np

    with undisturbed():
        probabilities = _probabilities(model, rows)
        prediction = np.asarray(model.predict(rows))
    if prediction.ndim not in (1, _MATRIX) or len(prediction) != rows.shape[0]:
        raise ValueError(f"predict gave an array of shape {prediction.shape} for {rows.shape[0]} rows")
    return Answer(prediction, probabilities)


def _probabilities(model: Any, rows: Any) -> Any:
    import numpy as np

    if not callable(quiet_attribute(model, "predict_proba")):
        return None
    try:
        found = np.asarray(model.predict_proba(rows.copy()), dtype=np.float64)
    except Exception:  # noqa: BLE001 - a foreign method; several outputs give a list that is no array
        return None
    return found if found.ndim == _MATRIX and len(found) == rows.shape[0] else None


def predict_within(
    model: Any, rows: Any, seconds: float, clock: Callable[[], float] | None = None
) -> Paced[Answer] | None:
    """Ask a model about as many evenly spread rows as it answers in the given time of work.

    Returns
    -------
    Paced or None
        None when the model is too slow to say anything in that time.
    """
    return ask_within(partial(answer, model), rows, seconds, clock or WorkClock())


def _numbered(name: str, place: int) -> str:
    return name if place == 0 else f"{name} [{place + 1}]"

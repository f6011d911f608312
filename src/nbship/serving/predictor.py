"""Rows in, predictions out: the model of a bundle, by the path that was proven for it.

Public: `Predictor`, `load_predictor`.
"""

from __future__ import annotations

import contextlib
import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from nbship.errors import PackagingError
from nbship.model.bundle import Bundle, InputPath
from nbship.serving.direct import direct_method
from nbship.serving.frames import ArrayBuilder, FrameBuilder
from nbship.serving.model_file import read_model
from nbship.serving.outcomes import predictions_of
from nbship.serving.python_model import model_context
from nbship.serving.weights import stand_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbship.serving.policy import TrustPolicy

__all__ = ["Predictor", "load_predictor", "predictor_of"]


class Predictor:
    """Answers rows.

    Attributes
    ----------
    needs_frame
        Whether rows become a pandas frame on the way.
    """

    def __init__(
        self, build: Callable[[list[list[Any]]], Any], answer: Callable[[Any], Any], needs_frame: bool
    ) -> None:
        self._build = build
        self._answer = answer
        self.needs_frame = needs_frame

    def predict(self, rows: list[list[Any]]) -> list[Any]:
        """Return one JSON-able prediction for each row.

        Parameters
        ----------
        rows
            Values in the order of the signature, validated; for a tensor signature one nested list a row.

        Returns
        -------
        list
            A number, text, boolean, None or datetime for each row, or a list of them, or for a model that answers
            frames a dictionary by column.

        Raises
        ------
        Exception
            Whatever the model raises; RuntimeError when it does not answer one prediction a row.
        """
        return predictions_of(self._answer(self._build(rows)), len(rows))


def load_predictor(folder: Path, bundle: Bundle, policy: TrustPolicy) -> Predictor:
    """Load the model of a bundle that was checked.

    Raises
    ------
    UntrustedModelError
        When the policy does not let the model be read.
    PackagingError
        When it cannot be read, or has no such method.

    Notes
    -----
    Where the bundle has the weights of its model, the model itself is not read.
    """
    model_folder = (folder / bundle.model_path).parent
    if bundle.weights:
        weights = json.loads((folder / bundle.weights).read_bytes())
        return predictor_of(stand_in(weights), bundle, model_folder)
    return predictor_of(read_model(folder, bundle, policy), bundle, model_folder)


def predictor_of(model: Any, bundle: Bundle, model_folder: Path) -> Predictor:
    """Return the predictor of a model that was read already."""
    _one_thread(model)
    _silence()
    answer = _answer(model, bundle, model_folder)
    return Predictor(_builder(bundle), answer, bundle.input_path is InputPath.FRAME)


def _answer(model: Any, bundle: Bundle, model_folder: Path) -> Callable[[Any], Any]:
    method = getattr(model, bundle.method, None)
    if not callable(method):
        raise PackagingError(f"the model, a {type(model).__qualname__}, has no method {bundle.method!r}")
    context = model_context(model, model_folder)
    if bundle.context_first:
        return lambda rows: method(context, rows)
    direct = bundle.direct or bundle.input_path is InputPath.FOREST
    return (direct_method(model, bundle.method) if direct else None) or method


def _builder(bundle: Bundle) -> Callable[[list[list[Any]]], Any]:
    if bundle.tensor is not None:
        dtype = np.dtype(bundle.tensor.dtype)
        return lambda rows: np.array(rows, dtype=dtype)
    if bundle.input_path is InputPath.FRAME:
        return FrameBuilder(bundle.inputs)
    return ArrayBuilder(bundle.inputs, bundle.array_dtype)


def _one_thread(model: Any) -> None:
    """Take the pools of jobs away: to start them costs more than a batch of requests, and sums change their order."""
    estimators = [step for _, step in getattr(model, "steps", ())] or [model]
    for estimator in estimators:
        if getattr(estimator, "n_jobs", None) is not None:
            with contextlib.suppress(AttributeError, TypeError):  # some models answer it by a property
                estimator.n_jobs = None


def _silence() -> None:
    """Silence what scikit-learn says when columns stand in the right order and only their names are not compared."""
    for message in ("X does not have valid feature names", "X has feature names, but"):
        warnings.filterwarnings("ignore", message=message, category=UserWarning)

"""Fitted models: which variable holds one, and how it is kept so that it loads elsewhere.

Public: `is_fitted_estimator`, `is_model`, `find_model`, `save_model`.
"""

from __future__ import annotations

import json
import math
import platform
import reprlib
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

from nbship.capture.model_input import input_candidates
from nbship.capture.model_pickle import pickle_model
from nbship.capture.requirements import model_requirements
from nbship.capture.signature import example_json, infer_signature, json_value, plain_frame, refused_columns
from nbship.capture.table_kinds import is_frame
from nbship.capture.undisturbed import undisturbed
from nbship.model.event import ModelRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["find_model", "is_fitted_estimator", "is_model", "save_model"]

_MOST_ATTEMPTS = 8
_LARGEST_EXAMPLE = 500_000
"""Characters of JSON: a wide image or a long document has no place in a journal of events."""
_MOST_PARAMS = 100
_LONGEST_PARAM = 500


def is_fitted_estimator(value: object) -> bool:
    """Return whether the value is an instance with ``fit`` and ``predict`` that has been fitted.

    Fitted means what it means to scikit-learn: ``__sklearn_is_fitted__()`` says so, or there is an attribute whose name
    ends with an underscore. Never raises, and imports nothing.
    """
    # Asked of the class first: proxies and mocks answer to every name.
    if isinstance(value, type) or not callable(getattr(type(value), "fit", None)):
        return False
    try:
        return callable(getattr(value, "predict", None)) and _is_fitted(value)
    except Exception:  # noqa: BLE001 - attributes of a foreign class may raise anything
        return False


def _is_fitted(value: Any) -> bool:
    for says in ("__sklearn_is_fitted__", *(("is_fitted",) if _is_catboost(value) else ())):
        if callable(getattr(type(value), says, None)):
            return bool(getattr(value, says)())
    return any(name.endswith("_") and not name.startswith("__") for name in vars(value))


def _is_catboost(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "catboost"


def is_model(value: object) -> bool:
    """Return whether ``--model`` accepts the value: anything but a class that has a callable ``predict``."""
    try:
        return not isinstance(value, type) and callable(getattr(value, "predict", None))
    except Exception:  # noqa: BLE001 - attributes of a foreign class may raise anything
        return False


def find_model(names_in_order: Sequence[str], namespace: Mapping[str, Any]) -> str | None:
    """Return the last of the names that holds a fitted estimator."""
    return next((name for name in reversed(names_in_order) if is_fitted_estimator(namespace.get(name))), None)


def save_model(
    name: str,
    value: Any,
    *,
    namespace: Mapping[str, Any],
    candidates: Sequence[str],
    fit_argument: str | None,
    put_blob: Callable[..., str],
) -> tuple[ModelRecord, tuple[str, ...]]:
    """Keep a model in the session's blob folder, and describe it.

    Parameters
    ----------
    name
        The variable that holds the model.
    value
        The model.
    namespace
        The variables of the kernel, in which an input example is looked for.
    candidates
        Variables that may hold an input, the likeliest first.
    fit_argument
        Source text of the first argument of the call of ``fit``, where it is known.
    put_blob
        Stores bytes under a suffix and returns the name of the blob.

    Returns
    -------
    tuple
        The record, and warnings, one sentence each. Without an input that the model accepts the record has no
        signature, and a warning says so.

    Raises
    ------
    ModelSaveError
        When the model cannot be pickled.
    SpoolError
        When the blob cannot be written.

    Notes
    -----
    The model answers to five rows. Python's and numpy's global random state are put back afterwards, and what it
    prints or warns meanwhile is dropped.
    """
    pickled, problems = pickle_model(name, value)
    described, doubts = _described_input(
        name, value, input_candidates(value, namespace, candidates, fit_argument)
    )
    needs = model_requirements(
        pickled, value, ("pandas",) if "columns" in described.get("input_example", ()) else ()
    )
    if needs.unpinned:
        doubts = (*doubts, f"{name}: no installed distribution provides {', '.join(needs.unpinned)}")
    framework, version = _framework(value)
    record = ModelRecord(
        blob=put_blob(pickled, ".pkl"),
        variable=name,
        class_name=f"{type(value).__module__}.{type(value).__qualname__}",
        framework=framework,
        framework_version=version,
        requirements=needs.pinned,
        params=_params(value),
        **described,
    )
    return record, (*problems, *doubts)


def _described_input(
    name: str, value: Any, examples: Iterator[Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return signature, example and predictions of the first example that the model answers."""
    refusal = ""
    for example in islice(examples, _MOST_ATTEMPTS):
        try:
            return _described(name, value, example, _predicted(value, example))
        except Exception as error:  # noqa: BLE001 - a user's predict, and what it returns, may raise anything
            reason = " ".join(str(error).split())[:200]
            refusal = refusal or f"predict raised {type(error).__name__}: {reason}"
    refusal = refusal or "no input example was found among the variables"
    return {}, (f"{name}: saved without a signature: {refusal}",)


def _described(
    name: str, value: Any, example: Any, predictions: Any
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the fields of the record that an example and its predictions fill, and warnings."""
    doubts: list[str] = []
    plain, unchecked = _plain_example(example)
    alike = plain is example or _answers_alike(value, plain, predictions)
    example = plain if alike else example
    signature = infer_signature(example, predictions, unchecked)
    if not alike:
        signature["inputs"] = None
    if signature["inputs"] is None:
        doubts.append(
            f"{name}: saved without an input signature: MLflow cannot hand it these column types or names"
        )
    stored = _stored_example(example, predictions)
    if not stored:
        doubts.append(f"{name}: saved without its input example, which is too large")
    return {"signature": signature, **stored}, tuple(doubts)


def _plain_example(example: Any) -> tuple[Any, list[Any]]:
    """Return the example in dtypes that survive JSON, and the columns whose own dtype MLflow would refuse.

    Declared as ``any``, such a column reaches the model both from a user's frame and from a request.
    """
    if not is_frame(example):
        return example, []
    plain = plain_frame(example)
    # Of a nullable integer with gaps the plain form is a float, and that is what has to be declared.
    return plain, [name for name in refused_columns(example) if example[name].dtype.kind not in "iuf"]


def _predicted(value: Any, example: Any) -> Any:
    with undisturbed():
        return value.predict(example.copy())  # a predict that works in place must not change what is recorded


def _answers_alike(value: Any, plain: Any, predictions: Any) -> bool:
    try:
        return bool(json_value(_predicted(value, plain)) == json_value(predictions))
    except Exception:  # noqa: BLE001 - a user's predict may raise anything
        return False


def _stored_example(example: Any, predictions: Any) -> dict[str, Any]:
    """Return example and predictions as JSON values; empty when they are too large for the journal."""
    if math.prod(example.shape) > _LARGEST_EXAMPLE:
        return {}
    stored = {"input_example": example_json(example), "predictions": json_value(predictions)}
    return stored if len(json.dumps(stored)) <= _LARGEST_EXAMPLE else {}


def _framework(value: Any) -> tuple[str, str]:
    version = getattr(sys.modules.get("sklearn"), "__version__", None)
    alike = all(callable(getattr(value, method, None)) for method in ("get_params", "fit", "predict"))
    return ("sklearn", str(version)) if version and alike else ("python", platform.python_version())


def _params(value: Any) -> dict[str, str]:
    """Return the estimator's own parameters as text; none for a class that does not tell them."""
    try:
        params = value.get_params(deep=False)
        return {str(key): _text(item) for key, item in islice(params.items(), _MOST_PARAMS)}
    except Exception:  # noqa: BLE001 - the repr of a foreign object may raise anything
        return {}


def _text(value: Any) -> str:
    text = _short.repr(value) if isinstance(value, list | tuple | dict | set | frozenset) else str(value)
    return text if len(text) <= _LONGEST_PARAM else text[: _LONGEST_PARAM - 1] + "…"


_short = reprlib.Repr()
_short.maxlist = _short.maxtuple = _short.maxdict = _short.maxset = _short.maxfrozenset = 50
_short.maxstring = _short.maxother = _LONGEST_PARAM

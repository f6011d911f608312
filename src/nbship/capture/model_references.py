"""What a run's model answers to the run's datasets, and how much each column matters to it.

Public: `log_model_references`.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from nbship.capture.importance import model_importance
from nbship.capture.predictions import predict_within
from nbship.capture.references import PendingArtifact
from nbship.model.event import ArtifactRecord

if TYPE_CHECKING:
    from nbship.capture.open_run import OpenRun
    from nbship.capture.predictions import Answer
    from nbship.capture.samples import Sample
    from nbship.capture.session import Session

__all__ = ["TARGET_TAG", "log_model_references"]

TARGET_TAG = "nbship.target"
"""Names the column that the model learnt to predict."""

_FOLDER = "nbship/predictions"
_IMPORTANCE = "nbship/importance.json"
_SECONDS_A_DATASET = 0.5
_SECONDS_A_RUN = 1.0


def log_model_references(session: Session, run: OpenRun) -> None:
    """Ask the model that a run has saved, and keep its answers."""
    if run.model is None or run.model_variable is None or not session.settings().profiles:
        return
    model = session.namespace.get(run.model_variable)
    fitting = list(run.samples.fitting(model, run.trained_on))
    deadline = time.perf_counter() + _SECONDS_A_RUN
    for sample, rows in fitting:
        left = min(_SECONDS_A_DATASET, deadline - time.perf_counter())
        found = _answered(model, rows, left) if left > 0 else None
        if found is not None:
            make = partial(_prediction_profile, sample, found)
            path = f"{_FOLDER}/{sample.file}.json"
            run.pending.append(PendingArtifact(path, f"profile of the predictions for {sample.name}", make))
    target = _target(session, run)
    importance = model_importance(model, run.model, fitting[0][1] if fitting else None)
    if importance is not None:
        blob = session.sink().put_blob(importance.to_json().encode("ascii"), ".json")
        session.sink().append(run.log(artifacts=(ArtifactRecord(_IMPORTANCE, blob),)))
    if target is not None:
        session.sink().append(run.log(tags={TARGET_TAG: target}))


def _answered(model: Any, rows: Any, seconds: float) -> Answer | None:
    try:
        return predict_within(model, rows, seconds)
    except Exception:  # noqa: BLE001 - the user's predict; that rows have the right columns does not make them its input
        return None


def _target(session: Session, run: OpenRun) -> str | None:
    """Return the column that the model learnt to predict, where it was one of the run's tables."""
    how, text = run.target or ("", "")
    value = session.namespace.get(text) if how == "name" else text
    return value if isinstance(value, str) and value in run.samples.columns() else None


def _prediction_profile(sample: Sample, found: Answer) -> bytes:
    """Return the profile of a model's answers as JSON."""
    from nbship.profiling.build import profile  # noqa: PLC0415 - only a run with a model needs it

    columns = found.columns()
    made = profile(columns, name=sample.name, roles=dict.fromkeys(columns, "prediction"))
    partial_of = sample.total if found.rows < sample.total else None
    return json.dumps(replace(made, digest=sample.digest, sampled_from=partial_of).to_dict()).encode("ascii")

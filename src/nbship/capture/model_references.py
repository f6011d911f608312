"""What a run's model answers to the run's datasets, and how much each column matters to it.

Public: `log_model_references`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from nbship.capture.importance import model_importance
from nbship.capture.paced import WorkClock
from nbship.capture.predictions import predict_within
from nbship.capture.profiles import discreet, without_values
from nbship.capture.references import PendingArtifact
from nbship.capture.secret_names import is_secret_name
from nbship.model.event import ArtifactRecord

if TYPE_CHECKING:
    from nbship.capture.open_run import OpenRun
    from nbship.capture.predictions import Answer
    from nbship.capture.samples import Sample
    from nbship.capture.secrets import Masker
    from nbship.capture.session import Session

__all__ = ["TARGET_TAG", "log_model_references"]

TARGET_TAG = "nbship.target"
"""Names the column that the model learnt to predict."""

_FOLDER = "nbship/predictions"
_IMPORTANCE = "nbship/importance.json"
_SECONDS_A_DATASET = 0.5
_SECONDS_A_RUN = 1.0
_SECONDS_IMPORTANCE = 1.0


def log_model_references(session: Session, run: OpenRun) -> None:
    """Ask the model that a run has saved, and keep its answers."""
    if run.model is None or run.model_variable is None or not session.settings().profiles:
        return
    target = _target(session, run)
    if target is not None:
        session.sink().append(run.log(tags={TARGET_TAG: target}))
    _ask(session, run, session.namespace.get(run.model_variable))


def _ask(session: Session, run: OpenRun, model: Any) -> None:
    fitting = list(run.samples.fitting(model, run.trained_on))
    discretion = _Discretion(
        session.masker, session.settings().profile_min_count, _hidden_target(session, run)
    )
    clock, seconds = WorkClock(), _SECONDS_IMPORTANCE
    for sample, rows in fitting:
        try:
            found = predict_within(model, rows, min(_SECONDS_A_DATASET, _SECONDS_A_RUN - clock()))
        except Exception:  # noqa: BLE001, S112 - the user's predict; that rows have the right columns does not make them its input
            continue
        if found is None and sample is fitting[0][0]:
            seconds = 0.0  # so slow that it need not be asked again
        elif found is not None:
            make = partial(_prediction_profile, sample, found.found, discretion)
            path = f"{_FOLDER}/{sample.file}.json"
            run.pending.append(PendingArtifact(path, f"profile of the predictions for {sample.name}", make))
    importance = model_importance(model, run.model or "", fitting[0][1] if fitting else None, seconds=seconds)
    if importance is not None:
        blob = session.sink().put_blob(importance.to_json().encode("ascii"), ".json")
        session.sink().append(run.log(artifacts=(ArtifactRecord(_IMPORTANCE, blob),)))


def _target_name(session: Session, run: OpenRun) -> str | None:
    """Return the column that the model learnt to predict, as the code names it."""
    how, text = run.target or ("", "")
    value = session.namespace.get(text) if how == "name" else text
    return value if isinstance(value, str) else None


def _target(session: Session, run: OpenRun) -> str | None:
    """Return the column that the model learnt to predict, where it was one of the run's tables."""
    name = _target_name(session, run)
    return name if name in run.samples.columns() else None


def _hidden_target(session: Session, run: OpenRun) -> bool:
    """Return whether the model predicts what is named like a secret."""
    return is_secret_name(_target_name(session, run) or "")


@dataclass(frozen=True, slots=True)
class _Discretion:
    """What of predictions may be told: levels of `min_count` rows without secrets; nothing where they are `hidden`."""

    masker: Masker
    min_count: int
    hidden: bool


def _prediction_profile(sample: Sample, found: Answer, discretion: _Discretion) -> bytes:
    """Return the profile of a model's answers as JSON."""
    from nbship.profiling.build import profile  # noqa: PLC0415 - only a run with a model needs it

    columns = found.columns()
    roles = dict.fromkeys(columns, "prediction")
    made = discreet(
        profile(columns, name=sample.name, roles=roles, min_count=discretion.min_count), discretion.masker
    )
    if discretion.hidden:
        made = without_values(made)
    partial_of = sample.total if found.rows < sample.total else None
    return json.dumps(replace(made, digest=sample.digest, sampled_from=partial_of).to_dict()).encode("ascii")

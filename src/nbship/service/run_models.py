"""The models of a run; what is raised is said in `nbship.service.run_files`."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from nbship.errors import UsageError
from nbship.model.run_record import RunModel
from nbship.service.apart import asking
from nbship.service.history import find_run

if TYPE_CHECKING:
    from nbship.config import Settings
    from nbship.model.registry import ModelVersion
    from nbship.model.run import Run
    from nbship.store.found_models import FoundModel
    from nbship.store.model_facts import ModelFacts

__all__ = ["run_models"]

_TARGET_TAG = "nbship.target"


def run_models(settings: Settings, run: str) -> tuple[RunModel, ...]:
    """Return the models of a run, by name; none where it has none."""
    from nbship.store.model_facts import model_facts
    from nbship.store.model_source import models_of_run
    from nbship.store.registry import versions_of_runs

    with asking(settings):
        found = find_run(settings, run)
        models = models_of_run(settings.tracking_uri, found)
        if not models:
            return ()
        versions = versions_of_runs(settings.tracking_uri, [found.id]).get(found.id, ())
        importance = _importance(settings, found)
        facts = {name: model_facts(settings.tracking_uri, model) for name, model in models.items()}
    mine = [name for name, model in models.items() if model.class_name or len(models) == 1]
    return tuple(
        _described(found, models[name], facts[name], versions, importance if name in mine else None)
        for name in sorted(models)
    )


def _importance(settings: Settings, run: Run) -> tuple[dict[str, float], str] | None:
    from nbship.provenance.reference import load_importance

    try:
        return load_importance(settings.tracking_uri, run)
    except UsageError:  # it keeps none
        return None


def _described(
    run: Run,
    model: FoundModel,
    facts: ModelFacts,
    versions: tuple[ModelVersion, ...],
    importance: tuple[dict[str, float], str] | None,
) -> RunModel:
    shares, method = importance or (None, "")
    known = {field.name: getattr(facts, field.name) for field in fields(facts)}
    obstacle = facts.obstacle or _unclear_input(facts)
    return RunModel(
        **{**known, "obstacle": obstacle},
        name=model.name,
        class_name=model.class_name,
        target=run.tags.get(_TARGET_TAG, "") if model.class_name else "",
        importance=shares,
        importance_method=method,
        versions=tuple(one for one in versions if one.model in ("", model.name)),
        shippable=not obstacle,
    )


def _unclear_input(facts: ModelFacts) -> str:
    from nbship.packaging.signature import inputs_of

    try:
        inputs_of({"inputs": list(facts.inputs)})
    except (UsageError, KeyError, TypeError) as error:  # the latter two for a damaged signature
        return str(error)
    return ""

"""Runs and models put in order: tagged, archived, deleted, registered.

Of several runs either all are known or nothing is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.errors import RunNotFoundError, UsageError
from nbship.model.curation import Curated, CuratedRun, CurationAction
from nbship.model.registry import ModelVersion
from nbship.model.run import RunStatus
from nbship.service.apart import answer_apart, asking
from nbship.service.history import find_run
from nbship.store.names import MAX_KEY, MAX_TAG, fit_key
from nbship.store.query import ARCHIVED_TAG
from nbship.store.reader import LOCAL_ID_TAG

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbship.config import Settings
    from nbship.model.run import Run

__all__ = [
    "archive_runs",
    "delete_runs",
    "register",
    "registered",
    "remove_alias",
    "restore_runs",
    "set_alias",
    "tag_runs",
]

_SYSTEM = ("mlflow.", "nbship.")


def tag_runs(settings: Settings, runs: Sequence[str], tags: Mapping[str, str | None]) -> Curated:
    """Set tags of runs.

    Parameters
    ----------
    runs
        Each a RUN: an id, an unambiguous prefix, a name, or ``latest``.
    tags
        Key to value; None removes the tag, where the run has it.

    Raises
    ------
    UsageError
        When a tag belongs to MLflow or nbship, or is none that MLflow takes.
    RunNotFoundError, AmbiguousRunError
        When a run is unknown; nothing was changed then.
    StoreError
        When the store does not answer.
    """
    if not tags:
        raise UsageError("no tags are given: write KEY=VALUE")
    for key, value in tags.items():
        _check_tag(key, value)
    return _tag(settings, runs, tags, CurationAction.TAGGED)


def archive_runs(settings: Settings, runs: Sequence[str], *, archived: bool = True) -> Curated:
    """Put runs away, so that listings leave them out until they are asked for them, or bring them back.

    Raises as `tag_runs`.
    """
    action = CurationAction.ARCHIVED if archived else CurationAction.UNARCHIVED
    return _tag(settings, runs, {ARCHIVED_TAG: "true" if archived else None}, action)


def delete_runs(settings: Settings, runs: Sequence[str]) -> Curated:
    """Delete runs the way MLflow does: `restore_runs` brings them back, until ``mlflow gc`` removes them for good.

    Raises
    ------
    UsageError
        When one of them is still being recorded.
    RunNotFoundError, AmbiguousRunError
        When a run is unknown; nothing was deleted then.
    StoreError
        When the store does not answer.
    """
    from nbship.store import curation

    with asking(settings):
        found = _found(runs, lambda run: find_run(settings, run))
        for run in found:
            _check_over(settings, run)
        curation.delete_runs(settings.tracking_uri, found)
    return _curated(CurationAction.DELETED, found)


def restore_runs(settings: Settings, runs: Sequence[str]) -> Curated:
    """Bring deleted runs back.

    Raises
    ------
    RunNotFoundError, AmbiguousRunError
        When a run is not among the deleted ones; nothing was restored then.
    StoreError
        When the store does not answer.
    """
    from nbship.store import curation

    with asking(settings):
        found = _found(runs, lambda run: curation.find_deleted(settings.tracking_uri, run))
        curation.restore_runs(settings.tracking_uri, found)
    return _curated(CurationAction.RESTORED, found)


def register(
    settings: Settings, run: str, name: str, *, alias: str | None = None, apart: bool = False
) -> ModelVersion:
    """Make the model of a run a version of a registered model, which is made where it is missing.

    A model that is a version of it already stays that version.

    Parameters
    ----------
    run
        A RUN, or ``runs:/RUN/NAME`` for one of several models.
    name
        Of the registered model.
    alias
        Shall point to the version, wherever it pointed before.
    apart
        True does the work in another process, as kernels and servers want: MLflow changes settings of the whole process
        meanwhile.

    Raises
    ------
    UsageError
        When the run has no such model, or name or alias is malformed.
    RunNotFoundError, AmbiguousRunError
        When no run or several answer.
    StoreError
        When the store does not answer.
    """
    from nbship.store import registry

    if not name.strip():
        raise UsageError("the registered model needs a name")
    if apart:
        options = [f"--alias={alias}"] if alias else []
        return ModelVersion.from_dict(answer_apart(settings, "register", options, [run, name]))
    which, _, model = run.removeprefix("runs:/").partition("/") if run.startswith("runs:/") else (run, "", "")
    with asking(settings):
        found = find_run(settings, which)
        version = registry.register(settings.tracking_uri, found, name, model)
        return set_alias(settings, name, alias, version.version) if alias else version


def set_alias(settings: Settings, name: str, alias: str, version: str) -> ModelVersion:
    """Let an alias of a registered model point to a version, wherever it pointed before.

    Raises
    ------
    UsageError
        When there is no such version, or the alias is malformed.
    StoreError
        When the store does not answer.
    """
    from nbship.store import registry

    with asking(settings):
        registry.version_of(settings.tracking_uri, name, version)
        registry.set_alias(settings.tracking_uri, name, alias, version)
        return registry.version_of(settings.tracking_uri, name, version)


def remove_alias(settings: Settings, name: str, alias: str) -> None:
    """Take an alias of a registered model away; nothing happens where there is none.

    Raises
    ------
    UsageError
        When there is no such model.
    StoreError
        When the store does not answer.
    """
    from nbship.store import registry

    with asking(settings):
        registry.remove_alias(settings.tracking_uri, name, alias)


def registered(settings: Settings, run: str) -> tuple[ModelVersion, ...]:
    """Return the registered versions of a run's models, by name and number.

    Raises
    ------
    RunNotFoundError, AmbiguousRunError
        When no run or several answer.
    StoreError
        When the store does not answer.
    """
    from nbship.store import registry

    with asking(settings):
        found = find_run(settings, run)
        return registry.versions_of_runs(settings.tracking_uri, [found.id]).get(found.id, ())


def _tag(
    settings: Settings, runs: Sequence[str], tags: Mapping[str, str | None], action: CurationAction
) -> Curated:
    from nbship.store import curation

    with asking(settings):
        found = _found(runs, lambda run: find_run(settings, run))
        curation.change_tags(settings.tracking_uri, found, tags)
    return _curated(action, found, tags)


def _check_tag(key: str, value: str | None) -> None:
    if key.startswith(_SYSTEM):
        raise UsageError(f"the tag {key!r} is kept by {key.partition('.')[0]} and cannot be changed")
    if not key or fit_key(key) != key:
        raise UsageError(
            f"{key!r:.80} cannot be the key of a tag: take up to {MAX_KEY} letters, digits, blanks and -_.:/"
        )
    if value is not None and len(value) > MAX_TAG:
        raise UsageError(f"the value of tag {key!r} has {len(value):,} characters; MLflow takes {MAX_TAG:,}")


def _found(runs: Sequence[str], find: Callable[[str], Run]) -> tuple[Run, ...]:
    """Return the runs, each once; one error names all that are unknown."""
    if not runs:
        raise UsageError("no runs are given: name one at least")
    found: dict[str, Run] = {}
    unknown: list[RunNotFoundError] = []
    for run in runs:
        try:
            one = find(run)
        except RunNotFoundError as error:
            unknown.append(error)
        else:
            found[one.id] = one
    if unknown:
        names = "; ".join(str(error) for error in unknown)
        raise RunNotFoundError(names if len(runs) == 1 else f"nothing was done: {names}")
    return tuple(found.values())


def _check_over(settings: Settings, run: Run) -> None:
    from nbship.recording.open_runs import is_going_on

    own = run.tags.get(LOCAL_ID_TAG)
    if run.status is RunStatus.RUNNING and own and is_going_on(settings.spool, own):
        raise UsageError(
            f"run {run.name} ({run.id[:8]}) is still being recorded: wait for its end, or interrupt it first"
        )


def _curated(
    action: CurationAction, runs: Sequence[Run], tags: Mapping[str, str | None] | None = None
) -> Curated:
    return Curated(action, tuple(CuratedRun(run.id, run.name, _own_tags(run, tags or {})) for run in runs))


def _own_tags(run: Run, changes: Mapping[str, str | None]) -> dict[str, str]:
    tags = {**run.tags, **changes}
    return {
        key: value for key, value in sorted(tags.items()) if value is not None and not key.startswith(_SYSTEM)
    }

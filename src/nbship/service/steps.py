"""Notebooks as steps: their parameters, and one execution of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from nbship.errors import NbshipError, UsageError
from nbship.model.step import StepRequest, StepResult
from nbship.pipeline.execution.inject import (
    format_path,
    inject,
    notebook_kernel,
    papermill_record,
    with_hidden_code,
    without_error_marks,
)
from nbship.pipeline.execution.notebook_file import check_target, is_local, read_notebook, write_notebook
from nbship.pipeline.execution.record import ticket
from nbship.pipeline.execution.step import run_step
from nbship.pipeline.parameters.declared import read_parameters
from nbship.pipeline.parameters.values import Resolved, resolve
from nbship.store import reader
from nbship.store.connection import sqlite_path

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from nbship.config import Settings
    from nbship.model.parameter import ParameterSchema
    from nbship.model.step import StepProgress
    from nbship.pipeline.parameters.convert import Proposal

__all__ = [
    "StepOptions",
    "convert",
    "parameters",
    "prepare_step",
    "run_notebook",
    "store_id",
    "write_prepared",
]


@dataclass(frozen=True, slots=True)
class StepOptions:
    """How a notebook is to be executed.

    Attributes
    ----------
    values, texts, raw
        Parameters as Python values, as text to be parsed by their declared types, and as text that stays text.
    secrets
        Values of `Secret` parameters.
    name
        Of the run; by default the notebook's.
    inject_paths
        Names of parameters that are set to ``input`` or ``output``, the paths.
    timeout_seconds, cell_timeout_seconds
        For the whole notebook and for each cell; None without bound.
    track, warm
        False records nothing; False starts a fresh interpreter.
    """

    values: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    name: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    kernel_name: str | None = None
    language: str | None = None
    cwd: str | None = None
    timeout_seconds: float | None = None
    cell_timeout_seconds: float | None = None
    start_timeout_seconds: float = 60.0
    environment: dict[str, str] = field(default_factory=dict)
    inject_paths: dict[str, str] = field(default_factory=dict)
    report_mode: bool = False
    track: bool = True
    warm: bool = True


def parameters(path: str) -> ParameterSchema:
    """Return the parameters that a notebook declares.

    Raises
    ------
    UsageError
        When there is no such notebook.
    """
    return read_parameters(read_notebook(path))


def convert(path: str, *, write: bool) -> Proposal:
    """Propose a parameters cell for a notebook that has none; with `write`, change the notebook so.

    Raises
    ------
    UsageError
        When there is no such notebook, or nothing in it that could be a parameter.
    """
    from nbship.pipeline.parameters.convert import propose  # analyses dataflow, which nothing else here does

    proposal = propose(read_notebook(path))
    if write and proposal.names:
        write_notebook(proposal.notebook, path)
    return proposal


def prepare_step(settings: Settings, path: str, output: str | None, options: StepOptions) -> StepRequest:
    """Check everything that can be checked before a kernel starts, and return what to execute.

    Parameters
    ----------
    path
        The notebook; ``{name}`` in it and in `output` is filled with parameters.
    output
        Where the executed notebook goes; None puts it beside the notebook.

    Raises
    ------
    UsageError
        When notebook, parameters or paths are wrong.
    """
    given = {**options.values, **options.texts, **options.raw}
    source = format_path(path, given)
    notebook = read_notebook(source)
    resolved = _resolve(notebook, options)
    target = format_path(output or _beside(source), {**given, **resolved.values})
    paths = {name: source if which == "input" else target for name, which in options.inject_paths.items()}
    stem = PurePath(source).stem if source != "-" else "notebook"
    name = options.name or stem
    tags = {"nbship.kind": "step", **options.tags}
    return StepRequest(
        name=name,
        notebook=notebook,
        input_path=source,
        output_path=target,
        parameters={**paths, **resolved.values},
        secrets=resolved.secrets,
        cwd=_folder(options.cwd),
        kernel_name=options.kernel_name,
        language=options.language,
        timeout_seconds=options.timeout_seconds,
        cell_timeout_seconds=options.cell_timeout_seconds,
        start_timeout_seconds=options.start_timeout_seconds,
        environment=options.environment,
        warm=options.warm,
        report_mode=options.report_mode,
        ticket=ticket(settings, name, tags=tags, source=PurePath(source).name) if options.track else None,
    )


def _resolve(notebook: dict[str, Any], options: StepOptions) -> Resolved:
    return resolve(
        read_parameters(notebook),
        values=options.values,
        texts=options.texts,
        raw=options.raw,
        secrets=options.secrets,
    )


def _beside(source: str) -> str:
    path = Path(source)
    if not is_local(source):
        return f"{path.stem}.executed.ipynb" if source != "-" else "-"
    return str(path.with_name(f"{path.stem}.executed.ipynb"))


def _folder(cwd: str | None) -> str | None:
    if cwd is not None and not Path(cwd).is_dir():
        raise UsageError(f"the working directory {cwd} does not exist")
    return None if cwd is None else str(Path(cwd).absolute())


def write_prepared(settings: Settings, path: str, output: str | None, options: StepOptions) -> str:
    """Write the notebook with its parameters and do not run it; return where.

    Raises
    ------
    UsageError
        When it cannot be prepared.
    """
    request = prepare_step(settings, path, output, replace(options, track=False))
    target = str(request.output_path)
    check_target(target)
    notebook = inject(
        without_error_marks(request.notebook),
        request.parameters,
        request.secrets,
        kernel_name=notebook_kernel(request.notebook, options.kernel_name),
        language=_language(request.notebook, options),
    )
    notebook = with_hidden_code(notebook) if options.report_mode else notebook
    record = papermill_record(notebook, request.input_path, target, request.parameters)
    write_notebook({**notebook, "metadata": {**notebook["metadata"], "papermill": record}}, target)
    return target


def _language(notebook: dict[str, Any], options: StepOptions) -> str:
    """Return the language that parameters are written in; the kernel need not be installed here."""
    from nbship.pipeline.kernels.spec import installed_language  # jupyter_client takes 0.1 s

    metadata, kernel = notebook["metadata"], options.kernel_name
    found = options.language or (installed_language(kernel) if kernel else None)
    written = (metadata.get("language_info") or {}).get("name")
    return str(found or written or (metadata.get("kernelspec") or {}).get("language") or "python")


def store_id(settings: Settings, run: str) -> str | None:
    """Return the store's id of a run, given its own; None while it is on its way, or on a server that is asked later."""
    if sqlite_path(settings.tracking_uri) is None:
        return None
    try:
        return reader.get(settings.tracking_uri, run).id
    except NbshipError:
        return None


def run_notebook(
    settings: Settings,
    path: str,
    output: str | None = None,
    options: StepOptions | None = None,
    *,
    progress: Callable[[StepProgress], None] | None = None,
    cancel: threading.Event | None = None,
    on_output: Callable[[str, str], None] | None = None,
) -> StepResult:
    """Execute a notebook as one parameterized, tracked step.

    Parameters
    ----------
    path, output
        As for `prepare_step`.
    progress
        Called before each code cell.
    cancel
        Set it to stop.
    on_output
        Called with the name and the text of each piece of a stream.

    Raises
    ------
    UsageError
        When it cannot be begun; nothing has run then.
    """
    request = prepare_step(settings, path, output, options or StepOptions())
    result = run_step(request, progress=progress, cancel=cancel, output=on_output)
    return replace(result, output_path=request.output_path)

"""``papermill --engine nbship``: papermill's reading, parameters and options with this runner under them."""

from __future__ import annotations

import json
import logging
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Self

from nbship.config import load_settings
from nbship.model.step import StepRequest, StepState
from nbship.pipeline.execution.notebook_file import parse_notebook
from nbship.pipeline.execution.record import ticket
from nbship.pipeline.execution.step import execute_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.step import StepProgress, StepResult

__all__ = ["NbshipEngine"]

_log = logging.getLogger("papermill")


class NbshipEngine:
    """Executes a notebook in a warm kernel, as a tracked run, with states that are true.

    Papermill loads its engines while it is itself being loaded, so this is no subclass of its `Engine`: it has the
    methods that papermill calls.

    Papermill has read the notebook and injected the parameters; it raises the error of a failed cell afterwards. What
    papermill's own engine raises for a dead kernel and a cell that takes too long, this one raises too.
    """

    @classmethod
    def execute_notebook(  # noqa: PLR0917 - the signature is papermill's
        cls,
        nb: Any,
        kernel_name: str,
        output_path: str | None = None,
        progress_bar: bool | dict[str, Any] = True,
        log_output: bool = False,
        autosave_cell_every: int = 30,  # noqa: ARG003 - saved at a bounded rate in any case
        **kwargs: Any,
    ) -> Any:
        """Execute, and return the executed notebook."""
        notebook = parse_notebook(json.dumps(nb), str(kwargs.get("input_path") or "the notebook"))
        request = _request(notebook, kernel_name, output_path, kwargs)
        with _Bar(request, progress_bar) as bar:
            result, executed = execute_step(
                request, progress=bar.show, output=_outlet(log_output, kwargs), mark_failure=False
            )
        _raise_for_death(result)
        return executed

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """Return the kernel that a notebook wants, as papermill finds it."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """Return the language of a notebook, as papermill finds it."""
        from papermill.utils import nb_language

        return str(nb_language(nb, language))

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
        """Execute for a caller that manages states and saving by itself, as engines on top of this one do."""
        executed = cls.execute_notebook(nb_man.nb, kernel_name, None, progress_bar=False, **kwargs)
        nb_man.nb = executed


def _request(
    notebook: dict[str, Any], kernel_name: str, output_path: str | None, options: dict[str, Any]
) -> StepRequest:
    recorded = notebook["metadata"].get("papermill", {})
    source = str(options.get("input_path") or recorded.get("input_path") or "notebook")
    name = PurePath(source).stem
    settings = load_settings()
    return StepRequest(
        name=name,
        notebook=notebook,
        input_path=source,
        output_path=output_path,
        parameters=dict(recorded.get("parameters") or {}),
        injected=True,
        kernel_name=kernel_name,
        cell_timeout_seconds=options.get("execution_timeout") or None,
        start_timeout_seconds=float(options.get("start_timeout") or 60),
        ticket=ticket(settings, name, tags={"nbship.kind": "step"}, source=PurePath(source).name),
    )


def _outlet(log_output: bool, options: dict[str, Any]) -> Callable[[str, str], None] | None:
    files = {"stdout": options.get("stdout_file"), "stderr": options.get("stderr_file")}
    if not log_output and not any(files.values()):
        return None
    levels = {"stdout": logging.INFO, "stderr": logging.WARNING}

    def write(name: str, text: str) -> None:
        if log_output:
            _log.log(levels.get(name, logging.INFO), text.rstrip("\n"))
        file = files.get(name)
        if file is not None:
            file.write(text)
            file.flush()

    return write


class _Bar:
    """Papermill's own progress bar."""

    def __init__(self, request: StepRequest, wanted: bool | dict[str, Any]) -> None:
        self._bar: Any = None
        if wanted:
            from tqdm.auto import tqdm  # noqa: PLC0415 - comes with papermill

            options = wanted if isinstance(wanted, dict) else {}
            self._bar = tqdm(total=None, **{"unit": "cell", "desc": f"Executing {request.name}", **options})

    def __enter__(self) -> Self:
        return self

    def show(self, progress: StepProgress) -> None:
        """Move the bar to where the execution stands."""
        if self._bar is not None:
            self._bar.total = progress.total
            self._bar.update(progress.done - self._bar.n)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.update(max(0, (self._bar.total or 0) - self._bar.n))
            self._bar.close()


def _raise_for_death(result: StepResult) -> None:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    failure = result.failure
    if failure is None or result.state not in (StepState.TIMED_OUT, StepState.KILLED, StepState.FAILED):
        return
    if failure.kind in {"dead kernel", "start"}:
        raise DeadKernelError(failure.message)
    if failure.kind == "timeout":
        raise CellTimeoutError(f"{failure.message}\n{failure.source}")
    if failure.kind == "interrupted":
        raise KeyboardInterrupt

"""``%pipeline``: a DAG of steps, shown and run under the cell."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, cast

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import MagicArgumentParser, argument, magic_arguments
from IPython.display import display

from nbship import service
from nbship.capture.request import key_values
from nbship.display.pipeline_graph import pipeline_bundle
from nbship.display.pipeline_words import failed_cell, place
from nbship.display.throttle import Throttle
from nbship.errors import NbshipError, UsageError
from nbship.model.step import StepState

if TYPE_CHECKING:
    import argparse

    from nbship.magics.hooks import CellHooks
    from nbship.model.pipeline import PipelineReport

__all__ = ["PipelineMagics"]

_REDRAW_SECONDS = 0.5
_HINT = (
    "Write %pipeline show FILE, or"
    " %pipeline run FILE [--step S] [--from S] [-p STEP.NAME=VALUE] [--force] [--resume] [--workers N]"
)
_ACTIONS = ("show", "run")


@magics_class
class PipelineMagics(Magics):
    """Show and run pipelines of notebooks."""

    def __init__(self, hooks: CellHooks) -> None:
        super().__init__(hooks.shell)
        self.tracker = hooks.tracker

    @no_var_expand
    @magic_arguments()
    @argument(
        "words", nargs="*", metavar="[show|run] FILE", help="a pipeline.toml, or a notebook with tagged cells"
    )
    @argument(
        "--step", metavar="S", action="append", default=[], help="run this step only; may be given again"
    )
    @argument("--from", dest="start", metavar="S", help="run this step and what follows from it")
    @argument(
        "-p",
        "--param",
        metavar="STEP.NAME=VALUE",
        action="append",
        default=[],
        help="set a parameter of a step; the text is read by the parameter's type",
    )
    @argument("--force", action="store_true", help="run every step, whatever the cache holds")
    @argument("--resume", action="store_true", help="leave out what completed in the last run")
    @argument("--workers", type=int, metavar="N", help="how many steps may run at once")
    @line_magic
    def pipeline(self, line: str) -> None:
        """Show a pipeline (``%pipeline FILE``) or run it (``%pipeline run FILE``).

        The graph is drawn under the cell and kept up to date while steps run. A step that fails makes the cell
        fail, so that Run All stops there.
        """
        try:
            action, path, options = _parsed(type(self).pipeline.parser, line)
            parameters = _by_step(key_values("-p", options.param))
            if action == "show":
                self._show(path, parameters)
            else:
                self._run(path, parameters, options)
        except (NbshipError, OSError) as error:
            raise IPythonUsageError(str(error)) from None

    def _show(self, path: str, parameters: dict[str, dict[str, str]]) -> None:
        report = service.pipeline_show(self.tracker.settings(), path, parameters)
        self.shell.display_pub.publish(data=pipeline_bundle(report))

    def _run(self, path: str, parameters: dict[str, dict[str, str]], options: argparse.Namespace) -> None:
        chosen = service.PipelineOptions(
            parameters=parameters,
            only=tuple(options.step),
            start=options.start,
            force=options.force,
            resume=options.resume,
            workers=options.workers,
        )
        drawing = _Drawing()
        throttle = Throttle(drawing.draw, _REDRAW_SECONDS)
        try:
            final = service.pipeline_run(self.tracker.settings(), path, chosen, throttle.offer)
            throttle.offer(final)
        finally:
            throttle.flush()
        if not final.succeeded or final.interrupted:
            raise IPythonUsageError(_verdict(final))


class _Drawing:
    """One output of the cell, drawn again in place."""

    def __init__(self) -> None:
        self._handle: Any = None

    def draw(self, report: PipelineReport) -> None:
        """Put the output under the cell, or replace it."""
        bundle = pipeline_bundle(report)
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


def _parsed(parser: MagicArgumentParser, line: str) -> tuple[str, str, argparse.Namespace]:
    try:
        options = cast("argparse.Namespace", parser.parse_args(shlex.split(line)))
    except (IPythonUsageError, ValueError) as error:
        raise UsageError(f"%pipeline: {error}. {_HINT}") from None
    action, *rest = options.words or [""]
    if action not in _ACTIONS:
        action, rest = "show", list(options.words)
    if len(rest) != 1:
        raise UsageError(f"%pipeline wants one file, got {' '.join(rest) or 'none'}. {_HINT}")
    if options.workers is not None and options.workers < 1:
        raise UsageError(f"--workers {options.workers}: at least one is needed")
    return action, rest[0], options


def _by_step(pairs: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return step to parameter to text."""
    parameters: dict[str, dict[str, str]] = {}
    for key, text in pairs.items():
        step, dot, name = key.rpartition(".")
        if not (step and dot and name):
            raise UsageError(f"-p {key}={text} names no step. Write -p STEP.{name or 'NAME'}={text}")
        parameters.setdefault(step, {})[name] = text
    return parameters


def _verdict(report: PipelineReport) -> str:
    """Return in one line why a pipeline did not complete, and how to go on."""
    if report.interrupted:
        return f"pipeline {report.name} was interrupted. %pipeline run {report.path} --resume goes on where it was"
    broken = next(
        (
            s
            for s in report.steps
            if s.state.ended and not s.state.succeeded and s.state is not StepState.NOT_RUN
        ),
        None,
    )
    if broken is None:
        return f"pipeline {report.name} did not complete"
    why = broken.failure.message if broken.failure is not None else broken.reason
    where = failed_cell(broken.failure) if broken.failure is not None else ""
    details = "; ".join(part for part in (where, place(broken.output_path)) if part)
    text = f"pipeline {report.name}: step {broken.name} {broken.state.value}"
    return text + (f": {why}" if why else "") + (f" ({details})" if details else "")

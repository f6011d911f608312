"""``nbship sweep`` and ``pipeline``: many steps."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbship.cli.arguments import (
    await_store,
    command,
    positive,
    print_json,
    progress_option,
    recording_options,
    seconds,
    settings_of,
)
from nbship.cli.parameters import given_parameters, parameter_options
from nbship.cli.startup import hurry
from nbship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.config import Settings
    from nbship.model.pipeline import PipelineReport, SweepReport

__all__ = ["add_commands"]

_WIDTH = 120


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    _add_sweep(commands)
    _add_pipeline(commands)


def _executor_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers", type=positive, metavar="N", help="how many steps at once (default: one a core)"
    )
    parser.add_argument("--executor", choices=["local", "dask"], default="local", help="where steps run")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="of the Dask cluster, e.g. tcp://127.0.0.1:8786"
    )
    parser.add_argument("--output-dir", metavar="DIR", help="where the executed notebooks go")
    recording_options(parser)
    parser.add_argument("--json", action="store_true", help="machine-readable result")
    progress_option(parser)


def _add_sweep(commands: Any) -> None:
    parser = command(commands, "sweep", _sweep, "Execute a notebook once for each point of a grid.")
    parser.add_argument("notebook", metavar="NB")
    parser.add_argument(
        "--grid",
        nargs="+",
        action="extend",
        default=[],
        required=True,
        metavar="K=A,B",
        help="values for a parameter; with --random also a range: lr=log:1e-4..1e-1",
    )
    parser.add_argument("--random", type=positive, metavar="N", help="draw N points instead of taking all")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the draw (default 0)")
    parser.add_argument("--metric", metavar="K", help="the metric that says which point is best")
    best = parser.add_mutually_exclusive_group()
    best.add_argument(
        "--max", dest="maximize", action="store_true", default=True, help="the largest is best (default)"
    )
    best.add_argument("--min", dest="maximize", action="store_false", help="the smallest is best")
    parser.add_argument(
        "--resume", action="store_true", help="keep the points that an earlier sweep completed"
    )
    parser.add_argument(
        "--retries", type=int, default=0, metavar="N", help="how often a failed point is tried again"
    )
    parameter_options(parser)
    parser.add_argument("-k", "--kernel", metavar="NAME", help="another kernel than the notebook's")
    parser.add_argument("--cwd", metavar="DIR", help="where the notebook runs (default: here)")
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS", help="for each point")
    parser.add_argument(
        "--execution-timeout", "--cell-timeout", type=seconds, metavar="SECONDS", help="for each cell"
    )
    parser.add_argument(
        "--warm", action=argparse.BooleanOptionalAction, default=True, help="use warm kernels"
    )
    _executor_options(parser)


def _sweep(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.cli.progress import sweep_object
    from nbship.display.sweep_text import sweep_changes, sweep_table

    hurry()
    settings = settings_of(options, experiment=options.experiment)
    step = service.StepOptions(
        **given_parameters(options),
        kernel_name=options.kernel,
        cwd=options.cwd,
        timeout_seconds=options.timeout,
        cell_timeout_seconds=options.execution_timeout,
        warm=options.warm,
    )
    asked = service.SweepOptions(
        grid=_grid(options.grid),
        random=options.random,
        seed=options.seed,
        metric=options.metric,
        maximize=options.maximize,
        resume=options.resume,
        retries=options.retries,
        workers=options.workers,
        executor=options.executor,
        scheduler=options.scheduler,
        output_folder=options.output_dir,
    )
    with _terminable(), _live(options, sweep_table, sweep_changes, sweep_object) as live:
        report = service.sweep(settings, options.notebook, asked, step, live)
    return _told(report, options, settings, sweep_table)


def _grid(items: list[str]) -> dict[str, list[str]]:
    from nbship.capture.request import key_values

    pairs = key_values("--grid", items)
    return {name: _values(text) for name, text in pairs.items()}


def _values(text: str) -> list[str]:
    """Split at commas, but not inside brackets or quotes: ``[1,2],[3]`` are two lists."""
    values, depth, quote, current = [], 0, "", ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth <= 0:
            values.append(current)
            current = ""
            continue
        current += sign
    return [*values, current]


def _add_pipeline(commands: Any) -> None:
    text = "Show or run a pipeline: a pipeline.toml, or one notebook with cells tagged step:NAME."
    parser = commands.add_parser("pipeline", help=text, description=text)
    actions = parser.add_subparsers(required=True, metavar="show|run")
    show = command(actions, "show", _show, "Show the steps and what they depend on.")
    run = command(actions, "run", _run, "Run the steps; what has not changed is taken from the cache.")
    for each in (show, run):
        each.add_argument(
            "file", metavar="FILE", help="pipeline.toml, or a notebook with cells tagged step:NAME"
        )
        each.add_argument(
            "-p",
            "--parameters",
            action="append",
            default=[],
            metavar="S.K=V",
            help="set parameter K of step S",
        )
    show.add_argument("--json", action="store_true", help="machine-readable output")
    run.add_argument(
        "--step", action="append", default=[], metavar="S", help="only this step; its inputs must be there"
    )
    run.add_argument("--from", dest="start", metavar="S", help="this step and everything behind it")
    run.add_argument("--force", action="store_true", help="run steps that have not changed too")
    run.add_argument("--resume", action="store_true", help="go on where the last run of this pipeline failed")
    run.add_argument("--explain", action="store_true", help="say for each step why it ran, or why not")
    _executor_options(run)


def _step_parameters(items: list[str]) -> dict[str, dict[str, str]]:
    from nbship.capture.request import key_values

    found: dict[str, dict[str, str]] = {}
    for key, value in key_values("-p", items).items():
        step, separator, name = key.partition(".")
        if not separator or not step or not name:
            raise UsageError(
                f"-p takes STEP.NAME=VALUE, got {key}={value}. Write for example -p train.lr=0.1"
            )
        found.setdefault(step, {})[name] = value
    return found


def _show(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.display.pipeline_text import pipeline_tree

    report = service.pipeline_show(settings_of(options), options.file, _step_parameters(options.parameters))
    if options.json:
        print_json(report.to_dict())
    else:
        print(pipeline_tree(report))
    return 0


def _run(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.cli.progress import pipeline_object
    from nbship.display.explanation import explanation
    from nbship.display.pipeline_text import pipeline_changes, pipeline_tree

    hurry()
    settings = settings_of(options, experiment=options.experiment)
    asked = service.PipelineOptions(
        parameters=_step_parameters(options.parameters),
        only=tuple(options.step),
        start=options.start,
        force=options.force,
        resume=options.resume,
        workers=options.workers,
        executor=options.executor,
        scheduler=options.scheduler,
        output_folder=options.output_dir,
    )
    with _terminable(), _live(options, pipeline_tree, pipeline_changes, pipeline_object) as live:
        report = service.pipeline_run(settings, options.file, asked, live)
    code = _told(report, options, settings, pipeline_tree)
    if options.explain and not options.json:
        print(explanation(report))
    return code


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does: steps are stopped and recorded."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _live(options: argparse.Namespace, render: Any, changes: Any, form: Any) -> Iterator[Any]:
    from nbship.cli.progress import ProgressLines
    from nbship.display.live_text import LiveText

    if options.progress == "json":
        with ProgressLines(form) as lines:
            yield lines.tell
        return
    if options.json and options.progress is None:
        yield None
        return
    live = LiveText(sys.stderr, render, changes)
    try:
        yield live.update
    finally:
        live.close()


def _told(
    report: PipelineReport | SweepReport, options: argparse.Namespace, settings: Settings, render: Any
) -> int:
    await_store(settings, options)
    if options.json:
        print_json(report.to_dict())
    else:
        print(render(report, width=max(_WIDTH, shutil.get_terminal_size().columns)))
    if report.interrupted:
        return 130
    return 0 if report.succeeded else 3

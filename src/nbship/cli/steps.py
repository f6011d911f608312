"""``nbship run`` and ``convert``: notebooks as parameterized steps, with papermill's own options."""

from __future__ import annotations

import argparse
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.cli.arguments import (
    await_store,
    command,
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
    from collections.abc import Callable, Iterator

    from nbship.cli.progress import StepLines
    from nbship.config import Settings
    from nbship.model.step import StepProgress, StepResult
    from nbship.service import StepOptions

__all__ = ["add_commands", "interruptible"]


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    _add_run(commands)
    _add_convert(commands)


def _add_run(commands: Any) -> None:
    parser = command(commands, "run", _run, "Execute a notebook as one parameterized, tracked step.")
    parser.add_argument(
        "notebook", metavar="NB", help="a path, any address that papermill reads, or - for stdin"
    )
    parser.add_argument(
        "output",
        nargs="?",
        metavar="OUT",
        help="where the executed notebook goes, - for stdout (default: NAME.executed.ipynb beside it)",
    )
    parameter_options(parser)
    parser.add_argument(
        "--help-notebook", action="store_true", help="show the notebook's parameters and leave"
    )
    parser.add_argument("--inject-input-path", action="store_true", help="set PAPERMILL_INPUT_PATH")
    parser.add_argument("--inject-output-path", action="store_true", help="set PAPERMILL_OUTPUT_PATH")
    parser.add_argument("--inject-paths", action="store_true", help="set both")
    parser.add_argument("-k", "--kernel", metavar="NAME", help="another kernel than the notebook's")
    parser.add_argument(
        "-l", "--language", metavar="NAME", help="another language than the kernel's, for parameters"
    )
    parser.add_argument("--cwd", metavar="DIR", help="where the notebook runs (default: here)")
    parser.add_argument(
        "--prepare-only", action="store_true", help="write the notebook with its parameters, do not run it"
    )
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS", help="for the whole notebook")
    parser.add_argument(
        "--execution-timeout", "--cell-timeout", type=seconds, metavar="SECONDS", help="for each cell"
    )
    parser.add_argument(
        "--start-timeout",
        "--start_timeout",
        type=seconds,
        default=60.0,
        metavar="SECONDS",
        help="for the kernel (default 60)",
    )
    parser.add_argument(
        "--report-mode", action=argparse.BooleanOptionalAction, default=False, help="hide the code"
    )
    parser.add_argument("--progress-bar", action=argparse.BooleanOptionalAction, default=None)
    parser.add_argument(
        "--log-output",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="print what the cells print (default: with --progress json)",
    )
    parser.add_argument("--stdout-file", metavar="FILE", help="write what the cells print to a file")
    parser.add_argument("--stderr-file", metavar="FILE", help="the same for their standard error")
    parser.add_argument("--name", metavar="NAME", help="name of the run (default: the notebook's)")
    parser.add_argument("-t", "--tag", action="append", default=[], metavar="K=V", help="a tag for the run")
    parser.add_argument("--track", action=argparse.BooleanOptionalAction, default=True, help="record a run")
    parser.add_argument(
        "--warm", action=argparse.BooleanOptionalAction, default=True, help="use a warm kernel"
    )
    recording_options(parser)
    parser.add_argument("--json", action="store_true", help="machine-readable result")
    progress_option(parser)
    _add_ignored(parser)


def _add_ignored(parser: argparse.ArgumentParser) -> None:
    """Add what papermill's users write and what needs no setting here."""
    unneeded = "accepted as papermill does; nbship saves by itself"
    parser.add_argument(
        "--request-save-on-cell-execute", action=argparse.BooleanOptionalAction, help=unneeded
    )
    parser.add_argument("--autosave-cell-every", type=int, metavar="SECONDS", help=unneeded)
    parser.add_argument("--engine", choices=["nbship"], help=argparse.SUPPRESS)
    parser.add_argument("--log-level", metavar="LEVEL", help=argparse.SUPPRESS)


def _run(options: argparse.Namespace) -> int:
    from nbship import service

    hurry()
    if options.help_notebook:
        return _help(options.notebook)
    settings = settings_of(options, experiment=options.experiment)
    if options.prepare_only:
        return _prepare_only(settings, options)
    with ExitStack() as stack:
        cancel = stack.enter_context(interruptible())
        lines = stack.enter_context(_lines(options)) if options.progress == "json" else None
        bar = lines.cell_began if lines is not None else stack.enter_context(_bar(options))
        result = service.run_notebook(
            settings,
            options.notebook,
            options.output,
            _step_options(options),
            progress=bar,
            cancel=cancel,
            on_output=_outlets(options, stack, lines),
        )
        if lines is not None:
            lines.ended(result)
    if options.track:
        await_store(settings, options)
    return _told(result, options, settings)


def _lines(options: argparse.Namespace) -> StepLines:
    from nbship.cli.progress import StepLines

    return StepLines(options.name or Path(options.notebook).stem)


def _help(notebook: str) -> int:
    from nbship import service
    from nbship.display.parameter_help import help_text

    print(help_text(service.parameters(notebook), notebook))
    return 0


def _prepare_only(settings: Settings, options: argparse.Namespace) -> int:
    from nbship import service

    path = service.write_prepared(settings, options.notebook, options.output, _step_options(options))
    if path != "-":
        print(f"prepared  {path}")
    return 0


def _step_options(options: argparse.Namespace) -> StepOptions:
    from nbship.capture.request import key_values
    from nbship.service import StepOptions

    paths = {}
    if options.inject_input_path or options.inject_paths:
        paths["PAPERMILL_INPUT_PATH"] = "input"
    if options.inject_output_path or options.inject_paths:
        paths["PAPERMILL_OUTPUT_PATH"] = "output"
    return StepOptions(
        **given_parameters(options),
        name=options.name,
        tags=key_values("-t", options.tag),
        kernel_name=options.kernel,
        language=options.language,
        cwd=options.cwd,
        timeout_seconds=options.timeout,
        cell_timeout_seconds=options.execution_timeout,
        start_timeout_seconds=options.start_timeout,
        inject_paths=paths,
        report_mode=options.report_mode,
        track=options.track,
        warm=options.warm,
    )


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Turn Ctrl-C and SIGTERM into a request to stop, so that what runs ends in good order and is recorded.

    A second Ctrl-C is a `KeyboardInterrupt`.
    """
    import signal

    asked = threading.Event()
    before = {}

    def ask(number: int, _frame: object) -> None:
        if asked.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.set()
        with suppress(
            OSError, ValueError
        ):  # whoever looked may be gone; what runs ends in good order all the same
            print("\nnbship: stopping; Ctrl-C once more leaves at once", file=sys.stderr, flush=True)

    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bar(options: argparse.Namespace) -> Iterator[Callable[[StepProgress], None] | None]:
    from nbship.display.live_text import is_live
    from nbship.display.step_text import progress_line

    wanted = options.progress_bar
    if wanted is None:
        wanted = options.progress == "text" or (
            sys.stderr.isatty() and not options.log_output and not options.json
        )
    if not wanted:
        yield None
        return
    live = is_live(sys.stderr)

    def show(progress: StepProgress) -> None:
        print(progress_line(progress), end="\r" if live else "\n", file=sys.stderr, flush=True)

    yield show
    if live:
        print(" " * 110, end="\r", file=sys.stderr, flush=True)


def _outlets(
    options: argparse.Namespace, stack: ExitStack, lines: StepLines | None
) -> Callable[[str, str], None] | None:
    targets: dict[str, list[Any]] = {"stdout": [], "stderr": []}
    log = lines.log if lines is not None and options.log_output is not False else None
    if options.log_output and lines is None:
        # The notebook itself may go to the standard output.
        targets["stdout"].append(sys.stderr if options.output == "-" or options.json else sys.stdout)
        targets["stderr"].append(sys.stderr)
    for name, path in (("stdout", options.stdout_file), ("stderr", options.stderr_file)):
        if path:
            try:
                file = Path(path).open("w", encoding="utf-8")  # noqa: SIM115 - closed by the stack
                targets[name].append(stack.enter_context(file))
            except OSError as error:
                raise UsageError(f"cannot write --{name}-file {path}: {error}") from error
    if log is None and not any(targets.values()):
        return None

    def write(name: str, text: str) -> None:
        if log is not None:
            log(name, text)
        for target in targets.get(name, ()):
            target.write(text)
            target.flush()

    return write


def _told(result: StepResult, options: argparse.Namespace, settings: Settings) -> int:
    from nbship import service
    from nbship.display.step_text import failure_text, step_text

    run_id = service.store_id(settings, result.run) if result.run else None
    out = sys.stderr if options.output == "-" else sys.stdout
    if options.json:
        print_json({**result.to_dict(), "run": run_id or result.run}, out)
    else:
        print(step_text(result, run_id), file=out)
    if result.failure is not None:
        print(failure_text(result, options.notebook), file=sys.stderr)
        return 130 if result.failure.kind == "interrupted" else 3
    return 0


def _add_convert(commands: Any) -> None:
    parser = command(commands, "convert", _convert, "Propose a parameters cell for a notebook that has none.")
    parser.add_argument("notebook", metavar="NB")
    parser.add_argument(
        "--write", action="store_true", help="change the notebook; without it only the change is shown"
    )


def _convert(options: argparse.Namespace) -> int:
    from nbship import service

    proposal = service.convert(options.notebook, write=options.write)
    if not proposal.names:
        print(
            f"{options.notebook} has a parameters cell already; nbship run {options.notebook} --help-notebook shows it"
        )
        return 0
    print(proposal.diff)
    done = "written" if options.write else "nothing is written; --write does it"
    print(f"parameters: {', '.join(proposal.names)} ({done})")
    return 0

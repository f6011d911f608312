"""The ``nbship`` command: arguments in, text or JSON out.

Exit codes: 0 done, 1 the answer is "no", 2 wrong use, 3 the work itself failed.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship import __version__
from nbship.config import Settings, load_settings, wait_seconds
from nbship.errors import NbshipError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a sign that the terminal lacks is no failure
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # nothing leaves this machine unasked
    try:
        return int(options.command(options))
    except NbshipError as error:
        print(f"nbship: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        sys.stderr.close()
        return 0
    except OSError as error:  # a full disk, a folder that may not be read
        print(f"nbship: {error}", file=sys.stderr)
        return 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nbship", description="From the cell to the container, without leaving the notebook."
    )
    parser.add_argument("--version", action="version", version=f"nbship {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_runs(commands)
    _add_show(commands)
    _add_ui(commands)
    _add_sync(commands)
    _add_doctor(commands)
    _add_demo(commands)
    return parser


def _command(commands: Any, name: str, function: Any, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=function)
    parser.add_argument("--tracking-uri", metavar="URI", help="another store than the project's")
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    overrides = {"tracking_uri": options.tracking_uri} if options.tracking_uri else {}
    settings = load_settings(overrides=overrides)
    return (
        replace(settings, origins={**settings.origins, "tracking_uri": "--tracking-uri"})
        if overrides
        else settings
    )


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, indent=1))


def _add_runs(commands: Any) -> None:
    parser = _command(commands, "runs", _runs, "List and search runs, newest first.")
    parser.add_argument(
        "query", nargs="?", help="words, or MLflow's filter syntax such as 'metrics.auc > 0.8'"
    )
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.add_argument(
        "--limit", type=_positive, default=20, metavar="N", help="how many runs to list (default 20)"
    )
    parser.add_argument(
        "--sort",
        metavar="K",
        help="a metric, a parameter, name, started or duration; --sort=-K for the largest first",
    )
    parser.add_argument("--experiment", "-e", metavar="E", help="only the runs of this experiment")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def _seconds(text: str) -> float:
    try:
        return wait_seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds") from error


def _runs(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.display.run_table import runs_text

    page = service.runs(
        _settings(options),
        options.query,
        limit=options.limit,
        sort=options.sort,
        experiment=options.experiment,
    )
    if options.json:
        _print_json(page.to_dict())
    else:
        print(runs_text(page))
    return 0


def _add_show(commands: Any) -> None:
    parser = _command(commands, "show", _show, "Show one run whole.")
    parser.add_argument("run", metavar="RUN", help="a run id, an unambiguous prefix, a run name, or latest")
    parser.add_argument("--json", action="store_true", help="machine-readable output")


def _show(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.display.run_table import run_text

    detail = service.show(_settings(options), options.run)
    if options.json:
        _print_json(detail.to_dict())
    else:
        print(run_text(detail.run, detail.to_dict()))
    return 0


def _add_ui(commands: Any) -> None:
    parser = _command(commands, "ui", _ui, "Open MLflow's own user interface on the runs.")
    parser.add_argument(
        "--port", type=_positive, default=5000, metavar="N", help="port on 127.0.0.1 (default 5000)"
    )


def _ui(options: argparse.Namespace) -> int:
    settings = _settings(options)
    if settings.tracking_uri.startswith(("http://", "https://")):
        print(f"The runs are on a server: open {settings.tracking_uri}")
        return 0
    print(f"MLflow's user interface: http://127.0.0.1:{options.port}   (Ctrl-C stops it)", flush=True)
    command = [sys.executable, "-P", "-m", "mlflow", "ui", "--backend-store-uri", settings.tracking_uri]
    command += ["--port", str(options.port), "--host", "127.0.0.1"]
    command += ["--default-artifact-root", settings.artifact_root] if settings.artifact_root else []
    return 3 if subprocess.run(command, check=False).returncode else 0


def _add_sync(commands: Any) -> None:
    parser = _command(commands, "sync", _sync, "Bring runs that wait in the local queue to the store.")
    parser.add_argument(
        "--wait",
        nargs="?",
        const=float("inf"),
        type=_seconds,
        metavar="SECONDS",
        help="wait until the queue is empty",
    )
    parser.add_argument("--status", action="store_true", help="only say what waits")
    parser.add_argument("--json", action="store_true", help="machine-readable output")


def _sync(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.display.queue_text import queue_text

    settings = _settings(options)
    if options.status:
        status = service.sync_status(settings)
    else:
        wait = None if options.wait == float("inf") else options.wait or 0.0
        status = service.sync(settings, wait_seconds=wait)
    if options.json:
        _print_json(status.to_dict())
    else:
        print(queue_text(status.to_dict()))
    return 1 if options.wait is not None and not status.drained else 0


def _add_doctor(commands: Any) -> None:
    parser = _command(commands, "doctor", _doctor, "Show what works here, and where each setting came from.")
    parser.add_argument("--json", action="store_true", help="machine-readable output")


def _doctor(options: argparse.Namespace) -> int:
    from nbship.display.doctor_text import doctor_text
    from nbship.doctor import diagnose

    diagnosis = diagnose(_settings(options))
    if options.json:
        _print_json(diagnosis.to_dict())
    else:
        print(doctor_text(diagnosis.to_dict()))
    return 0 if diagnosis.healthy else 1


def _add_demo(commands: Any) -> None:
    parser = _command(
        commands, "demo", _demo, "Run the tour notebook on real data and show what was recorded."
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="where to put the notebooks (default: a temporary folder)",
    )


def _demo(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.display.run_table import runs_text
    from nbship.display.tour_text import progress_line, tour_text
    from nbship.tour import prepare_tour, run_notebook

    tour = prepare_tour(options.folder)
    for notebook in tour.notebooks:
        live = sys.stderr.isatty()

        def report(progress: Any, *, live: bool = live) -> None:
            print(progress_line(progress), end="\r" if live else "\n", file=sys.stderr, flush=True)

        run_notebook(notebook, tour.settings, report)
        print(file=sys.stderr)
    service.sync(tour.settings, wait_seconds=60)
    page = service.runs(tour.settings, experiment=tour.settings.experiment)
    print(runs_text(page))
    print(tour_text(tour.folder, tour.notebooks, tour.settings, _programs()))
    return 0 if page.runs else 3


def _programs() -> str:
    """Return what must stand before a command of this environment: nothing where the PATH finds it."""
    here = Path(sys.executable).parent
    found = shutil.which("nbship")
    return "" if found is not None and Path(found).parent == here else f"{shlex.quote(str(here))}{os.sep}"

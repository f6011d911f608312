"""``nbship runs``, ``show``, ``ui`` and ``sync``: what was recorded."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

from nbship.cli.arguments import command, positive, print_json, seconds, settings_of

if TYPE_CHECKING:
    import argparse

__all__ = ["add_commands"]


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    _add_runs(commands)
    _add_show(commands)
    _add_ui(commands)
    _add_sync(commands)


def _add_runs(commands: Any) -> None:
    parser = command(commands, "runs", _runs, "List and search runs, newest first.")
    parser.add_argument(
        "query", nargs="?", help="words, or MLflow's filter syntax such as 'metrics.auc > 0.8'"
    )
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.add_argument(
        "--limit", type=positive, default=20, metavar="N", help="how many runs to list (default 20)"
    )
    parser.add_argument(
        "--sort",
        metavar="K",
        help="a metric, a parameter, name, started or duration; --sort=-K for the largest first",
    )
    parser.add_argument(
        "--offset", type=_whole, default=0, metavar="N", help="how many to pass over first (default 0)"
    )
    parser.add_argument("--experiment", "-e", metavar="E", help="only the runs of this experiment")
    parser.add_argument("--notebook", metavar="NB", help="only the runs of this notebook")
    parser.add_argument("--archived", action="store_true", help="also the runs that were archived")
    parser.add_argument(
        "--wait",
        type=seconds,
        metavar="SECONDS",
        help="how long to wait for runs that are on their way (default 20)",
    )


def _whole(text: str) -> int:
    return 0 if text == "0" else positive(text)


def _runs(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.display.run_table import runs_text
    from nbship.service.history import LIST_WAIT_SECONDS

    page = service.runs(
        settings_of(options),
        options.query,
        limit=options.limit,
        offset=options.offset,
        sort=options.sort,
        experiment=options.experiment,
        notebook=options.notebook,
        archived=options.archived,
        wait_seconds=LIST_WAIT_SECONDS if options.wait is None else options.wait,
    )
    if options.json:
        print_json(page.to_dict())
    else:
        print(runs_text(page))
    return 0


def _add_show(commands: Any) -> None:
    parser = command(commands, "show", _show, "Show one run whole.")
    parser.add_argument("run", metavar="RUN", help="a run id, an unambiguous prefix, a run name, or latest")
    parser.add_argument(
        "--importance", action="store_true", help="only what matters to its model, column by column"
    )
    parser.add_argument("--json", action="store_true", help="machine-readable output")


def _show(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.display.run_table import run_text

    if options.importance:
        return _show_importance(options)
    detail = service.show(settings_of(options), options.run)
    if options.json:
        print_json(detail.to_dict())
    else:
        print(run_text(detail.run, detail.to_dict()))
    return 0


def _show_importance(options: argparse.Namespace) -> int:
    from nbship.display.run_table import importance_text
    from nbship.service.sources import importance_of

    run, importance, method = importance_of(settings_of(options), options.run)
    if options.json:
        print_json({"run": run, "importance": importance, "importance_method": method})
    else:
        print(importance_text(run, importance, method))
    return 0


def _add_ui(commands: Any) -> None:
    parser = command(commands, "ui", _ui, "Open MLflow's own user interface on the runs.")
    parser.add_argument(
        "--port", type=positive, default=5000, metavar="N", help="port on 127.0.0.1 (default 5000)"
    )


def _ui(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    if settings.tracking_uri.startswith(("http://", "https://")):
        print(f"The runs are on a server: open {settings.tracking_uri}")
        return 0
    print(f"MLflow's user interface: http://127.0.0.1:{options.port}   (Ctrl-C stops it)", flush=True)
    command = [sys.executable, "-P", "-m", "mlflow", "ui", "--backend-store-uri", settings.tracking_uri]
    command += ["--port", str(options.port), "--host", "127.0.0.1"]
    command += ["--default-artifact-root", settings.artifact_root] if settings.artifact_root else []
    return 3 if subprocess.run(command, check=False).returncode else 0


def _add_sync(commands: Any) -> None:
    parser = command(commands, "sync", _sync, "Bring runs that wait in the local queue to the store.")
    parser.add_argument(
        "--wait",
        nargs="?",
        const=float("inf"),
        type=seconds,
        metavar="SECONDS",
        help="wait until the queue is empty",
    )
    parser.add_argument("--status", action="store_true", help="only say what waits")
    parser.add_argument("--json", action="store_true", help="machine-readable output")


def _sync(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.display.queue_text import queue_text

    settings = settings_of(options)
    if options.status:
        status = service.sync_status(settings)
    else:
        wait = None if options.wait == float("inf") else options.wait or 0.0
        status = service.sync(settings, wait_seconds=wait)
    if options.json:
        print_json(status.to_dict())
    else:
        print(queue_text(status.to_dict()))
    return 1 if options.wait is not None and not status.drained else 0

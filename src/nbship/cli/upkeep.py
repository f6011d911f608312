"""``nbship doctor`` and ``demo``: whether it works here, and what it looks like."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.cli.arguments import command, print_json, settings_of

if TYPE_CHECKING:
    import argparse

__all__ = ["add_commands"]

_SHOWN_RUNS = 10


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    _add_doctor(commands)
    _add_demo(commands)


def _add_doctor(commands: Any) -> None:
    parser = command(commands, "doctor", _doctor, "Show what works here, and where each setting came from.")
    parser.add_argument("--json", action="store_true", help="machine-readable output")


def _doctor(options: argparse.Namespace) -> int:
    from nbship.display.doctor_text import doctor_text
    from nbship.doctor import diagnose

    diagnosis = diagnose(settings_of(options))
    if options.json:
        print_json(diagnosis.to_dict())
    else:
        print(doctor_text(diagnosis.to_dict()))
    return 0 if diagnosis.healthy else 1


def _add_demo(commands: Any) -> None:
    parser = command(
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
    from nbship.display.live_text import is_live
    from nbship.display.run_table import runs_text
    from nbship.display.step_text import progress_line
    from nbship.display.tour_text import tour_text
    from nbship.tour import prepare_tour, run_notebook

    tour = prepare_tour(options.folder)
    for notebook in tour.notebooks:
        live = is_live(sys.stderr)

        def report(progress: Any, *, live: bool = live) -> None:
            print(progress_line(progress), end="\r" if live else "\n", file=sys.stderr, flush=True)

        run_notebook(notebook, tour.settings, report)
        print(file=sys.stderr)
    service.sync(tour.settings, wait_seconds=60)
    page = service.runs(tour.settings, experiment=tour.settings.experiment, limit=_SHOWN_RUNS)
    print(runs_text(page))
    print(tour_text(tour.folder, tour.notebooks, tour.settings, _programs()))
    return 0 if page.runs else 3


def _programs() -> str:
    """Return what must stand before a command of this environment: nothing where the PATH finds it."""
    here = Path(sys.executable).parent
    found = shutil.which("nbship")
    return "" if found is not None and Path(found).parent == here else f"{shlex.quote(str(here))}{os.sep}"

"""``nbship drift``, ``profile`` and ``compare``: how data and runs differ."""

from __future__ import annotations

import json
import math
import shutil
import sys
from typing import TYPE_CHECKING, Any

from nbship.cli.arguments import command, positive, print_json, settings_of
from nbship.service.report_files import check_files, write_file

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from nbship.model.drift import SelfCheck
    from nbship.model.shown import Shown

__all__ = ["add_commands"]

_LARGER_THAN_CHANCE = 3.0


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    _add_drift(commands)
    _add_profile(commands)
    _add_compare(commands)


def _add_drift(commands: Any) -> None:
    from nbship.service.drift_grammar import OPTIONS, JsonFile

    parser = command(
        commands,
        "drift",
        _drift,
        "Say which columns of CUR drifted from REF; `nbship drift selfcheck REF` measures the false alarms.",
    )
    parser.add_argument(
        "sides",
        nargs="*",
        metavar="REF CUR",
        help="each a CSV, TSV, Parquet, Feather or profile file, or RUN:dataset",
    )
    parser.words = "sides"
    for flags, keywords in OPTIONS:
        parser.add_argument(*flags, **keywords)
    parser.add_argument("--html", metavar="FILE", help="write the report as one HTML file")
    parser.add_argument(
        "--json",
        metavar="FILE",
        nargs="?",
        const="-",
        action=JsonFile,
        help="machine-readable result, to a file when one is named",
    )
    parser.add_argument("--progress", choices=("text", "json"), help="tell what is being done")


def _drift(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.service.drift_grammar import drift_options, drift_roles, two_sides

    (reference, current), options.json = two_sides(options)
    check_files(options.html, options.json)
    settings = settings_of(options)
    if reference == "selfcheck":
        check = service.selfcheck(settings, current, options=drift_options(options), splits=options.splits)
        _tell(check, check.to_dict(), options)
        return int(_alarming(check))
    request = service.DriftRequest(
        reference, current, drift_options(options), model=options.model, roles=drift_roles(options)
    )
    report = service.drift(settings, request, _teller(options.progress))
    _tell(report, report.to_dict(), options)
    return int(report.drifted)


def _teller(form: str | None) -> Callable[[str, float], None] | None:
    """Return what tells of progress on standard error, in lines of text or of JSON."""
    if form is None:
        return None

    def tell(what: str, done: float) -> None:
        line = json.dumps({"name": what, "done": done, "detail": ""}) if form == "json" else f"{what} …"
        print(line, file=sys.stderr, flush=True)

    return tell


def _alarming(check: SelfCheck) -> bool:
    """Whether there were more alarms than promised, beyond what so many splits leave to chance."""
    error = math.sqrt(check.expected * (1 - check.expected) / check.splits)
    return check.rate > check.expected + _LARGER_THAN_CHANCE * error


def _add_profile(commands: Any) -> None:
    parser = command(commands, "profile", _profile, "Summarise a dataset, without keeping any of its rows.")
    parser.add_argument(
        "data", metavar="DATA", help="a CSV, TSV, Parquet or Feather file, or RUN:dataset for what a run kept"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write the profile, for `nbship drift FILE CUR`"
    )
    parser.add_argument(
        "--min-count",
        type=positive,
        default=1,
        metavar="N",
        help="withhold the names of levels that fewer rows have",
    )
    parser.add_argument("--html", metavar="FILE", help="write the summary as one HTML file")
    parser.add_argument("--json", action="store_true", help="machine-readable result")


def _profile(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.service.sources import profile_answer

    check_files(options.output, options.html)
    source = service.profile(settings_of(options), options.data, min_count=options.min_count)
    if options.output:
        write_file(options.output, json.dumps(source.data.to_dict()))
    options.json = "-" if options.json else None
    _tell(source.data, profile_answer(source), options)
    return 0


def _add_compare(commands: Any) -> None:
    parser = command(
        commands, "compare", _compare, "Show what differs between two runs, or what varies over many."
    )
    parser.add_argument(
        "runs", nargs="*", metavar="RUN", help="a run id, an unambiguous prefix, a run name, or latest"
    )
    parser.words = "runs"
    parser.add_argument("--query", metavar="Q", help="add the runs that `nbship runs Q` lists")
    parser.add_argument(
        "--experiment", "-e", metavar="E", help="only runs of this experiment; alone: all of them"
    )
    parser.add_argument(
        "--limit", type=positive, default=1000, metavar="N", help="how many of those at most (default 1000)"
    )
    parser.add_argument("--html", metavar="FILE", help="write the comparison as one HTML file")
    parser.add_argument("--json", action="store_true", help="machine-readable result")


def _compare(options: argparse.Namespace) -> int:
    from nbship import service

    check_files(options.html)
    comparison = service.compare(
        settings_of(options),
        options.runs,
        query=options.query,
        limit=options.limit,
        experiment=options.experiment,
    )
    options.json = "-" if options.json else None
    _tell(comparison, comparison.to_dict(), options)
    return 0


def _tell(result: Shown, data: dict[str, Any], options: argparse.Namespace) -> None:
    """Print the result as text or JSON, and write the files that were asked for."""
    if options.html is not None:
        write_file(options.html, result.to_html())
    if options.json == "-":
        print_json(data)
        return
    if options.json:
        write_file(options.json, json.dumps(data, indent=1))
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
    print(result.to_text(width))

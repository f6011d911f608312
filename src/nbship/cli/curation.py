"""``nbship tag``, ``archive``, ``delete`` and ``register``: runs and models put in order."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from nbship.cli.arguments import command, print_json, settings_of
from nbship.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from nbship.cli.arguments import Parser
    from nbship.model.curation import Curated

__all__ = ["add_commands"]

_SHORT_ID = 8
_RUN = "a run id, an unambiguous prefix, a run name, or latest"


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    _add_tag(commands)
    _add_archive(commands)
    _add_delete(commands)
    _add_register(commands)


def _on_runs(commands: Any, name: str, function: Any, text: str) -> Parser:
    parser = command(commands, name, function, text)
    parser.words = "runs"
    parser.add_argument("runs", nargs="*", metavar="RUN", help=f"{_RUN}; several are done together")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    return parser


def _add_tag(commands: Any) -> None:
    parser = _on_runs(commands, "tag", _tag, "Set tags of runs, or remove them.")
    parser.add_argument("-t", "--tag", action="append", default=[], metavar="K=V", help="set tag K to V")
    parser.add_argument("--remove", action="append", default=[], metavar="K", help="remove tag K")


def _tag(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.capture.request import key_values

    given: Mapping[str, str] = key_values("-t", options.tag)
    if both := sorted(given.keys() & set(options.remove)):
        raise UsageError(f"tag {both[0]!r} is to be set and to be removed")
    tags = {**given, **dict.fromkeys(options.remove)}
    return _told(options, service.tag_runs(settings_of(options), options.runs, tags))


def _add_archive(commands: Any) -> None:
    text = "Put runs away: `nbship runs` lists them with --archived only."
    parser = _on_runs(commands, "archive", _archive, text)
    parser.add_argument("--undo", action="store_true", help="bring them back")


def _archive(options: argparse.Namespace) -> int:
    from nbship import service

    done = service.archive_runs(settings_of(options), options.runs, archived=not options.undo)
    return _told(options, done)


def _add_delete(commands: Any) -> None:
    text = "Delete runs. They can be restored until `mlflow gc` removes them for good."
    parser = _on_runs(commands, "delete", _delete, text)
    parser.add_argument("--undo", action="store_true", help="restore runs that were deleted")
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask")


def _delete(options: argparse.Namespace) -> int:
    from nbship import service

    settings = settings_of(options)
    if options.undo:
        return _told(options, service.restore_runs(settings, options.runs))
    if options.runs and not options.yes and not _agreed(options.runs):
        print("nothing was deleted", file=sys.stderr)
        return 1
    return _told(options, service.delete_runs(settings, options.runs))


def _agreed(runs: list[str]) -> bool:
    """Ask the person at the terminal.

    Raises
    ------
    UsageError
        When there is none.
    """
    if not sys.stdin.isatty():
        raise UsageError("deleting asks first, and nobody is there to answer: add --yes")
    what = f"run {runs[0]}" if len(runs) == 1 else f"{len(runs)} runs"
    print(f"Delete {what}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _add_register(commands: Any) -> None:
    text = "Make the model of a run a version of a registered model."
    parser = command(commands, "register", _register, text)
    parser.add_argument("run", metavar="RUN", help=f"{_RUN}; runs:/RUN/NAME for one of several models")
    parser.add_argument(
        "name", metavar="NAME", help="of the registered model; it is made where it is missing"
    )
    parser.add_argument("--alias", metavar="A", help="let this alias, such as champion, point to the version")
    parser.add_argument("--json", action="store_true", help="machine-readable output")


def _register(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.display.plain_line import one_line

    version = service.register(settings_of(options), options.run, options.name, alias=options.alias)
    if options.json:
        print_json(version.to_dict())
    else:
        aliases = f" ({', '.join(version.aliases)})" if version.aliases else ""
        print(one_line(f"registered {version.name} version {version.version}{aliases}: {version.uri}"))
    return 0


def _told(options: argparse.Namespace, done: Curated) -> int:
    from nbship.display.plain_line import one_line

    if options.json:
        print_json(done.to_dict())
        return 0
    for run in done.runs:
        tags = "".join(f" {key}={value}" for key, value in run.tags.items())
        shown = f"{run.name}{tags}" if done.action == "tagged" else run.name
        print(f"{done.action} {run.id[:_SHORT_ID]} {one_line(shown)}")
    return 0

"""What the commands share: their frame, and the kinds of values that their options take."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from typing import Any, TextIO

from nbship.config import Settings, load_settings, wait_seconds
from nbship.service.word_lists import add_words

__all__ = [
    "Parser",
    "await_store",
    "command",
    "positive",
    "print_json",
    "progress_option",
    "recording_options",
    "seconds",
    "settings_of",
]


class Parser(argparse.ArgumentParser):
    """A parser that also takes a list of words in parts, with options between them.

    Attributes
    ----------
    words
        The argument that is such a list; None where there is none.
    """

    words: str | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as `argparse` does, which takes a list from one place only, and add the rest of it."""
        found, left = super().parse_known_args(args, namespace)
        if self.words is not None:
            left = add_words(found, self.words, left)
        return found, left


def command(commands: Any, name: str, function: Any, text: str) -> Parser:
    """Add a command that calls `function` with the parsed options."""
    parser: Parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=function)
    parser.add_argument("--tracking-uri", metavar="URI", help="another store than the project's")
    return parser


def settings_of(options: argparse.Namespace, **others: Any) -> Settings:
    """Return the settings of the project, with those of the command line; `others` are such by name, None is none."""
    given = {"tracking_uri": options.tracking_uri, **others}
    overrides = {name: value for name, value in given.items() if value}
    settings = load_settings(overrides=overrides)
    origins = {name: f"--{name.replace('_', '-')}" for name in overrides}
    return replace(settings, origins={**settings.origins, **origins})


def print_json(value: dict[str, Any], file: TextIO | None = None) -> None:
    """Print a result the way every surface answers."""
    print(json.dumps(value, indent=1), file=file)


def recording_options(parser: argparse.ArgumentParser) -> None:
    """Add where runs go, and whether to wait for them, for a command that makes some."""
    parser.add_argument("-e", "--experiment", metavar="E", help="the experiment to put the runs in")
    parser.add_argument(
        "--wait",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="wait until the runs are in the store",
    )


def progress_option(parser: argparse.ArgumentParser) -> None:
    """Add how a command tells what it is doing; `nbship.cli.progress` says what ``json`` is."""
    parser.add_argument("--progress", choices=("text", "json"), help="how to tell what is being done")


def await_store(settings: Settings, options: argparse.Namespace) -> None:
    """Wait for the record where this process may be the last of its machine: not at a terminal."""
    from nbship import service

    wait = options.wait if options.wait is not None else not sys.stderr.isatty()
    if wait:
        service.sync(settings, wait_seconds=None if options.wait else settings.exit_wait_seconds)


def positive(text: str) -> int:
    """Return a positive whole number."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def seconds(text: str) -> float:
    """Return a number of seconds."""
    try:
        return wait_seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds") from error

"""The ``nbship`` command: arguments in, text or JSON out.

Exit codes: 0 done, 1 the answer is "no", 2 wrong use, 3 the work itself failed.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

from nbship import __version__
from nbship.cli import curation, history, pipelines, reports, shipping, steps, upkeep
from nbship.cli.arguments import Parser
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


def _parser() -> Parser:
    parser = Parser(
        prog="nbship", description="From the cell to the container, without leaving the notebook."
    )
    parser.add_argument("--version", action="version", version=f"nbship {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    steps.add_commands(commands)
    pipelines.add_commands(commands)
    history.add_commands(commands)
    curation.add_commands(commands)
    reports.add_commands(commands)
    shipping.add_commands(commands)
    upkeep.add_commands(commands)
    return parser

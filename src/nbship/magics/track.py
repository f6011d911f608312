"""``%%track`` and ``%track``."""

from __future__ import annotations

import inspect
import linecache
import shlex
from typing import TYPE_CHECKING, Any, cast

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import MagicArgumentParser, argument, magic_arguments

from nbship.capture.request import TrackRequest, key_values
from nbship.errors import NbshipError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from nbship.magics.hooks import CellHooks

__all__ = ["TrackMagics"]

_EAGER = 4
"""Length of a `linecache` entry that holds its lines already."""


@magics_class
class TrackMagics(Magics):
    """Track a cell, or the whole session."""

    def __init__(self, hooks: CellHooks) -> None:
        super().__init__(hooks.shell)
        self.hooks = hooks
        self.tracker = hooks.tracker

    @no_var_expand
    @magic_arguments()
    @argument("name", nargs="?", help="name of the run; by default the notebook's, and four digits")
    @argument("-p", "--param", metavar="K=V", action="append", default=[], help="another parameter")
    @argument(
        "-d",
        "--data",
        metavar="DF",
        nargs="+",
        action="extend",
        default=[],
        help="variables to fingerprint besides those the cell reads",
    )
    @argument(
        "-m",
        "--model",
        metavar="M",
        help="the variable to save as the model; by default the estimator that the cell fitted last",
    )
    @argument("--metric", metavar="K", nargs="+", action="extend", default=[], help="log these metrics only")
    @argument("-t", "--tag", metavar="K=V", action="append", default=[], help="a tag for the run")
    @argument("-e", "--experiment", metavar="E", help="the experiment to put the run in")
    @argument("--snapshot", action="store_true", help="copy the data that the cell reads into the run")
    @cell_magic
    def track(self, line: str, cell: str) -> None:
        """Record this cell as a run: code, parameters, metrics, data, model, environment, git.

        Write ``%%track`` on the first line of a cell and run it; no option is needed. Parameters are the constants
        that the cell depends on, metrics the numbers that it computes, datasets the tables and arrays that it
        reads. The cell behaves as it does untracked.
        """
        # Reached only through run_cell_magic: in a cell the input transformer has rewritten this line before.
        self.shell.run_cell(f"%%track {line}\n{cell}", store_history=False)

    @no_var_expand
    @line_magic("_begin_track")
    def begin_track(self, line: str) -> None:
        """Begin the run of the cell that is running."""
        _show_as_written(self.shell, line)
        self._run(lambda: self.tracker.session.begin_run(_request(type(self).track.parser, line)))

    @no_var_expand
    @line_magic("track")
    def track_session(self, line: str) -> None:
        """Track the whole session: ``%track on [NAME] [options of %%track]``, ``%track off``, ``%track status``.

        ``on`` begins one run for every cell from here on; ``off`` ends it. Inside a ``%%track`` cell ``off`` gives
        that cell's run up. ``status`` says what is captured and where it goes.
        """
        word, _, rest = line.strip().partition(" ")
        actions = {"on": lambda: self._on(rest), "off": self._off, "status": self._status, "": self._status}
        if word not in actions:
            raise IPythonUsageError(
                f"%track takes on, off or status, got {word!r}. To track one cell write %%track {line}"
            )
        self._run(actions[word])

    def _on(self, rest: str) -> None:
        if self.tracker.step is not None:
            print(
                f"nbship: this notebook is executed as a step; every cell belongs to run {self.tracker.step.name!r}"
            )
            return
        run = self.tracker.session.begin_session_run(_request(type(self).track.parser, rest))
        print(f"nbship: tracking every cell from here on, as run {run.name!r}, until %track off")

    def _off(self) -> None:
        if not self.tracker.session.cancel() and self.tracker.step is None:
            self.hooks.show(self.tracker.session.end_session_run())

    def _status(self) -> None:
        self.shell.display_pub.publish(data=self.tracker.status())

    def _run(self, step: Callable[[], None]) -> None:
        """Wrong use is one red line and stops the cell; any other failure is one line, and the cell runs on."""
        try:
            step()
        except UsageError as error:
            raise IPythonUsageError(str(error)) from None
        except (NbshipError, OSError) as error:
            self.hooks.complain(error)


def _show_as_written(shell: InteractiveShell, line: str) -> None:
    """Let tracebacks of the running cell show its first line about as the user wrote it.

    IPython keeps the source of a cell, as transformed, where tracebacks look for it.
    """
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals is not shell.user_ns:
        frame = frame.f_back
    name = frame.f_code.co_filename if frame is not None else ""
    entry: Any = linecache.cache.get(name)
    if entry is not None and len(entry) == _EAGER and entry[2] and "_begin_track" in entry[2][0]:
        # A comment, since what reads the lines also parses them.
        lines = [f"# %%track {line}".rstrip() + "\n", *entry[2][1:]]
        linecache.cache[name] = (entry[0], entry[1], lines, entry[3])


def _request(parser: MagicArgumentParser, line: str) -> TrackRequest:
    """Parse the options of ``%%track``.

    Raises
    ------
    UsageError
        When an option is unknown or malformed.
    """
    options = _parsed(parser, line)
    return TrackRequest(
        name=options.name,
        params=key_values("-p", options.param),
        data=tuple(options.data),
        model=options.model,
        metrics=tuple(options.metric),
        tags=key_values("-t", options.tag),
        experiment=options.experiment,
        snapshot=options.snapshot,
    )


def _parsed(parser: MagicArgumentParser, line: str) -> argparse.Namespace:
    hint = (
        "Write %%track [NAME] [-p K=V] [-d DF] [-m MODEL] [--metric K] [-t K=V] [-e EXPERIMENT] [--snapshot]"
    )
    try:
        options, extra = parser.parse_known_args(shlex.split(line))
    except (IPythonUsageError, ValueError) as error:
        raise UsageError(f"%%track: {error}. {hint}") from None
    if any(word.startswith("-") for word in extra):
        raise UsageError(f"%%track: unrecognized arguments: {' '.join(extra)}. {hint}")
    if extra:
        name = " ".join([options.name, *extra])
        raise UsageError(
            f"%%track: unrecognized arguments: {' '.join(extra)}. Is it a name? Write %%track '{name}'"
        )
    return cast("argparse.Namespace", options)

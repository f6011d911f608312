"""A block of text that is redrawn in place on a terminal; elsewhere only its changes, as lines."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Generic, Self, TextIO, TypeVar

from nbship.display.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LiveText", "is_live"]

T = TypeVar("T")

_REDRAW_SECONDS = 0.1
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
# Without wrapping every line is one row, so the way back up is known whatever the width of the terminal becomes.
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_TO_END_OF_LINE, _TO_END_OF_SCREEN = "\x1b[K", "\x1b[J"


def is_live(stream: TextIO) -> bool:
    """Return whether text on this stream can be redrawn: a terminal that obeys escape sequences.

    A command that a notebook cell starts with ``!`` has a terminal too, but what it writes lands in the notebook.
    """
    in_notebook = "JPY_PARENT_PID" in os.environ
    return stream.isatty() and not in_notebook and os.environ.get("TERM", "") != "dumb"


class LiveText(Generic[T]):
    """Show a value that changes; a context manager that leaves the terminal as it was.

    Parameters
    ----------
    stream
        Where to write; usually the standard error stream.
    render
        The block for a value, without a line end after the last line. It may hold ANSI colours.
    changes
        The lines that tell what is new in a value against the one before (None at first).
    interval_seconds
        How long a drawing stands at least.

    Examples
    --------
    >>> with LiveText(sys.stderr, pipeline_tree, pipeline_changes) as live:
    ...     run_pipeline(pipeline, report=live.update)
    """

    def __init__(
        self,
        stream: TextIO,
        render: Callable[[T], str],
        changes: Callable[[T | None, T], list[str]],
        *,
        interval_seconds: float = _REDRAW_SECONDS,
    ) -> None:
        self._stream = stream
        self._render = render
        self._changes = changes
        self._live = is_live(stream)
        self._throttle = Throttle(self._redraw, interval_seconds)
        self._newest: T | None = None
        self._rows = 0
        self._begun = self._closed = False

    def update(self, value: T) -> None:
        """Show another value."""
        if self._closed:
            return
        before, self._newest = self._newest, value
        if self._live:
            self._throttle.offer(value)
            return
        self._write("".join(f"{line}\n" for line in self._changes(before, value)))

    def close(self, *, keep: bool = True) -> None:
        """Draw the newest value whole, or erase the block where not to `keep` it, and give the cursor back."""
        if self._closed:
            return
        self._throttle.flush()
        self._closed = True
        if not self._begun:
            return
        last = self._render(self._newest) if keep and self._newest is not None else ""
        text = last + "\n" if last else ""
        self._write(f"{self._back()}{_TO_END_OF_SCREEN}{text}{_SHOW_CURSOR}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _redraw(self, value: T) -> None:
        height = shutil.get_terminal_size().lines
        lines = self._render(value).split("\n")[: max(height - 1, 1)]
        rows = "".join(f"{line}{_TO_END_OF_LINE}\n" for line in lines)
        hide = "" if self._begun else _HIDE_CURSOR
        self._begun = True
        self._write(f"{hide}{_NO_WRAP}{self._back()}{rows}{_TO_END_OF_SCREEN}{_WRAP}")
        self._rows = len(lines)

    def _back(self) -> str:
        return f"\r\x1b[{self._rows}A" if self._rows else "\r"

    def _write(self, text: str) -> None:
        if not text:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._closed = True  # whoever looked is gone; what runs goes on

"""Standard streams for modules that are imported before there is a kernel."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EarlyStream", "early_streams"]


class EarlyStream(io.TextIOBase):
    """Stands for `sys.stdout` or `sys.stderr`, whatever these are when somebody writes.

    Modules keep the stream that they see at their import, in handlers of `logging` or as default arguments. In a kernel
    that is the kernel's own; here it has to lead to the one of a kernel that is forked later.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.noted: list[str] | None = None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """As the kernel's streams have it."""
        return "UTF-8"

    def write(self, text: str) -> int:
        """Note the text while something is being imported, else pass it on."""
        if self.noted is not None:
            self.noted.append(text)
            return len(text)
        return self._target().write(text) or len(text)

    def flush(self) -> None:
        """Flush what it leads to."""
        if self.noted is None and not self.closed:
            self._target().flush()

    def fileno(self) -> int:
        """Return the descriptor of what it leads to."""
        return self._target().fileno()

    def writable(self) -> bool:
        """Say yes."""
        return True

    def _target(self) -> io.TextIOBase:
        current = getattr(sys, self.name)
        return getattr(sys, f"__{self.name}__") if current is self else current  # type: ignore[no-any-return]


@contextmanager
def early_streams() -> Iterator[list[str]]:
    """Put early streams in place of the standard ones; give the list of what is written meanwhile."""
    before = sys.stdout, sys.stderr
    noted: list[str] = []
    streams = EarlyStream("stdout"), EarlyStream("stderr")
    for stream in streams:
        stream.noted = noted
    sys.stdout, sys.stderr = streams
    try:
        yield noted
    finally:
        sys.stdout, sys.stderr = before
        for stream in streams:
            stream.noted = None

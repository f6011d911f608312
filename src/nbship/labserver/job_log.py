"""What a job said, read from its end: words for people, and its progress, one JSON object a line."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["JobLog", "last_progress", "last_words", "read_log"]

_LOG_BYTES = 256 * 1024
"""At most so much of a log is told at a time."""

_TAIL_BYTES = 512 * 1024
"""So much of the end is looked through for the newest progress."""

_SAID = b"nbship: "


@dataclass(frozen=True, slots=True)
class JobLog:
    """A part of what a job said; the next part begins at `end`."""

    text: str
    end: int


def read_log(path: Path, start: int) -> JobLog:
    """Return the whole lines from a position on, without progress; of a long log only the last.

    Raises
    ------
    FileNotFoundError
        When there is no such log.
    """
    with path.open("rb") as log:
        size = log.seek(0, os.SEEK_END)
        log.seek(min(max(start, size - _LOG_BYTES), size))
        data = log.read()
    whole = data[: data.rfind(b"\n") + 1]
    text = b"".join(line for line in whole.splitlines(keepends=True) if not line.startswith(b"{"))
    return JobLog(text.decode("utf-8", "replace"), size - len(data) + len(whole))


def last_progress(path: Path) -> dict[str, Any] | None:
    """Return the newest whole line of a log that is a JSON object."""
    for line in reversed(_tail(path)):
        if line.startswith(b"{"):
            with suppress(ValueError):  # the last line may still be in the writing
                found: dict[str, Any] = json.loads(line)
                return found
    return None


def last_words(path: Path) -> str:
    """Return the message of nbship that a log ends with, else its last line; empty where it has neither."""
    lines = _tail(path)
    own = [index for index, line in enumerate(lines) if line.startswith(_SAID)]
    said = lines[own[-1] :] if own else [line for line in lines if line and not line.startswith(b"{")][-1:]
    return b"\n".join(said).removeprefix(_SAID).decode("utf-8", "replace").strip()


def _tail(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - _TAIL_BYTES))
            return log.read().splitlines()
    except FileNotFoundError:
        return []

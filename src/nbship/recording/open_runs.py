"""Who is recording a run right now.

Public: ``is_going_on(spool, run) -> bool``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.errors import SpoolError
from nbship.model.event import RunBegan, RunEnded, SessionOpened
from nbship.recording.journal import read_journal
from nbship.recording.layout import JOURNAL, session_folders
from nbship.recording.process import is_alive

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_going_on"]


def is_going_on(spool: Path, run: str) -> bool:
    """Say whether a process of this machine that lives is recording a run.

    Parameters
    ----------
    spool
        The spool folder; it need not exist.
    run
        The kernel's id of the run, which the store has in the tag ``nbship.run``.
    """
    return any(_is_open(folder / JOURNAL, run) for folder in session_folders(spool))


def _is_open(journal: Path, run: str) -> bool:
    try:
        events = [entry.event for entry in read_journal(journal).entries]
    except (SpoolError, OSError):  # put away while we looked, or somebody else's
        return False
    began = any(isinstance(event, RunBegan) and event.run == run for event in events)
    ended = any(isinstance(event, RunEnded) and event.run == run for event in events)
    if not began or ended:
        return False
    opened = events[0]
    return isinstance(opened, SessionOpened) and is_alive(opened.process) is True

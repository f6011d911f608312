"""How far the recorder came with a session, kept beside the journal.

Public: ``Cursor.load(folder)``, ``run_ids(folder) -> dict[local run, store run id]``.

The file is an economy, not the truth: a recorder that finds none applies the journal from its start, and every
step of that is repeatable without doubling anything in the store.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from nbship.recording.layout import CURSOR, read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Cursor", "run_ids"]

CURSOR_VERSION = 1


class Cursor:
    """The recorder's notes on one session; safe to use from the threads of several stores.

    Attributes
    ----------
    applied
        Bytes of the journal of which nothing waits any more.
    lanes
        Tracking URI to the bytes of the journal that are applied to that store.
    runs
        The kernel's id of a run to the store's.
    open
        The kernel's ids of the runs that have begun and not ended.
    warnings
        The kernel's id of a run to what the recorder has to say about it.
    lost
        What could not be brought to a store at all; such a session is set aside in the end, not deleted.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.applied = 0
        self.lanes: dict[str, int] = {}
        self.runs: dict[str, str] = {}
        self.open: list[str] = []
        self.warnings: dict[str, list[str]] = {}
        self.lost: list[str] = []
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path) -> Cursor:
        """Return the cursor as it was saved, or a new one at the start of the journal."""
        cursor = cls(folder)
        data = read_json(folder / CURSOR)
        if data.get("version") == CURSOR_VERSION:
            for name in ("applied", "lanes", "runs", "open", "warnings", "lost"):
                setattr(cursor, name, data[name])
        return cursor

    def warn(self, run: str, texts: tuple[str, ...]) -> None:
        """Add warnings of the recorder to a run, each once."""
        with self._lock:
            known = self.warnings.setdefault(run, [])
            known.extend(text for text in dict.fromkeys(texts) if text not in known)

    def advance(self, tracking_uri: str, offset: int) -> None:
        """Note that the store at `tracking_uri` holds everything up to `offset`."""
        with self._lock:
            self.lanes[tracking_uri] = max(offset, self.lanes.get(tracking_uri, 0))
            self._save()

    def settle(self, applied: int, open_runs: list[str]) -> None:
        """Note up to where nothing waits, and which runs are open; writes only what changed."""
        with self._lock:
            if (applied, open_runs) != (self.applied, self.open):
                self.applied, self.open = applied, open_runs
                self._save()

    def _save(self) -> None:
        if self.folder.exists():
            write_json(self.folder / CURSOR, self._data())

    def _data(self) -> dict[str, Any]:
        return {
            "version": CURSOR_VERSION,
            "applied": self.applied,
            "lanes": dict(self.lanes),
            "runs": dict(self.runs),
            "open": list(self.open),
            "warnings": {run: list(texts) for run, texts in self.warnings.items()},
            "lost": list(self.lost),
        }


def run_ids(folder: Path) -> dict[str, str]:
    """Return the store's id of each run of a session, by the kernel's id; what is not created yet is missing."""
    ids = read_json(folder / CURSOR).get("runs", {})
    return ids if isinstance(ids, dict) else {}

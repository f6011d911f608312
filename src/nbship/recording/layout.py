"""Names inside a spool folder.

.. code-block:: text

    <spool>/
      <session>/                one kernel
        journal.jsonl           events, append-only, written by the kernel
        blobs/                  models and artifacts that the events name
        cursor.json             how far the recorder came, written by the recorder
      set-aside/                what the recorder could not read, kept as it was
      recorder.lock             held by the recorder of this spool
      recorder.log  recorder.log.1
      recorder.wake             touched to cut a pause of the recorder short
      state.json                what the recorder says of itself

Names with a leading dot are in the making or on their way out, and never read.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "BLOBS",
    "CURSOR",
    "JOURNAL",
    "LOCK",
    "LOG",
    "SET_ASIDE",
    "STATE",
    "WAKE",
    "new_session_name",
    "read_json",
    "session_folders",
    "strangers",
    "write_json",
]

JOURNAL = "journal.jsonl"
BLOBS = "blobs"
CURSOR = "cursor.json"
LOCK = "recorder.lock"
LOG = "recorder.log"
OLD_LOG = "recorder.log.1"
WAKE = "recorder.wake"
STATE = "state.json"
SET_ASIDE = "set-aside"

_OWN_NAMES = frozenset({LOCK, LOG, OLD_LOG, WAKE, STATE, SET_ASIDE})


def new_session_name() -> str:
    """Return a name for a new session, 32 hexadecimal digits; later ones sort behind earlier ones."""
    return f"{time.time_ns():016x}{uuid.uuid4().hex[:16]}"


def session_folders(spool: Path) -> list[Path]:
    """Return the folders of all sessions, oldest name first."""
    return sorted(path for path in _visible(spool) if (path / JOURNAL).is_file())


def strangers(spool: Path) -> list[Path]:
    """Return what lies in the spool and is neither a session nor a file of the recorder."""
    return sorted(
        path for path in _visible(spool) if path.name not in _OWN_NAMES and not (path / JOURNAL).is_file()
    )


def _visible(spool: Path) -> list[Path]:
    try:
        return [path for path in spool.iterdir() if not path.name.startswith(".")]
    except FileNotFoundError:
        return []


def write_json(path: Path, data: Any) -> None:
    """Replace a JSON file in one step: a reader sees the old text or the new, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(data), encoding="utf-8")
    temporary.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Return the object of a JSON file; empty where there is none or it cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}

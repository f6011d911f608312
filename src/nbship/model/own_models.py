"""The pickles that this user's own kernels wrote: reading one of them runs no code that did not run here before.

Public: `OWN_MODELS`, `remember`, `remembered`.

The list lies in a folder of the user, never in a project: a project that comes from elsewhere would bring its list along,
and so vouch for itself.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

__all__ = ["OWN_MODELS", "remember", "remembered"]

OWN_MODELS = "trusted-models.jsonl"
"""Name of the list: a JSON object a line with ``sha256``, ``run`` and ``class``. Unknown keys are ignored."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def remember(folder: Path, sha256: str, run: str = "", class_name: str = "") -> None:
    """Add a pickle to the list, which only this user can write.

    Parameters
    ----------
    folder
        The user's data folder; made where it is missing.
    sha256
        Of the pickle, hexadecimal.
    run, class_name
        What it is, for people.

    Raises
    ------
    OSError
        When the list cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"sha256": sha256, "run": run, "class": class_name}) + "\n"
    # One write in append mode: several recorders may add to the list at once.
    descriptor = os.open(folder / OWN_MODELS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode("ascii"))
    finally:
        os.close(descriptor)


def remembered(folder: Path) -> frozenset[str]:
    """Return the SHA-256 of every pickle in the list; none where there is no list, or somebody else may write it."""
    path = folder / OWN_MODELS
    try:
        if not _is_private(path):
            return frozenset()
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(found for line in lines if (found := _sha256(line)))


def _is_private(path: Path) -> bool:
    state = path.stat()
    own = state.st_uid == os.getuid() if hasattr(os, "getuid") else True
    return own and not state.st_mode & 0o022


def _sha256(line: str) -> str:
    try:
        found = json.loads(line)["sha256"]
    except (ValueError, TypeError, KeyError):  # a torn line
        return ""
    return found if isinstance(found, str) and _SHA256.fullmatch(found) else ""

"""The state of the repository that differs."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from nbship.model.comparison import FactDiff

if TYPE_CHECKING:
    from nbship.provenance.evidence import RunEvidence

__all__ = ["diff_git"]

_TAGS = {
    "repository": "mlflow.source.git.repoURL",
    "commit": "mlflow.source.git.commit",
    "branch": "mlflow.source.git.branch",
}
_DIRTY = "mlflow.source.git.dirty"
_UNCOMMITTED = "uncommitted changes"
_FILE = re.compile(r"^diff --git ", re.MULTILINE)
# Blob hashes: they tell two secrets apart that are masked alike.
_BLOBS = re.compile(r"^index [0-9a-f]+\.\.[0-9a-f]+.*\n", re.MULTILINE)
_SHOWN_FILES = 3


def diff_git(left: RunEvidence, right: RunEvidence) -> tuple[FactDiff, ...]:
    """Return what differs of repository, commit, branch and uncommitted changes.

    Changes of notebooks are left out where the code of both runs is known: a notebook changes whenever it is saved,
    and its cells are compared as they ran.
    """
    tags = [(name, left.run.tags.get(tag), right.run.tags.get(tag)) for name, tag in _TAGS.items()]
    found = [FactDiff(name, old, new) for name, old, new in tags if old != new]
    notebooks = left.code is None or right.code is None
    changes = [_changes(one, notebooks=notebooks) for one in (left, right)]
    texts = [_described(one, parts) for one, parts in zip((left, right), changes, strict=True)]
    if texts[0] == texts[1] and changes[0] != changes[1]:
        texts = [f"{text} [{_digest(parts)}]" for text, parts in zip(texts, changes, strict=True)]
    if texts[0] != texts[1]:
        found.append(FactDiff(_UNCOMMITTED, *texts))
    return tuple(found)


def _changes(evidence: RunEvidence, *, notebooks: bool) -> list[str]:
    """Return the diff file by file, without what only tells blobs apart."""
    text = _BLOBS.sub("", evidence.changes)
    parts = _FILE.split(text)[1:] if _FILE.search(text) else [text] * bool(text)
    return [part for part in parts if notebooks or not _name(part).endswith(".ipynb")]


def _name(part: str) -> str:
    return part.partition("\n")[0].rpartition(" b/")[2]


def _described(evidence: RunEvidence, parts: list[str]) -> str | None:
    dirty = evidence.run.tags.get(_DIRTY)
    if dirty is None:
        return None
    if not parts:
        return "some" if dirty == "true" and not evidence.changes else "none"
    names = [_name(part) for part in parts]
    more = f" and {len(names) - _SHOWN_FILES} more" if len(names) > _SHOWN_FILES else ""
    lines = [line for part in parts for line in part.split("\n") if not line.startswith(("+++", "---"))]
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    return f"in {', '.join(names[:_SHOWN_FILES])}{more} (+{added} -{removed})"


def _digest(parts: list[str]) -> str:
    return hashlib.blake2b("".join(parts).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()

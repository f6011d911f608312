"""Which runs share their code, and which share their data.

Public: ``code_versions(tracking_uri, runs) -> CodeVersions``, ``data_versions(runs) -> dict``, ``numbered(digests)``.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.errors import RunNotFoundError, StoreError
from nbship.store.artifacts import local_folder
from nbship.store.needed_code import CODE_TAG, code_version, needed_code
from nbship.store.reader import read_artifact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbship.model.run import Run

__all__ = ["CodeVersions", "code_versions", "data_versions", "numbered"]

_OWN_TAG = "nbship.run"
_LEDGER = "nbship/ledger.json"
_LEDGER_SECONDS = 1.5
_REMOTE_LEDGERS = 20
_MOST_DATASETS = 40


@dataclass(frozen=True, slots=True)
class CodeVersions:
    """The version number of each run's code, from 1; None where it has none.

    `absent` counts runs without code, `unread` those whose ledger was left unread because reading them all takes long,
    and `damaged` those whose ledger cannot be used.
    """

    numbers: tuple[int | None, ...]
    absent: int = 0
    unread: int = 0
    damaged: int = 0


def code_versions(tracking_uri: str, runs: Sequence[Run]) -> CodeVersions:
    """Number the versions of the code over the runs, by their tag or, for older runs, by their ledgers."""
    reading = _Ledgers(tracking_uri)
    digests = [run.tags.get(CODE_TAG) or reading.version(run) for run in runs]
    return CodeVersions(numbered(digests), reading.absent, reading.unread, reading.damaged)


def data_versions(runs: Sequence[Run]) -> dict[str, tuple[int | None, ...]]:
    """Number the versions of each dataset over the runs, by its digests; those that most runs have first."""
    found = [_digests(run) for run in runs]
    counts = Counter(name for digests in found for name in digests)
    names = sorted(counts, key=lambda name: (-counts[name], name))[:_MOST_DATASETS]
    return {name: numbered(digests.get(name) for digests in found) for name in names}


def numbered(digests: Iterable[str | None]) -> tuple[int | None, ...]:
    """Return a number for each digest, from 1 in the order of first appearance."""
    numbers: dict[str, int] = {}
    return tuple(None if one is None else numbers.setdefault(one, len(numbers) + 1) for one in digests)


def _digests(run: Run) -> dict[str, str]:
    """Return the digest of each dataset; all of them where a name stands for several."""
    found: dict[str, list[str]] = defaultdict(list)
    for dataset in run.datasets:
        found[dataset.name].append(dataset.digest)
    return {name: " ".join(sorted(digests)) for name, digests in found.items()}


class _Ledgers:
    """Reads ledgers for a few seconds at most, and few of those that lie elsewhere: each may hold megabytes."""

    def __init__(self, tracking_uri: str) -> None:
        self._tracking_uri = tracking_uri
        self._deadline = time.monotonic() + _LEDGER_SECONDS
        self._remote = 0
        self.absent = self.unread = self.damaged = 0

    def version(self, run: Run) -> str | None:
        if _OWN_TAG not in run.tags:
            self.absent += 1
            return None
        if not self._may_read(run):
            self.unread += 1
            return None
        try:
            ledger = json.loads(read_artifact(self._tracking_uri, run, _LEDGER))
            return code_version(needed_code(ledger))
        except RunNotFoundError:
            self.absent += 1
        except (StoreError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self.damaged += 1
        return None

    def _may_read(self, run: Run) -> bool:
        if time.monotonic() > self._deadline:
            return False
        if local_folder(run) is not None:
            return True
        self._remote += 1
        return self._remote <= _REMOTE_LEDGERS

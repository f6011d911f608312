"""What a run left behind that it can be compared by.

Public: ``read_evidence(tracking_uri, run) -> RunEvidence``. What is not there, or cannot be read, is None in the evidence
and a line in its `lacks`: runs of plain MLflow have little of it, and a damaged file is no reason to compare nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from nbship.model.run import Run, RunStatus
from nbship.provenance.records import (
    parse_datasets,
    parse_importance,
    parse_object,
    parse_profile,
    parse_summary,
)
from nbship.provenance.run_files import OWN_TAG, RunFiles, label
from nbship.store.needed_code import CodeCell, needed_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.model.data import DatasetRecord
    from nbship.model.profile import Profile
    from nbship.provenance.records import RunSummary

__all__ = ["RunEvidence", "label", "read_evidence"]

_LEDGER = "nbship/ledger.json"
_DATA = "nbship/data.json"
_ENVIRONMENT = "nbship/environment.json"
_SUMMARY = "nbship/run.json"
_CHANGES = "nbship/git.diff"
_IMPORTANCE = "nbship/importance.json"
_PROFILES = "nbship/profiles/"


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """A run and what its files say; None where it has no such file.

    Attributes
    ----------
    code
        The cells that the result depends on.
    datasets
        With their fingerprints; `run.datasets` holds digests at most.
    profiles
        By the name and the digest of their dataset, and by the name alone.
    environment
        As `nbship.capture.environment.snapshot_environment` describes it.
    summary
        Seeds and random states.
    changes
        The diff of the working tree against the commit; empty when there was none.
    importance
        Column to its share of the model's importance.
    lacks
        What is not there or cannot be read, in plain words.
    """

    run: Run
    code: tuple[CodeCell, ...] | None = None
    datasets: tuple[DatasetRecord, ...] | None = None
    profiles: dict[tuple[str, str], Profile] = field(default_factory=dict)
    environment: dict[str, Any] | None = None
    summary: RunSummary | None = None
    changes: str = ""
    importance: dict[str, float] | None = None
    lacks: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether MLflow alone recorded the run."""
        return OWN_TAG not in self.run.tags


def read_evidence(tracking_uri: str, run: Run) -> RunEvidence:
    """Read what a run left behind; never raises for what is missing, damaged or out of reach."""
    files = RunFiles(tracking_uri, run)
    if not files.listed:
        return RunEvidence(run, lacks=(*files.lacks, *_absent(run, {})))
    found: dict[str, Any] = {
        "code": files.parsed(_LEDGER, needed_code),
        "datasets": files.parsed(_DATA, parse_datasets),
        "environment": files.parsed(_ENVIRONMENT, parse_object),
        "summary": files.parsed(_SUMMARY, parse_summary),
        "importance": files.parsed(_IMPORTANCE, parse_importance),
    }
    profiles = [files.parsed(path, parse_profile) for path in sorted(files.listed) if _is_profile(path)]
    evidence = partial(RunEvidence, run, profiles=_by_dataset(profiles), changes=files.text(_CHANGES) or "")
    return evidence(**found, lacks=(*files.lacks, *_absent(run, {**found, "listed": files.listed})))


def _is_profile(path: str) -> bool:
    return path.startswith(_PROFILES) and path.endswith(".json")


def _by_dataset(profiles: list[Profile | None]) -> dict[tuple[str, str], Profile]:
    """Return the profiles by name and digest; a name alone leads to the last one of that name."""
    found = [profile for profile in profiles if profile is not None]
    named = {(profile.name, ""): profile for profile in found}
    return named | {(profile.name, profile.digest): profile for profile in found}


def _absent(run: Run, found: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in one line which parts a run never had."""
    listed = found.get("listed", frozenset())
    parts = [
        ("code", "code", _LEDGER),
        ("environment", "environment", _ENVIRONMENT),
        ("summary", "seeds", _SUMMARY),
    ]
    absent = [word for part, word, path in parts if found.get(part) is None and path not in listed]
    if not absent:
        return ()
    running = " yet: it is still running" if run.status is RunStatus.RUNNING else ""
    return (f"{label(run)} has {', '.join(f'no {word}' for word in absent)}{running}",)

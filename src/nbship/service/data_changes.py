"""Whether a run had other data than the one before it of the same notebook, and what of it is other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.provenance.data_diff import diff_data
from nbship.provenance.evidence import read_evidence
from nbship.service.apart import asking
from nbship.service.history import find_run
from nbship.store import reader

if TYPE_CHECKING:
    from nbship.config import Settings
    from nbship.model.comparison import DatasetDiff
    from nbship.model.run import Run

__all__ = ["DataChanges", "data_changes"]


@dataclass(frozen=True, slots=True)
class DataChanges:
    """The datasets of a run that differ from those of the run before it.

    Attributes
    ----------
    previous
        The run before it of the same notebook; None where it is the first.
    datasets
        Those that differ, gone ones among them.
    equal
        How many do not.
    """

    previous: Run | None = None
    datasets: tuple[DatasetDiff, ...] = ()
    equal: int = 0


def data_changes(settings: Settings, run: str) -> DataChanges:
    """Return what of the data of a run changed since the run before it of the same notebook.

    Raises
    ------
    RunNotFoundError, AmbiguousRunError
        When none or several runs answer.
    StoreError
        When the store does not answer.
    """
    with asking(settings):
        found = find_run(settings, run)
        previous = reader.previous_runs(settings.tracking_uri, [found]).get(found.id)
        if previous is None:
            return DataChanges()
        sides = [read_evidence(settings.tracking_uri, one) for one in (previous, found)]
    diff = diff_data(*sides)
    return DataChanges(previous, diff.datasets, diff.equal)

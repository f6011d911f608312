"""What became of each run of a listing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.model.run_record import RunBadges
from nbship.service.apart import asking
from nbship.service.shipping.image_records import read_images
from nbship.store import reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.config import Settings
    from nbship.model.run import Run

__all__ = ["SERVING", "badges"]

SERVING = ("starting", "ready", "draining")
"""The states of a service that is there."""


def badges(settings: Settings, runs: Sequence[Run]) -> dict[str, RunBadges]:
    """Return what became of runs, by their ids.

    Parameters
    ----------
    runs
        As a listing has them, one page.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    with asking(settings):
        before = reader.previous_runs(settings.tracking_uri, runs)
    packaged = {record.run_id: record.reference for record in read_images(settings.home)}
    served = _served(settings)
    return {
        run.id: RunBadges(
            packaged=packaged.get(run.id),
            served=served.get(run.id),
            data_changed=_data_changed(run, before.get(run.id)),
        )
        for run in runs
    }


def _served(settings: Settings) -> dict[str, str]:
    from nbship.service.shipping.serving import services

    found = services(settings).services
    return {one.run_id: one.name for one in found if one.run_id and one.state in SERVING}


def _data_changed(run: Run, before: Run | None) -> bool | None:
    """Say whether any dataset of a name that both have has no version in common; None where there is no such name."""
    if before is None:
        return None
    now, then = _digests(run), _digests(before)
    common = now.keys() & then.keys()
    return any(now[name].isdisjoint(then[name]) for name in common) if common else None


def _digests(run: Run) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for dataset in run.datasets:
        found.setdefault(dataset.name, set()).add(dataset.digest)
    return found

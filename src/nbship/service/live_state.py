"""What runs now in a project."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nbship.config import shown_uri
from nbship.recording.status import Outage, SpoolStatus, spool_status

if TYPE_CHECKING:
    from nbship.config import Settings
    from nbship.model.live import LiveSession
    from nbship.recording.live import LiveView

__all__ = ["LiveState", "live"]


@dataclass(frozen=True, slots=True)
class LiveState:
    """What runs in a project, and what is on its way to the store.

    Attributes
    ----------
    tracking_uri
        Without its password, as everything here.
    experiment
        Where new runs go.
    outage
        What the project's store said last and since when, if it does not answer the recorder; None while it does, and
        also while nobody has asked it.
    """

    sessions: tuple[LiveSession, ...]
    spool: SpoolStatus
    tracking_uri: str
    experiment: str
    outage: Outage | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        from nbship.model.codec import encode

        return {
            "sessions": [session.to_dict() for session in self.sessions],
            "spool": self.spool.to_dict(),
            "tracking_uri": self.tracking_uri,
            "experiment": self.experiment,
            "outage": encode(self.outage),
        }


def live(settings: Settings, view: LiveView) -> LiveState:
    """Return what runs now, without asking a store or a kernel.

    Parameters
    ----------
    view
        Of `settings.spool`; the same one for every call, since it remembers what it has read.
    """
    status = spool_status(settings.spool)
    outage = next((one for one in status.outages if one.tracking_uri == settings.tracking_uri), None)
    return LiveState(
        sessions=view.sessions(),
        spool=replace(status, outages=tuple(map(_without_password, status.outages))),
        tracking_uri=shown_uri(settings.tracking_uri),
        experiment=settings.experiment,
        outage=None if outage is None else _without_password(outage),
    )


def _without_password(outage: Outage) -> Outage:
    return replace(outage, tracking_uri=shown_uri(outage.tracking_uri), text=shown_uri(outage.text))

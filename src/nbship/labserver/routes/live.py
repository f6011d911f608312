"""What runs now, and bringing to the store what waits."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from nbship.config import shown_uri
from nbship.labserver.endpoint import get, post
from nbship.labserver.place import Place
from nbship.labserver.wire.live import LiveJson, SpoolJson, SyncJson

__all__ = ["show_live", "sync"]

_WAIT_SECONDS = 3.0


@get("/live")
def show_live(place: Place) -> LiveJson:
    """Tell what runs now, without asking a store or a kernel."""
    from nbship import service  # noqa: PLC0415

    return cast("LiveJson", service.live(place.settings, place.live).to_dict())


@post("/sync")
def sync(place: Place, body: SyncJson) -> SpoolJson:
    """Bring what waits to the store, trying one that did not answer again at once."""
    from nbship import service  # noqa: PLC0415

    status = service.sync(place.settings, wait_seconds=body.get("wait_seconds", _WAIT_SECONDS))
    outages = tuple(
        replace(one, tracking_uri=shown_uri(one.tracking_uri), text=shown_uri(one.text))
        for one in status.outages
    )
    return cast("SpoolJson", replace(status, outages=outages).to_dict())

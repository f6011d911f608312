"""What is captured, what tracking a cell would record, what works here, and the tour."""

from __future__ import annotations

from typing import cast

from nbship.config import shown_uri
from nbship.errors import UsageError
from nbship.labserver.endpoint import get, post
from nbship.labserver.place import Place, confined
from nbship.labserver.wire.capture import (
    CaptureJson,
    DoctorJson,
    PreviewJson,
    PreviewRequestJson,
    TourJson,
    TourRequestJson,
)
from nbship.model.codec import encode
from nbship.model.preview import PreviewedCell

__all__ = ["preview", "show_capture", "show_doctor", "start_tour"]

TOUR = "nbship-tour"


@get("/capture")
def show_capture(place: Place) -> CaptureJson:
    """Tell what tracked cells of the project leave in their runs, and where each setting came from."""
    from nbship.service.preview import captured  # noqa: PLC0415

    settings = place.settings
    rows = [{"name": name, "value": value, "origin": origin} for name, value, origin in settings.rows()]
    answer = {
        "tracking_uri": shown_uri(settings.tracking_uri),
        "experiment": settings.experiment,
        "captured": encode(captured(settings)),
        "settings": rows,
    }
    return cast("CaptureJson", answer)


@post("/capture/preview")
def preview(place: Place, body: PreviewRequestJson) -> PreviewJson:  # noqa: ARG001 - the same in every project
    """Tell what tracking a cell would record; it runs nothing."""
    from nbship.service.preview import preview_cell  # noqa: PLC0415

    earlier = [PreviewedCell(one["source"], tuple(one.get("tags", ()))) for one in body.get("earlier", ())]
    cell = PreviewedCell(body["source"], tuple(body.get("tags", ())))
    return cast("PreviewJson", encode(preview_cell(cell, earlier)))


@get("/doctor")
def show_doctor(place: Place) -> DoctorJson:
    """Tell what works on this machine: packages, store, queue, containers."""
    from nbship.doctor import diagnose  # noqa: PLC0415

    return cast("DoctorJson", diagnose(place.settings).to_dict())


@post("/tour")
def start_tour(place: Place, body: TourRequestJson) -> TourJson:
    """Put the notebooks of the tour into a folder; what is there stays as it is."""
    from nbship.tour import add_tour  # noqa: PLC0415

    parent = place.file(body["folder"])
    if not parent.is_dir():
        raise UsageError(f"{body['folder']} is a file; give the folder into which the tour goes")
    folder = confined(place.root, f"{parent.relative_to(place.root).as_posix()}/{TOUR}")
    notebooks = add_tour(folder)
    return {
        "folder": folder.relative_to(place.root).as_posix(),
        "notebooks": [path.relative_to(place.root).as_posix() for path in notebooks],
    }

"""Served models: listed, asked, watched, stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbship import service
from nbship.errors import UsageError
from nbship.labserver.endpoint import EXECUTE, get, post
from nbship.labserver.place import Place
from nbship.labserver.wire.services import (
    InvokeBody,
    ServedAnswerJson,
    ServedFormJson,
    ServedModelJson,
    ServiceJson,
    ServiceLogJson,
    ServiceLogQuery,
    ServicesJson,
    ServicesQuery,
    StopBody,
    answer_json,
)
from nbship.model.codec import encode
from nbship.model.image import Snippets
from nbship.service.served_drift import FAR, LEAST_ROWS, standing

if TYPE_CHECKING:
    from nbship.model.image import ServedModel

__all__ = [
    "ask_service",
    "list_services",
    "service_form",
    "service_log",
    "service_snippets",
    "show_service",
    "stop_service",
]

_READY = "ready"


@get("/services")
def list_services(place: Place, query: ServicesQuery) -> ServicesJson:
    """List what is served from the project and by the local engine."""
    found = service.services(place.settings).services
    ready = [model for model in found if model.state == _READY] if query.get("readings") else []
    readings = {
        model.name: encode(replace(reading, drift=None))
        for model, reading in zip(ready, service.readings(ready), strict=True)
    }
    return {"services": [_model(model) for model in found], "readings": readings}


@get("/services/{name}")
def show_service(place: Place, name: str) -> ServiceJson:
    """Return a served model with what its server has counted and measured."""
    found = service.served_model(place.settings, name)
    reading = None
    if found.state == _READY:
        (reading,) = service.readings([found])
    standings = standing(reading.drift) if reading and reading.drift else {}
    return {
        "service": _model(found),
        "reading": encode(reading),
        "standing": standings,
        "far": FAR,
        "least_rows": LEAST_ROWS,
    }


@get("/services/{name}/form")
def service_form(place: Place, name: str) -> ServedFormJson:
    """Return what a served model wants to be asked, with an example, and how to ask it from elsewhere."""
    form = service.service_form(place.settings, name)
    return {"form": encode(form)}


@post("/services/{name}/invoke", EXECUTE)
def ask_service(place: Place, name: str, body: InvokeBody) -> ServedAnswerJson:
    """Ask a served model for predictions."""
    return answer_json(service.ask_service(place.settings, name, _request(body)))


@post("/services/{name}/snippets")
def service_snippets(place: Place, name: str, body: InvokeBody) -> Snippets:
    """Return how to ask a served model the same from elsewhere."""
    from nbship.packaging.snippets import body_snippets  # noqa: PLC0415 - when it is wanted

    endpoint = service.served_model(place.settings, name).endpoint
    return encode(body_snippets(endpoint, _request(body)))  # type: ignore[no-any-return]


@post("/services/{name}/stop", EXECUTE)
def stop_service(place: Place, name: str, body: StopBody) -> ServedModelJson:
    """Stop a served model after it has answered what is in flight, and wait for it."""
    seconds = body.get("timeout_seconds", _STOP_SECONDS)
    (stopped,) = service.stop(place.settings, [name], timeout_seconds=seconds)
    return _model(stopped)


_STOP_SECONDS = 30.0


@get("/services/{name}/log")
def service_log(place: Place, name: str, query: ServiceLogQuery) -> ServiceLogJson:
    """Return the last lines that the server of a model wrote to its outputs."""
    return {"log": service.served_log(place.settings, name, query.get("lines", _LINES))}


_LINES = 200


def _model(model: ServedModel) -> ServedModelJson:
    return model.to_dict()  # type: ignore[return-value]


def _request(body: InvokeBody) -> dict[str, Any]:
    if ("rows" in body) == ("body" in body):
        raise UsageError("send either rows or a body to ask with")
    return {"dataframe_records": body["rows"]} if "rows" in body else body["body"]

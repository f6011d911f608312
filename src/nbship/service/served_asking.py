"""Asking a served model: what it wants to be asked, and its answers."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from nbship.errors import PackagingError
from nbship.model.served_form import FormColumn, ServedForm
from nbship.packaging.services import find_service
from nbship.packaging.snippets import body_snippets
from nbship.service.served_requests import send

if TYPE_CHECKING:
    from nbship.config import Settings
    from nbship.model.image import ServedModel
    from nbship.service.served_requests import Reply

__all__ = ["ask_service", "form_in", "service_form"]

_PATH = "/invocations"
_ANSWER_SECONDS = 60.0
"""Longer than a server works on a request, so that it is the server who says that it took too long."""

_LARGEST_EXACT = 2**53
_LAYOUTS = ("dataframe_records", "dataframe_split", "inputs", "instances")


def ask_service(settings: Settings, name: str, body: dict[str, Any]) -> Reply:
    """Ask a served model for predictions; what it refuses is an answer too.

    Parameters
    ----------
    body
        As ``/invocations`` takes it.

    Raises
    ------
    ServiceNotFoundError, UsageError
        When nothing is served under the name, or not on this machine.
    PackagingError
        When the server does not answer.
    """
    service = find_service(settings.home, name)
    content = json.dumps(body).encode()
    return send(service, _PATH, content, timeout_seconds=_ANSWER_SECONDS)


def service_form(settings: Settings, name: str) -> ServedForm:
    """Return what a served model wants to be asked, as its server describes it.

    Raises
    ------
    ServiceNotFoundError, UsageError, PackagingError
        As `ask_service`; also when it wants a token, or describes nothing.
    """
    service = find_service(settings.home, name)
    reply = send(service, "/openapi.json")
    if reply.status != HTTPStatus.OK:
        wants = "; it wants a token" if reply.status == HTTPStatus.UNAUTHORIZED else ""
        raise PackagingError(f"{name} does not say what it takes: status {reply.status}{wants}")
    try:
        return form_in(json.loads(reply.body), service)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise PackagingError(
            f"{name} describes its requests in a way that is not known: {error!r}"
        ) from error


def form_in(document: dict[str, Any], service: ServedModel) -> ServedForm:
    """Return the form that the OpenAPI document of a server describes.

    Raises
    ------
    AttributeError, IndexError, KeyError, TypeError, ValueError
        When it is not the document of a server of nbship.
    """
    schema = document["components"]["schemas"]["Invocations"]["properties"]
    content = document["paths"][_PATH]["post"]["requestBody"]["content"]["application/json"]
    examples = {name: given["value"] for name, given in content["examples"].items()}
    columns = _columns(schema.get("dataframe_records") or {}, examples.get("dataframe_records") or {})
    example = next(examples[layout] for layout in _LAYOUTS if layout in examples)
    snippets = body_snippets(service.endpoint, example)
    return ServedForm(columns, example, snippets, str(document["info"].get("description", "")))


def _columns(records: dict[str, Any], example: dict[str, Any]) -> tuple[FormColumn, ...]:
    record = records.get("items") or {}
    required = set(record.get("required", ()))
    row = (example.get("dataframe_records") or [{}])[0]
    return tuple(
        _column(name, schema, row.get(name), required=name in required)
        for name, schema in record.get("properties", {}).items()
    )


def _column(name: str, schema: dict[str, Any], example: Any, *, required: bool) -> FormColumn:
    said = schema.get("type", "any")
    kinds = said if isinstance(said, list) else [said]
    return FormColumn(
        name,
        _kind(next((kind for kind in kinds if kind != "null"), "any"), schema),
        required=required,
        nullable="null" in kinds or "any" in kinds,
        example=example,
        minimum=_bound(schema.get("minimum")),
        maximum=_bound(schema.get("maximum")),
    )


def _kind(kind: str, schema: dict[str, Any]) -> str:
    if schema.get("format") == "date-time":
        return "datetime"
    return "binary" if "contentEncoding" in schema else kind


def _bound(value: float | None) -> float | None:
    return None if value is None or abs(value) > _LARGEST_EXACT else value

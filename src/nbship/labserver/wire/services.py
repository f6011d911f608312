"""Served models on the wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from nbship.model.image import Snippets
from nbship.model.served_form import ServedForm
from nbship.model.served_reading import ServedReading

if TYPE_CHECKING:
    from nbship.service.served_requests import Reply

__all__ = [
    "InvokeBody",
    "ServedAnswerJson",
    "ServedFormJson",
    "ServedModelJson",
    "ServiceJson",
    "ServiceLogJson",
    "ServiceLogQuery",
    "ServicesJson",
    "ServicesQuery",
    "StopBody",
    "answer_json",
]

MOST_LINES = 2000


class ServedModelJson(TypedDict):
    """A served model; see `nbship.model.image.ServedModel`."""

    name: str
    kind: str
    endpoint: str
    state: str
    run_id: str
    run_name: str
    model: str
    model_version: str
    model_digest: str
    reason: str
    container_id: str
    image: str
    pid: int
    started_ms: int
    ready_seconds: float
    log_folder: str
    snippets: Snippets | None
    method: str


class ServicesQuery(TypedDict):
    """Whether to ask the servers for their metrics as well."""

    readings: NotRequired[bool]


class ServicesJson(TypedDict):
    """What is served and, by name, what the servers that are ready say of themselves: without the drift of columns."""

    services: list[ServedModelJson]
    readings: dict[str, ServedReading]


class ServiceJson(TypedDict):
    """A served model, and what its server says of itself; null unless it is ready.

    `standing` is the state of each column that is watched for drift: ``few`` (fewer than `least_rows` rows, too few to
    tell), ``near``, ``far`` (the Jensen-Shannon distance is `far` or more) or ``unknown``.
    """

    service: ServedModelJson
    reading: ServedReading | None
    standing: dict[str, str]
    far: float
    least_rows: int


class ServedFormJson(TypedDict):
    """How to ask a served model."""

    form: ServedForm


class InvokeBody(TypedDict):
    """What to ask: rows by column name, or a whole request as ``/invocations`` takes it."""

    rows: NotRequired[Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)]]
    body: NotRequired[dict[str, Any]]


class ServedAnswerJson(TypedDict):
    """What a server answered, whatever the status; `answer` is JSON, or text where it was none."""

    status: int
    seconds: float
    answer: Any


class StopBody(TypedDict):
    """How long the server may take to answer what is in flight."""

    timeout_seconds: NotRequired[Annotated[float, Field(ge=0, le=120)]]


class ServiceLogQuery(TypedDict):
    """How many of the last lines."""

    lines: NotRequired[Annotated[int, Field(ge=1, le=MOST_LINES)]]


class ServiceLogJson(TypedDict):
    """The last lines that a server wrote to its outputs."""

    log: str


def answer_json(reply: Reply) -> ServedAnswerJson:
    """Return an answer, read as JSON where it is some."""
    text = reply.body.decode("utf-8", "replace")
    try:
        answer = json.loads(text)
    except ValueError:
        answer = text
    return ServedAnswerJson(status=reply.status, seconds=reply.seconds, answer=answer)

"""HTTP, once for all routes: who asks, whether they may, reading, threads and errors."""

from __future__ import annotations

import asyncio
import json
import math
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from nbship.errors import UsageError
from nbship.labserver.endpoint import EXECUTE, Endpoint
from nbship.labserver.faults import FaultJson, fault_of

if TYPE_CHECKING:
    from nbship.labserver.place import Workbench

__all__ = ["AnswerHandler", "json_text"]

_MAX_BODY_BYTES = 16 * 2**20


class AnswerHandler(APIHandler):
    """Answers all verbs of one path.

    Reading asks Jupyter's authoriser for ``read``, changing for ``write``, and what runs code or containers for
    ``execute``, each on the resource ``nbship``.
    """

    auth_resource: ClassVar[str] = "nbship"

    def initialize(self, endpoints: dict[str, Endpoint], bench: Workbench) -> None:
        """Take what answers, by verb."""
        self.endpoints = endpoints
        self.bench = bench

    @web.authenticated
    @authorized
    async def get(self, **in_path: str) -> None:
        """Answer a question."""
        await self._answer(in_path)

    @web.authenticated
    @authorized
    async def post(self, **in_path: str) -> None:
        """Do something."""
        await self._answer(in_path)

    @web.authenticated
    @authorized
    async def delete(self, **in_path: str) -> None:
        """Take something away."""
        await self._answer(in_path)

    async def _answer(self, in_path: dict[str, str]) -> None:
        endpoint = self.endpoints.get(self.request.method or "")
        if endpoint is None:
            raise web.HTTPError(HTTPStatus.METHOD_NOT_ALLOWED)
        await self._may(endpoint)
        try:
            body = self._body() if endpoint.body is not None else None
            query = {name: values[-1].decode() for name, values in self.request.query_arguments.items()}
            answer = await asyncio.to_thread(self._ask, endpoint, in_path, query, body)
        except Exception as error:  # noqa: BLE001 - whatever happens is told as JSON, and logged where it is not ours
            await self._say_fault(error)
        else:
            with suppress(StreamClosedError):  # the page was closed, or has asked for something newer
                await self.finish(answer)

    async def _may(self, endpoint: Endpoint) -> None:
        """Ask for more than the verb says, where the endpoint runs code."""
        if endpoint.action != EXECUTE:
            return
        allowed = self.authorizer.is_authorized(self, self.current_user, EXECUTE, self.auth_resource)
        if not await ensure_async(allowed):
            raise web.HTTPError(HTTPStatus.FORBIDDEN, "you may look, but not run anything, on this server")

    def _ask(self, endpoint: Endpoint, in_path: dict[str, str], query: dict[str, str], body: Any) -> str:
        place = self.bench.place(query.pop("path", ""))
        return json_text(endpoint.ask(place, in_path, query, body))

    def _body(self) -> Any:
        if len(self.request.body) > _MAX_BODY_BYTES:
            raise UsageError(
                f"the request has {len(self.request.body)} bytes; at most {_MAX_BODY_BYTES} are read"
            )
        try:
            return json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise UsageError(f"the request is no JSON: {error}") from error

    async def _say_fault(self, error: Exception) -> None:
        status, fault = fault_of(error)
        if fault["code"] == "internal":
            self.log.error("nbship: %s %s", self.request.method, self.request.path, exc_info=error)
        self.set_status(status)
        with suppress(StreamClosedError):
            await self.finish(json_text(fault))

    def write_error(self, status_code: int, **keywords: Any) -> None:
        """Say what Jupyter itself refuses in the form of all our errors."""
        error = keywords.get("exc_info", (None, None, None))[1]
        message, hint = _REFUSALS.get(status_code, (HTTPStatus(status_code).phrase, ""))
        said = getattr(error, "log_message", None) or message
        self.set_header("Content-Type", "application/json")
        self.finish(json_text(FaultJson(code=_word(status_code), message=str(said), hint=hint)))


_REFUSALS: dict[int, tuple[str, str]] = {
    HTTPStatus.UNAUTHORIZED: (
        "The Jupyter server does not know who asks.",
        "Reload the page and sign in again.",
    ),
    HTTPStatus.FORBIDDEN: (
        "The Jupyter server does not accept your sign-in for this.",
        "Reload the page and sign in again, or ask whoever runs this server for access.",
    ),
}
"""What happened and what to do, where Jupyter gives no words of its own."""


def _word(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "_")


def json_text(value: Any) -> str:
    """Return JSON that browsers read: numbers that JSON does not have become text, as in MLflow's REST API."""
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_without_nan(value), allow_nan=False)


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value

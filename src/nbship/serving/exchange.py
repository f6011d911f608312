"""One HTTP request and its answer, on the plain ASGI interface."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import orjson

from nbship.serving.problems import BadRequestError, Reason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from nbship.serving.failures import RequestFailedError

    Message = MutableMapping[str, Any]

__all__ = ["JSON", "Answer", "Exchange"]

JSON = b"application/json"
_PLAIN_ENCODINGS = frozenset({b"", b"identity"})


class Answer:
    """What is sent back."""

    __slots__ = ("body", "content_type", "headers", "status")

    def __init__(
        self,
        body: bytes,
        status: int = 200,
        content_type: bytes = JSON,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        self.body, self.status, self.content_type, self.headers = body, status, content_type, headers

    @classmethod
    def of(cls, value: Any, status: int = 200, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Answer:
        """Return an answer in JSON."""
        return cls(orjson.dumps(value), status, headers=headers)


class Exchange:
    """A request that is being answered.

    Attributes
    ----------
    headers
        By lower-case name; the last one counts.
    request_id
        Returned with the answer.
    arrived
        Whether all of the body has been read.
    started
        When it began, on the clock of `time.perf_counter`.
    """

    __slots__ = ("_receive", "_send", "arrived", "headers", "method", "path", "request_id", "started")

    def __init__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.request_id = ""
        self.arrived = False
        self.started = time.perf_counter()
        self._receive, self._send = receive, send

    @property
    def content_type(self) -> str | None:
        """The media type that the request says it has."""
        value = self.headers.get(b"content-type")
        return None if value is None else value.decode("latin-1")

    async def body(self, most_bytes: int) -> bytes:
        """Read the body.

        Raises
        ------
        BadRequestError
            When it is too large, or compressed.
        ConnectionResetError
            When the caller has gone.
        """
        self._check_head(most_bytes)
        message = await self._receive()
        if message["type"] == "http.request" and not message["more_body"]:
            body: bytes = message["body"]
            _check_size(len(body), most_bytes)
        else:
            body = await self._rest(message, most_bytes)
        self.arrived = True
        return body

    async def _rest(self, message: Message, most_bytes: int) -> bytes:
        parts, size = [], 0
        while True:
            if message["type"] != "http.request":
                raise ConnectionResetError
            parts.append(message["body"])
            size += len(message["body"])
            _check_size(size, most_bytes)
            if not message["more_body"]:
                return b"".join(parts)
            message = await self._receive()

    def _check_head(self, most_bytes: int) -> None:
        if self.headers.get(b"content-encoding", b"").lower() not in _PLAIN_ENCODINGS:
            raise BadRequestError.of(Reason.ENCODING, "send the body without compression", status=415)
        length = self.headers.get(b"content-length", b"")
        if length.isdigit():
            _check_size(int(length), most_bytes)

    async def reply(self, answer: Answer, *, close: bool) -> None:
        """Send an answer; `close` ends the connection after it."""
        headers = [
            (b"content-type", answer.content_type),
            (b"content-length", b"%d" % len(answer.body)),
            (b"x-request-id", self.request_id.encode("ascii")),
            *answer.headers,
        ]
        if close:
            headers.append((b"connection", b"close"))
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": answer.body})


def _check_size(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        message = f"the body is larger than {most_bytes} bytes"
        raise BadRequestError.of(Reason.TOO_LARGE, message, status=413)


def failure_body(error: RequestFailedError | BadRequestError, request_id: str, *, v2: bool) -> dict[str, Any]:
    """Return the body that tells of a failure; the Open Inference Protocol wants the line under another name too."""
    body = error.to_dict(request_id)
    return {"error": body["message"], **body} if v2 else body

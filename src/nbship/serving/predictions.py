"""Requests of predictions: read, asked, answered, and kept account of."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from nbship.serving.answers import invocations_body, v2_body
from nbship.serving.batching import ModelRefusedError
from nbship.serving.exchange import Answer
from nbship.serving.failures import RequestFailedError
from nbship.serving.prediction_log import LoggedRequest
from nbship.serving.problems import BadRequestError, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.serving.exchange import Exchange
    from nbship.serving.metrics import Metrics
    from nbship.serving.request import Request
    from nbship.serving.served_bundle import ServedBundle

__all__ = ["Predictions"]

_LONG_BODY_BYTES = 128 << 10
"""Longer bodies are read in the thread of the model, so that health is answered meanwhile."""
_MANY_ROWS = 2000


class Predictions:
    """Answers ``/invocations`` and ``/v2/…/infer``.

    Parameters
    ----------
    model
        What is served.
    max_body_bytes, max_concurrent
        Limits; see `nbship.serving.settings.ServeSettings`.
    """

    def __init__(
        self, model: ServedBundle, metrics: Metrics, *, max_body_bytes: int, max_concurrent: int
    ) -> None:
        self._model, self._metrics = model, metrics
        self._most_bytes, self._most_concurrent = max_body_bytes, max_concurrent
        self._running = 0
        metrics.in_flight.set_function(lambda: self._running)

    async def invocations(self, exchange: Exchange) -> Answer:
        """Answer in MLflow's way."""
        return await self._guarded(exchange, "mlflow", self._read, self._write)

    async def infer(self, exchange: Exchange) -> Answer:
        """Answer in the way of the Open Inference Protocol."""
        return await self._guarded(exchange, "v2", self._read_v2, self._write_v2)

    async def _guarded(
        self,
        exchange: Exchange,
        protocol: str,
        read: Callable[[bytes, Exchange], Request],
        write: Callable[[Request, list[Any], Exchange], bytes],
    ) -> Answer:
        if self._running >= self._most_concurrent:
            raise RequestFailedError.overloaded()
        self._running += 1
        try:
            return await self._answered(exchange, read, write)
        finally:
            self._running -= 1
            self._metrics.took(protocol, time.perf_counter() - exchange.started)

    async def _answered(
        self,
        exchange: Exchange,
        read: Callable[[bytes, Exchange], Request],
        write: Callable[[Request, list[Any], Exchange], bytes],
    ) -> Answer:
        body = await exchange.body(self._most_bytes)
        request = await self._maybe_apart(len(body) > _LONG_BODY_BYTES, read, body, exchange)
        rows = request.rows
        try:
            predictions = await self._model.batcher.predict(rows)
        except ModelRefusedError:
            raise BadRequestError.of(Reason.MODEL, "the model does not take these values") from None
        answer = await self._maybe_apart(len(rows) > _MANY_ROWS, write, request, predictions, exchange)
        self._account(exchange, rows, predictions)
        return Answer(answer)

    async def _maybe_apart(self, is_long: bool, function: Callable[..., Any], *arguments: Any) -> Any:
        if is_long:
            return await self._model.batcher.apart(functools.partial(function, *arguments))
        return function(*arguments)

    def _account(self, exchange: Exchange, rows: list[Any], predictions: list[Any]) -> None:
        model = self._model
        model.counts.answered(predictions)
        model.drift.add(rows, predictions)
        if model.log is not None:
            latency_ms = round((time.perf_counter() - exchange.started) * 1000, 3)
            now_ms = int(time.time() * 1000)
            model.log.add(LoggedRequest(now_ms, exchange.request_id, rows, predictions, latency_ms))

    def _read(self, body: bytes, exchange: Exchange) -> Request:
        return self._model.parser.read(body, exchange.content_type)

    def _read_v2(self, body: bytes, _exchange: Exchange) -> Request:
        return self._model.parser.read_v2(body)

    @staticmethod
    def _write(_request: Request, predictions: list[Any], _exchange: Exchange) -> bytes:
        return invocations_body(predictions)

    def _write_v2(self, request: Request, predictions: list[Any], exchange: Exchange) -> bytes:
        return v2_body(self._model.bundle, request, predictions, exchange.request_id)

"""The application: addresses to answers, failures to failures; a plain ASGI callable."""

from __future__ import annotations

import asyncio
import hmac
import sys
import traceback
from typing import TYPE_CHECKING, Any

from nbship.serving.deadlines import Deadlines
from nbship.serving.exchange import Answer, Exchange, failure_body
from nbship.serving.failures import RequestFailedError
from nbship.serving.problems import BadRequestError
from nbship.serving.request_id import RequestIds
from nbship.serving.routes import UNKNOWN, Route, model_routes, server_routes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from nbship.serving.metrics import Metrics
    from nbship.serving.served_bundle import ServedBundle
    from nbship.serving.settings import ServeSettings

    Message = MutableMapping[str, Any]

__all__ = ["App"]

_FRAMES = 12


class App:
    """Answers requests; health at once, everything else when it has a model.

    Attributes
    ----------
    deadlines
        The requests in work.
    """

    def __init__(self, settings: ServeSettings, metrics: Metrics) -> None:
        self._settings, self._metrics = settings, metrics
        self._ids = RequestIds()
        self._token = b"Bearer " + settings.token.encode() if settings.token else b""
        self._routes = server_routes(self, metrics)
        self._model: ServedBundle | None = None
        self._draining = False
        self.deadlines = Deadlines(settings.timeout_seconds)

    @property
    def is_ready(self) -> bool:
        """Whether new requests are wanted."""
        return self._model is not None and not self._draining

    def serve(self, model: ServedBundle) -> None:
        """Answer for this model from now on."""
        self._routes |= model_routes(model, self._settings, self._metrics)
        self._model = model
        self._metrics.set_ready(ready=self.is_ready)

    def drain(self) -> None:
        """Tell everybody to go elsewhere, while answering all who still come."""
        self._draining = True
        self._metrics.set_ready(ready=False)

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send)
        exchange.request_id = self._ids.take(exchange.headers.get(b"x-request-id"))
        route = self._routes.get(exchange.path, UNKNOWN)
        task = self.deadlines.enter()
        try:
            answer = await self._answer(route, exchange, task)
            await exchange.reply(answer, close=self._draining)
        except ConnectionResetError:
            return  # the caller has gone, nobody waits for an answer
        except asyncio.CancelledError:
            if not self.deadlines.caught(task):
                raise
            return  # the caller does not fetch the answer
        finally:
            self.deadlines.leave(task)
        self._metrics.answered(route.label, route.protocol, answer.status)

    async def _answer(self, route: Route, exchange: Exchange, task: asyncio.Task[Any]) -> Answer:
        """Return the answer, whatever happens; only a caller who has gone gets none."""
        try:
            return await self._handled(route, exchange)
        except BadRequestError as error:
            self._metrics.refused(str(problem.reason) for problem in error.problems)
            return self._failure(error, route, exchange)
        except RequestFailedError as error:
            return self._failure(error, route, exchange)
        except ConnectionResetError:
            raise
        except asyncio.CancelledError:
            if not self.deadlines.caught(task):
                raise
            late = RequestFailedError.timed_out() if exchange.arrived else RequestFailedError.too_slow()
            return self._failure(late, route, exchange)
        except Exception as error:  # noqa: BLE001 - the user's model, or a fault of ours: the server goes on
            _complain(error, exchange.request_id)
            return self._failure(RequestFailedError.internal(), route, exchange)

    async def _handled(self, route: Route, exchange: Exchange) -> Answer:
        if self._token and not route.is_open:
            given = exchange.headers.get(b"authorization", b"")
            if not hmac.compare_digest(given, self._token):
                raise RequestFailedError.unauthorized()
        handler = route.handlers.get(exchange.method)
        if handler is not None:
            return await handler(exchange)
        if route.handlers:
            raise RequestFailedError.not_allowed(", ".join(sorted(route.handlers)))
        if self._model is None:
            raise RequestFailedError.not_ready("the model is being loaded")
        raise RequestFailedError.not_found(
            f"there is nothing at this address; the model is called {self._model.bundle.name}, "
            "/openapi.json lists all addresses"
        )

    @staticmethod
    def _failure(error: RequestFailedError | BadRequestError, route: Route, exchange: Exchange) -> Answer:
        body = failure_body(error, exchange.request_id, v2=route.protocol == "v2")
        return Answer.of(body, error.status, getattr(error, "headers", ()))


def _complain(error: Exception, request_id: str) -> None:
    """Write where it failed to standard error; what the error says may hold data, so that is left out."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    lines = [f"nbship: request {request_id} failed: {type(error).__name__}"]
    lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    print("\n".join(lines), file=sys.stderr, flush=True)  # noqa: T201 - the container's log

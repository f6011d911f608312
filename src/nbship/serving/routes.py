"""Which address answers what."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from nbship import __version__
from nbship.serving.exchange import Answer
from nbship.serving.failures import RequestFailedError
from nbship.serving.feedback import read_feedback
from nbship.serving.metrics import CONTENT_TYPE
from nbship.serving.prediction_log import LoggedFeedback
from nbship.serving.predictions import Predictions
from nbship.serving.v2_metadata import model_metadata, server_metadata

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from nbship.model.bundle import Bundle
    from nbship.serving.exchange import Exchange
    from nbship.serving.metrics import Metrics
    from nbship.serving.served_bundle import ServedBundle
    from nbship.serving.settings import ServeSettings

    Handler = Callable[[Exchange], Awaitable[Answer]]

__all__ = ["UNKNOWN", "Route", "model_routes", "server_routes"]


@dataclass(frozen=True, slots=True)
class Route:
    """An address.

    Attributes
    ----------
    label
        How metrics call it.
    protocol
        ``mlflow``, ``v2`` or empty.
    handlers
        By HTTP method.
    is_open
        Whether it answers without a token.
    """

    label: str
    protocol: str = ""
    handlers: dict[str, Handler] = field(default_factory=dict)
    is_open: bool = False


UNKNOWN = Route("unknown")


class _Readiness(Protocol):
    """Knows whether requests are wanted."""

    @property
    def is_ready(self) -> bool: ...


def server_routes(state: _Readiness, metrics: Metrics) -> dict[str, Route]:
    """Return what answers before there is a model."""

    async def ready(_exchange: Exchange) -> Answer:
        if not state.is_ready:
            raise RequestFailedError.not_ready("no requests are wanted now")
        return Answer.of({"ready": True})

    async def measured(_exchange: Exchange) -> Answer:
        metrics.settle()
        # In a thread: the drift of many columns takes some milliseconds.
        text = await asyncio.get_running_loop().run_in_executor(None, metrics.text)
        return Answer(text, content_type=CONTENT_TYPE)

    live = _get(Answer.of({"live": True}))
    by_readiness = dict.fromkeys(("/ping", "/health", "/health/ready"), ("", ready))
    by_readiness["/v2/health/ready"] = ("v2", ready)
    routes = {
        path: Route(path, protocol, _read(it), is_open=True) for path, (protocol, it) in by_readiness.items()
    }
    routes["/health/live"] = Route("/health/live", "", live, is_open=True)
    routes["/v2/health/live"] = Route("/v2/health/live", "v2", live, is_open=True)
    routes["/v2"] = Route("/v2", "v2", _get(Answer.of(server_metadata())))
    routes["/metrics"] = Route("/metrics", "", _read(measured))
    return routes


def model_routes(model: ServedBundle, settings: ServeSettings, metrics: Metrics) -> dict[str, Route]:
    """Return what answers for a model."""
    predictions = Predictions(
        model, metrics, max_body_bytes=settings.max_body_bytes, max_concurrent=settings.max_concurrent
    )
    routes = {
        "/invocations": Route("/invocations", "mlflow", {"POST": predictions.invocations}),
        "/version": Route("/version", "", _get(Answer.of(_version(model)))),
        "/openapi.json": Route("/openapi.json", "", _get(Answer(model.description))),
        "/lineage": Route("/lineage", "", _get(Answer(model.lineage))),
        "/feedback": Route("/feedback", "", {"POST": _feedback(model, settings.max_body_bytes, metrics)}),
    }
    bundle = model.bundle
    label = "/v2/models/{name}"
    for base in _model_roots(bundle):
        routes[base] = Route(label, "v2", _get(Answer.of(model_metadata(bundle))))
        routes[f"{base}/ready"] = Route(f"{label}/ready", "v2", _get(Answer.of({"ready": True})))
        routes[f"{base}/infer"] = Route(f"{label}/infer", "v2", {"POST": predictions.infer})
    return routes


def _model_roots(bundle: Bundle) -> list[str]:
    root = f"/v2/models/{bundle.name}"
    return [root, f"{root}/versions/{bundle.model_version}"] if bundle.model_version else [root]


def _version(model: ServedBundle) -> dict[str, Any]:
    bundle = model.bundle
    return {
        "nbship": __version__,
        "model": bundle.name,
        "model_version": bundle.model_version,
        "model_class": bundle.model_class,
        "model_digest": f"sha256:{bundle.model_digest}",
        "run_id": bundle.run_id,
    }


def _feedback(model: ServedBundle, most_bytes: int, metrics: Metrics) -> Handler:
    async def answer(exchange: Exchange) -> Answer:
        if model.log is None:
            raise RequestFailedError(
                409, "LOG_OFF", "this server does not log predictions, so feedback has no place"
            )
        found = read_feedback(await exchange.body(most_bytes))
        now_ms = int(time.time() * 1000)
        for request_id, targets in found.items():
            model.log.add(LoggedFeedback(now_ms, request_id, targets))
        count = sum(map(len, found.values()))
        metrics.told_truth(count)
        return Answer.of({"accepted": count})

    return answer


def _read(handler: Handler) -> dict[str, Handler]:
    return {"GET": handler, "HEAD": handler}


def _get(answer: Answer) -> dict[str, Handler]:
    """Return the handlers of an address that always answers the same."""

    async def same(_exchange: Exchange) -> Answer:
        return answer

    return _read(same)

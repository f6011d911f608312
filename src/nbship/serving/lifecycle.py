"""From the start to the end of the server: listen, load, get ready, serve, drain, leave."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import uvicorn
import uvloop

from nbship.errors import NbshipError, PackagingError
from nbship.serving.app import App
from nbship.serving.connections import BoundedConnection
from nbship.serving.listening import listen, refuse_newcomers
from nbship.serving.metrics import Metrics

if TYPE_CHECKING:
    import socket

    from nbship.serving.served_bundle import ServedBundle
    from nbship.serving.settings import ServeSettings

__all__ = ["serve"]

_KEEP_ALIVE_SECONDS = 75
"""Longer than the 60 seconds of common load balancers, which must be the ones to close."""
_TICK_SECONDS = 0.05
_QUIET_SECONDS = 0.5
_LAST_CALL_SECONDS = 0.2
_LAST_CALL_MOST_SECONDS = 2.0
_SWITCH_SECONDS = 0.001
"""How long another thread may keep the event loop waiting; Python's default of 5 ms would show in the p99."""


def serve(settings: ServeSettings) -> None:
    """Serve a bundle until SIGTERM or SIGINT.

    Raises
    ------
    PackagingError
        When the address cannot be had, or the bundle not be served.
    UntrustedModelError
        When the policy does not let the model be read.
    """
    began = time.perf_counter()
    sys.setswitchinterval(_SWITCH_SECONDS)
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    metrics = Metrics()
    app = App(settings, metrics)
    listener = listen(settings.host, settings.port)
    BoundedConnection.most_stray_bytes = (1 << 20) + 2 * settings.max_body_bytes
    server = _Server(app, settings, metrics, began)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve([listener]))
    if server.model is not None:
        server.model.close()
    if server.failure is not None:
        raise server.failure


class _Server(uvicorn.Server):
    """Uvicorn's server with a model that is loaded while it listens, and an end without losses."""

    def __init__(self, app: App, settings: ServeSettings, metrics: Metrics, began: float) -> None:
        super().__init__(_config(app, settings))
        self._app, self._settings, self._metrics, self._began = app, settings, metrics, began
        self._listeners: list[socket.socket] = []
        self.model: ServedBundle | None = None
        self.failure: Exception | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and start to load the model."""
        await super().startup(sockets)
        self._listeners = sockets or []
        loop = asyncio.get_running_loop()
        # A daemon, so that a server that is told to stop while it loads stops.
        threading.Thread(target=self._load, args=(loop,), name="load", daemon=True).start()

    def handle_exit(self, _sig: int, _frame: Any) -> None:
        """Take a signal: the first one drains, another one leaves at once. The exit code is ours."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def main_loop(self) -> None:
        """Serve until told to stop, then go on until nobody comes any more."""
        counter = 0
        while not await self.on_tick(counter % 864_000):
            counter += 1
            self._look_after()
            await asyncio.sleep(0.1)
        if self.failure is None:
            await self._drain()

    def _look_after(self) -> None:
        self._app.deadlines.look()
        limit = time.monotonic() - self._settings.timeout_seconds
        for connection in list(self.server_state.connections):
            if isinstance(connection, BoundedConnection):
                connection.close_if_stalled(limit)

    async def _drain(self) -> None:
        self._app.drain()
        await self._until_quiet(_QUIET_SECONDS, self._settings.drain_seconds)
        for listener in self._listeners:
            refuse_newcomers(listener)
        await self._until_quiet(_LAST_CALL_SECONDS, _LAST_CALL_MOST_SECONDS)

    async def _until_quiet(self, quiet_seconds: float, most_seconds: float) -> None:
        """Wait until no request was begun or in work for a moment, or for the longest time."""
        now = time.monotonic()
        end, quiet_end, answered = now + most_seconds, now + quiet_seconds, -1
        while now < min(end, quiet_end) and not self.force_exit:
            await asyncio.sleep(_TICK_SECONDS)
            await self.on_tick(1)
            self._look_after()
            now = time.monotonic()
            if self.server_state.total_requests != answered or len(self._app.deadlines):
                answered = self.server_state.total_requests
                quiet_end = now + quiet_seconds

    def _load(self, loop: asyncio.AbstractEventLoop) -> None:
        from nbship.serving.served_bundle import load  # noqa: PLC0415 - numpy and more, while the server listens already

        try:
            model = load(self._settings, self._metrics)
        except NbshipError as error:
            loop.call_soon_threadsafe(self._fail, error)
        except BaseException as error:  # noqa: BLE001 - of the model's code; sys.exit() would end just this thread
            said = " ".join(f"{type(error).__name__}: {error}".split())
            failure = PackagingError(f"the model cannot be served, loading it failed: {said}")
            loop.call_soon_threadsafe(self._fail, failure)
        else:
            loop.call_soon_threadsafe(self._get_ready, model)

    def _fail(self, error: Exception) -> None:
        self.failure, self.should_exit = error, True

    def _get_ready(self, model: ServedBundle) -> None:
        # What is loaded stays: the collector need not walk through scikit-learn every now and then.
        gc.collect()
        gc.freeze()
        self.model = model
        self._app.serve(model)
        seconds, where = time.perf_counter() - self._began, self._listeners[0].getsockname()
        line = f"nbship: {model.bundle.name} is served on {where[0]}:{where[1]}, ready after {seconds:.2f} s"
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the container's log


def _config(app: App, settings: ServeSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedConnection,
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(settings.timeout_seconds) + 1,
    )

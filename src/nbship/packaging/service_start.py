"""Starting what serves a model, as a process or in a container."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import PackagingError, UsageError
from nbship.packaging.container import SERVED_LABEL, ContainerRequest
from nbship.packaging.process import start_process
from nbship.packaging.service_records import ServiceRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.model.image import ServedModel
    from nbship.packaging.engine import Engine
    from nbship.packaging.service_records import ServiceClaim

__all__ = ["serve_container", "serve_process"]


def serve_process(
    claim: ServiceClaim,
    model: ServedModel,
    root: Path,
    environment: Mapping[str, str],
    port: int | None = None,
    *,
    bundle_folder: Path | None = None,
    timeout_seconds: float = 60.0,
) -> ServedModel:
    """Serve the files of an image as a process that outlives this one, and wait until it is ready.

    Parameters
    ----------
    claim
        Of the name; take it with `claim_service`, and unpack the files into its folder.
    model
        What is known of the model; `log_folder` says where predictions are logged, by default ``<home>/predictions/NAME``.
    root
        Holds ``opt/nbship/site``, ``opt/nbship/runtime`` and, unless `bundle_folder` is given, ``opt/nbship/model``.
    environment
        Variables ``NBSHIP_SERVE_…`` beyond address and folders.
    port
        None takes a free one.

    Raises
    ------
    PackagingError
        When it does not start; nothing is left running, and the message has what the server wrote.
    """
    logs = _log_folder(claim, model)
    bundle = bundle_folder or root / "opt/nbship/model"
    variables = {"NBSHIP_SERVE_LOG_DIR": str(logs), **environment}
    running = start_process(root, bundle, variables, port, folder=claim.folder)
    started = replace(
        model,
        name=claim.name,
        kind="process",
        endpoint=running.url,
        state="starting",
        pid=running.pid,
        started_ms=_now_ms(),
        log_folder=str(logs),
    )
    try:
        claim.write(ServiceRecord(started, running.port, socket.gethostname()))
        ready = replace(started, state="ready", ready_seconds=running.wait_ready(timeout_seconds))
        claim.write(ServiceRecord(ready, running.port, socket.gethostname()))
    except BaseException:  # Ctrl-C too: what nobody waits for shall not run on unseen
        running.stop()
        raise
    return ready


def serve_container(
    engine: Engine,
    claim: ServiceClaim,
    model: ServedModel,
    environment: Mapping[str, str],
    port: int | None = None,
    *,
    timeout_seconds: float = 60.0,
) -> ServedModel:
    """Serve `model.image`, which the engine has, in a container, and wait until it is ready.

    Parameters
    ----------
    claim
        Of the name; take it with `claim_service`.
    model
        What is known of the model; `log_folder` says where predictions are logged, by default ``<home>/predictions/NAME``.
    environment
        Variables ``NBSHIP_SERVE_…``.
    port
        Of this machine; None takes a free one.

    Raises
    ------
    UsageError
        When a container of that name runs.
    PackagingError
        When it does not start; no container is left behind, and the message has what the server wrote.
    """
    logs = _log_folder(claim, model)
    _remove_ended(engine, claim.name)
    known = replace(
        model, name=claim.name, kind="container", state="starting", started_ms=_now_ms(), log_folder=str(logs)
    )
    label = json.dumps(replace(known, snippets=None).to_dict())
    request = ContainerRequest(claim.name, model.image, logs, port, dict(environment), {SERVED_LABEL: label})
    started = time.monotonic()
    container = engine.run(request)
    try:
        engine.wait_ready(claim.name, timeout_seconds)
    except BaseException:  # Ctrl-C too: what nobody waits for shall not run on unseen
        engine.stop(claim.name, timeout_seconds=1)
        raise
    return replace(
        known,
        state="ready",
        container_id=container.id,
        endpoint=container.served().endpoint,
        ready_seconds=time.monotonic() - started,
    )


def _remove_ended(engine: Engine, name: str) -> None:
    """Make room for a container where one of that name has ended by itself."""
    old = next((container for container in engine.containers() if container.name == name), None)
    if old is None:
        return
    if old.is_running:
        raise UsageError(
            f"{name!r} is already served at {old.served().endpoint}: stop it first (nbship stop {name}), "
            "or take another name"
        )
    engine.stop(name)


def _log_folder(claim: ServiceClaim, model: ServedModel) -> Path:
    logs = Path(model.log_folder or claim.home / "predictions" / claim.name).absolute()
    try:
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PackagingError(f"predictions cannot be logged to {logs}: {error}") from error
    return logs


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

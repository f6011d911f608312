"""Served models, containers and processes alike: start, list, stop.

Public: ``claim_service``, ``serve_process``, ``serve_container``, ``list_services``, ``find_service``, ``stop_service``,
``service_log``.
"""

from __future__ import annotations

import difflib
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from nbship.errors import EngineError, ServiceNotFoundError, UsageError
from nbship.packaging.engine import Engine
from nbship.packaging.ports import answers_ready
from nbship.packaging.process import STOP_SECONDS
from nbship.packaging.service_records import (
    ServiceClaim,
    ServiceRecord,
    claim_service,
    read_record,
    read_records,
)
from nbship.packaging.service_start import serve_container, serve_process

if TYPE_CHECKING:
    from pathlib import Path

    from nbship.model.image import ServedModel
    from nbship.packaging.container import Container

__all__ = [
    "claim_service",
    "find_service",
    "list_services",
    "serve_container",
    "serve_process",
    "service_log",
    "stop_service",
]

_PROBE_SECONDS = 0.5
_ENGINE_SECONDS = 3.0


def list_services(home: Path) -> tuple[ServedModel, ...]:
    """Return what is served: the processes of a project, and the containers of this machine where an engine answers.

    A server that has ended by itself is listed as ``failed``, until it is stopped or its name is served anew.
    """
    return _listed(home)[0]


def _listed(home: Path) -> tuple[tuple[ServedModel, ...], str]:
    """Return what is served, and why containers are not listed; empty when they are."""
    found = [_state_of_process(home, record) for record in read_records(home)]
    try:
        with closing(Engine.connect(_ENGINE_SECONDS)) as engine:
            found += [_state_of_container(container) for container in engine.containers()]
        note = ""
    except EngineError as error:
        note = str(error)
    return tuple(sorted(found, key=lambda model: model.name)), note


def find_service(home: Path, name: str) -> ServedModel:
    """Return what is served under a name.

    Raises
    ------
    ServiceNotFoundError
        When nothing is; the message names what is near.
    """
    served, note = _listed(home)
    found = next((model for model in served if model.name == name), None)
    if found is not None:
        return found
    names = [model.name for model in served]
    near = difflib.get_close_matches(name, names, n=3) or names
    advice = f"Did you mean {' or '.join(near)}?" if near else "Nothing is."
    unseen = f" Containers are not counted: {note}" if note else ""
    raise ServiceNotFoundError(f"nothing is served under the name {name!r}. {advice}{unseen}")


def stop_service(home: Path, name: str, timeout_seconds: float = STOP_SECONDS) -> ServedModel:
    """Ask a server to answer what it was asked already and end, and wait for it.

    Returns
    -------
    ServedModel
        In the state ``stopped``; `reason` tells when it had to be killed, or had ended before.

    Raises
    ------
    UsageError
        When nothing is served under the name, or it runs on another machine.
    """
    model = find_service(home, name)
    if model.kind == "container":
        return _stop_container(model, timeout_seconds)
    return _stop_process(home, model, timeout_seconds)


def service_log(home: Path, name: str, lines: int = 50) -> str:
    """Return the last lines that a server wrote to its outputs.

    Raises
    ------
    UsageError
        When nothing is served under the name.
    """
    model = find_service(home, name)
    if model.kind == "container":
        with closing(Engine.connect(_ENGINE_SECONDS)) as engine:
            return engine.logs(name, lines)
    record = read_record(home, name)
    text = ServiceClaim(home, name).process(record).stderr_tail(200 * lines) if record else ""
    return "\n".join(text.splitlines()[-lines:])


def _stop_container(model: ServedModel, timeout_seconds: float) -> ServedModel:
    with closing(Engine.connect(_ENGINE_SECONDS)) as engine:
        by_itself = engine.stop(model.name, timeout_seconds)
    if model.state == "failed":
        return replace(model, state="stopped")
    return _stopped(model, timeout_seconds, by_itself=by_itself)


def _stop_process(home: Path, model: ServedModel, timeout_seconds: float) -> ServedModel:
    claim, record = ServiceClaim(home, model.name), read_record(home, model.name)
    if record is None:  # somebody else was quicker
        return replace(model, state="stopped")
    if not record.is_here:
        raise UsageError(f"{model.name!r} runs on {record.host}: stop it there")
    process = claim.process(record)
    if not process.is_alive():
        claim.forget()
        return replace(model, state="stopped")
    by_itself = process.stop(timeout_seconds)
    claim.forget()
    return _stopped(model, timeout_seconds, by_itself=by_itself)


def _stopped(model: ServedModel, timeout_seconds: float, *, by_itself: bool) -> ServedModel:
    reason = "" if by_itself else f"it did not end within {timeout_seconds:g} s, and was killed"
    return replace(model, state="stopped", reason=reason)


def _state_of_process(home: Path, record: ServiceRecord) -> ServedModel:
    """Return the model with what its process is doing now."""
    model = record.model
    if not record.is_here:
        return replace(model, reason=f"it runs on {record.host}")
    process = ServiceClaim(home, model.name).process(record)
    if not process.is_alive():
        last = process.stderr_tail().rpartition("\n")[2]
        return replace(model, state="failed", reason=f"it ended by itself{f': {last}' if last else ''}")
    return replace(model, state=_state_of_server(record.port, was_ready=model.state == "ready"))


def _state_of_container(container: Container) -> ServedModel:
    model = container.served()
    if not container.is_running:
        return model
    # A label cannot be changed, so whether it was ready before is not known.
    return replace(model, state=_state_of_server(container.port, was_ready=False))


def _state_of_server(port: int, *, was_ready: bool) -> str:
    if answers_ready(port, _PROBE_SECONDS):
        return "ready"
    return "draining" if was_ready else "starting"

"""Containers of served models: what is asked of an engine, and what it says of one. Plain data; no engine needed.

Public: ``ContainerRequest``, ``Container``, ``SERVICE_LABEL``, ``SERVED_LABEL``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nbship.model.codec import decode
from nbship.model.image import ServedModel

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SERVED_LABEL", "SERVICE_LABEL", "Container", "ContainerRequest"]

SERVICE_LABEL = "dev.nbship.service"
"""Label with the name that ``nbship stop`` takes."""

SERVED_LABEL = "dev.nbship.served"
"""Label with the JSON of the `ServedModel`, as it was known at the start."""


@dataclass(frozen=True, slots=True)
class ContainerRequest:
    """A container to start.

    Attributes
    ----------
    name
        What ``nbship stop`` takes.
    image
        Reference or id of an image that the engine has.
    log_folder
        Folder of this machine for the prediction log; None keeps it inside.
    port
        Of this machine; None takes a free one.
    environment
        Variables ``NBSHIP_SERVE_…``.
    memory_bytes
        Most memory it may have; None for no bound.
    """

    name: str
    image: str
    log_folder: Path | None = None
    port: int | None = None
    environment: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """A container, as its engine described it a moment ago.

    Attributes
    ----------
    port
        Of this machine; 0 when it has none, as after its end.
    status
        The engine's word: ``created``, ``running``, ``exited`` …
    exit_code
        None while it runs.
    """

    name: str
    id: str
    image: str
    port: int
    status: str
    exit_code: int | None = None
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.exit_code is None and self.status == "running"

    def served(self) -> ServedModel:
        """Return the model that it serves; `state` is ``starting`` while it runs, as only the server knows better."""
        try:
            model = decode(ServedModel, json.loads(self.labels[SERVED_LABEL]))
        except (AttributeError, KeyError, TypeError, ValueError):
            # A label of another version, or put there by hand: it can still be listed and stopped.
            model = ServedModel(name=self.name, kind="container", endpoint="", state="", run_id="")
        ended = "stopped" if self.exit_code == 0 else "failed"
        state = "starting" if self.is_running or self.status == "created" else ended
        reason = f"it ended with exit code {self.exit_code}" if state == "failed" else model.reason
        return replace(
            model, state=state, reason=reason, container_id=self.id, endpoint=self._endpoint(model)
        )

    def _endpoint(self, model: ServedModel) -> str:
        return f"http://127.0.0.1:{self.port}" if self.port else model.endpoint

    @classmethod
    def from_engine(cls, described: dict[str, Any]) -> Container:
        """Build one from what ``GET /containers/ID/json`` answers."""
        state, config = described["State"], described["Config"]
        labels = dict(config.get("Labels") or {})
        running = bool(state.get("Running"))
        return cls(
            name=labels.get(SERVICE_LABEL, described["Name"].lstrip("/")),
            id=described["Id"],
            image=config.get("Image", ""),
            port=_port(described),
            status=state.get("Status", ""),
            exit_code=None if running or state.get("Status") == "created" else int(state.get("ExitCode", 0)),
            labels=labels,
        )


def _port(described: dict[str, Any]) -> int:
    """Return the port of this machine: published, or the server's own where it uses the network of the host."""
    published = described["HostConfig"].get("PortBindings") or {}
    for binding in (entry for entries in published.values() for entry in entries or ()):
        if str(binding.get("HostPort", "")).isdecimal():
            return int(binding["HostPort"])
    if described["HostConfig"].get("NetworkMode") == "host":
        for variable in reversed(described["Config"].get("Env") or ()):
            name, _, value = variable.partition("=")
            if name == "NBSHIP_SERVE_PORT" and value.isdecimal():
                return int(value)
    return 0

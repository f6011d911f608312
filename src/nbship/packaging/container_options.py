"""How a served model's container is confined, in the words of the Docker SDK; nothing of the SDK is needed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from nbship.packaging.container import SERVICE_LABEL, ContainerRequest
from nbship.packaging.ports import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["container_name", "container_options", "log_options"]

_LOG_PLACE = "/var/lib/nbship/predictions"
"""Where the server in an image writes its prediction log."""

_SERVER_PORT = 8080
_SERVER_USER = 65532


def container_name(name: str) -> str:
    """Return the engine's name for the container of a service."""
    return f"nbship-{name}"


def container_options(request: ContainerRequest, port: int, *, bridged: bool) -> dict[str, Any]:
    """Return the options for a container that can neither write its files nor gain rights, reached from this machine only.

    Without a bridge, as in an engine that was started with ``--bridge=none``, the server listens on this machine itself.
    """
    options: dict[str, Any] = {
        "name": container_name(request.name),
        "labels": {**request.labels, SERVICE_LABEL: request.name},
        "environment": dict(request.environment),
        "read_only": True,
        "tmpfs": {"/tmp": "size=64m,mode=1777"},  # noqa: S108 - of the container
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "mem_limit": request.memory_bytes,
    }
    if bridged:
        return options | {"ports": {f"{_SERVER_PORT}/tcp": (LOOPBACK, port)}}
    address = {"NBSHIP_SERVE_HOST": LOOPBACK, "NBSHIP_SERVE_PORT": str(port)}
    return options | {"network_mode": "host", "environment": options["environment"] | address}


def log_options(folder: Path, *, rootless: bool) -> dict[str, Any]:
    """Mount a folder so that the container can write it, and this user can read what it wrote."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    options: dict[str, Any] = {"volumes": {str(folder.resolve()): {"bind": _LOG_PLACE, "mode": "rw"}}}
    if os.getuid() == 0:
        os.chown(folder, _SERVER_USER, _SERVER_USER)
    elif rootless:
        folder.chmod(0o777)  # its users are none of this machine's; the folder above keeps strangers out
    else:
        options["user"] = f"{os.getuid()}:{os.getgid()}"
    return options

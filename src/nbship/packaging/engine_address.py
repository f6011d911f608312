"""Where the container engine of this machine is.

Public: ``engine_address() -> str``, ``probe(address, timeout_seconds)``.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from nbship.packaging.ports import is_loopback

__all__ = ["engine_address", "is_local", "probe"]

_USUAL = Path("/var/run/docker.sock")


def engine_address() -> str:
    """Return ``DOCKER_HOST``, what ``docker context use`` chose, or the usual socket, that of a rootless engine too."""
    told = os.environ.get("DOCKER_HOST") or _context_host()
    if told:
        return told
    rootless = Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere")) / "docker.sock"
    return f"unix://{rootless if rootless.exists() and not _USUAL.exists() else _USUAL}"


def is_local(address: str) -> bool:
    """Say whether an address is of this machine."""
    parts = urlsplit(address)
    return parts.scheme in ("unix", "http+unix", "npipe") or is_loopback(parts.hostname)


def probe(address: str, timeout_seconds: float) -> None:
    """Connect to a socket of this machine once; addresses of the network are left to whoever uses them.

    The SDK leaves a socket open where this fails.

    Raises
    ------
    OSError
        When nobody listens.
    """
    scheme, _, path = address.partition("://")
    if scheme in ("unix", "http+unix"):
        with closing(socket.socket(socket.AF_UNIX)) as connection:
            connection.settimeout(timeout_seconds)
            connection.connect(path)


def _context_host() -> str:
    """Return the address of the chosen context; empty for the default one, or where its files cannot be read.

    They are described at https://docs.docker.com/engine/manage-resources/contexts/.
    """
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        name = (
            os.environ.get("DOCKER_CONTEXT")
            or json.loads((folder / "config.json").read_text("utf-8"))["currentContext"]
        )
        place = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json"
        return str(json.loads(place.read_text("utf-8"))["Endpoints"]["docker"]["Host"])
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        return ""

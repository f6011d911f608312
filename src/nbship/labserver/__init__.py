"""The server extension of Jupyter: the use cases of nbship as REST, for the panel in JupyterLab.

A request is answered by one plain function, declared in `nbship.labserver.routes` with its path and the shapes of what
comes in and goes out (`nbship.labserver.wire`). `nbship.labserver.handler` does for all of them what has to do with
HTTP: who asks, whether they may, reading, threads and errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__: list[str] = []


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Add the routes to a server: what Jupyter calls when it starts."""
    from nbship.labserver.extension import load  # noqa: PLC0415 - only a Jupyter server has what this imports

    load(server)

"""Adding the routes to a Jupyter server."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.utils import url_path_join

from nbship.labserver.handler import AnswerHandler
from nbship.labserver.place import Workbench
from nbship.labserver.routes import endpoints

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from nbship.labserver.endpoint import Endpoint

__all__ = ["load"]


def load(server: ServerApp) -> None:
    """Add the routes below ``<base_url>/nbship``."""
    bench = Workbench(Path(server.root_dir))
    server.web_app.settings["nbship"] = bench
    server.web_app.add_handlers(".*$", _handlers(server.base_url, bench))  # type: ignore[no-untyped-call]


def _handlers(base_url: str, bench: Workbench) -> list[tuple[str, type[AnswerHandler], dict[str, Any]]]:
    by_path: defaultdict[str, dict[str, Endpoint]] = defaultdict(dict)
    for endpoint in endpoints():
        by_path[endpoint.path][endpoint.method] = endpoint
    return [
        (_pattern(base_url, path), AnswerHandler, {"endpoints": verbs, "bench": bench})
        for path, verbs in sorted(by_path.items(), key=_fixed_first)
    ]


def _fixed_first(item: tuple[str, Any]) -> tuple[bool, str]:
    """Let ``/runs/metrics`` come before ``/runs/{run}``."""
    return "{" in item[0], item[0]


def _pattern(base_url: str, path: str) -> str:
    named = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
    return re.escape(url_path_join(base_url, "nbship")) + named + "$"

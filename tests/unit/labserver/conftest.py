"""A real Jupyter server with the extension, on a project folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_core import *  # noqa: F403 - its fixtures, for the tests of this folder only
from pytest_jupyter.jupyter_server import *  # noqa: F403
from tornado.httpclient import HTTPClientError


@pytest.fixture
def jp_server_config():
    return {
        "ServerApp": {
            "jpserver_extensions": {"nbship": True},
            "allow_unauthenticated_access": False,
        }
    }


@pytest.fixture
def project(jp_root_dir: Path) -> Path:
    """Return the folder of the server, which is a project."""
    (jp_root_dir / ".nbship").mkdir()
    return jp_root_dir


@pytest.fixture(autouse=True)
def _closed_journals(jp_serverapp):
    """Close what the server follows; a real one keeps it for its life."""
    yield
    jp_serverapp.web_app.settings["nbship"].close()


@pytest.fixture
def ask(jp_fetch, project):
    """Return ``await ask("GET", "runs", query=None, body=None) -> (status, JSON)``.

    Every answer is held against the shape that its endpoint declares.
    """

    async def asked(method: str, path: str, query: dict[str, str] | None = None, body: Any = None):
        sent = None if method in ("GET", "DELETE") else json.dumps(body if body is not None else {})
        try:
            answer = await jp_fetch(
                "nbship", *path.strip("/").split("/"), method=method, params=query or {}, body=sent
            )
        except HTTPClientError as error:
            return error.code, json.loads(error.response.body)
        data = json.loads(answer.body)
        _check_shape(method, path, data)
        return answer.code, data

    return asked


def _check_shape(method: str, path: str, data: Any) -> None:
    endpoint = endpoint_of(method, path)
    known = endpoint.result.dump_python(endpoint.result.validate_python(data), mode="json")
    assert known == data, "the answer has keys that its shape does not declare"


def endpoint_of(method: str, path: str):
    """Return the endpoint that answers to a path."""
    from nbship.labserver.routes import endpoints

    parts = path.strip("/").split("/")
    fits = [
        endpoint
        for endpoint in endpoints()
        if endpoint.method == method and _fits(endpoint.path.strip("/").split("/"), parts)
    ]
    return min(fits, key=lambda endpoint: endpoint.path.count("{"))


def _fits(pattern: list[str], parts: list[str]) -> bool:
    return len(pattern) == len(parts) and all(
        wanted.startswith("{") or wanted == given for wanted, given in zip(pattern, parts, strict=True)
    )

"""The OpenAPI document of the routes; ``python -m nbship.labserver.openapi`` prints it.

The types of the panel are generated from it: see CONTRIBUTING.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from nbship import __version__
from nbship.labserver.faults import FaultJson
from nbship.labserver.routes import endpoints

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from nbship.labserver.endpoint import Endpoint

    _Schemas = dict[tuple[str, str], dict[str, Any]]

__all__ = ["document"]

_FAULT = "fault"
_PLACE = {
    "name": "path",
    "in": "query",
    "schema": {"type": "string"},
    "description": "A notebook or folder, relative to the server's folder: the project is the one around it.",
}


def document() -> dict[str, Any]:
    """Return the document, the same for the same version."""
    found = endpoints()
    schemas, defined = TypeAdapter.json_schemas(
        list(_shapes(found)), ref_template="#/components/schemas/{model}"
    )
    by_key: _Schemas = {(str(key), mode): schema for (key, mode), schema in schemas.items()}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in found:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, by_key)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "nbship",
            "version": __version__,
            "description": "What the panel in JupyterLab asks.",
        },
        "paths": paths,
        "components": {"schemas": defined.get("$defs", {})},
    }


def _shapes(found: tuple[Endpoint, ...]) -> Iterator[tuple[str, Literal["validation", "serialization"], Any]]:
    yield _FAULT, "serialization", TypeAdapter(FaultJson)
    for endpoint in found:
        yield f"{endpoint.name} result", "serialization", endpoint.result
        if endpoint.body is not None:
            yield f"{endpoint.name} body", "validation", endpoint.body


def _operation(endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": [*_in_path(endpoint), *_in_query(endpoint), _PLACE],
        "responses": {
            "200": _json("What was asked for.", schemas[f"{endpoint.name} result", "serialization"]),
            "default": _json("What went wrong.", schemas[_FAULT, "serialization"]),
        },
    }
    if endpoint.body is not None:
        content = {"application/json": {"schema": schemas[f"{endpoint.name} body", "validation"]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _in_path(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in endpoint.in_path
    ]


def _in_query(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    schema = endpoint.query.json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": shape}
        for name, shape in schema["properties"].items()
    ]


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")

"""The bodies of answers that no signature decides, as JSON Schemas, and the failures that OpenAPI tells of."""

from __future__ import annotations

from typing import Any

from nbship.serving.problems import SHOWN_PROBLEMS, Reason

__all__ = ["ANSWER_SCHEMAS", "JSON", "TEXT", "failure", "reference"]

JSON = "application/json"
TEXT = {"type": "string"}

_FAILURES = {
    400: "The request is not what the model takes; every problem is listed.",
    401: "The bearer token is missing or wrong.",
    408: "The request did not arrive in time.",
    409: "The server does not log predictions, so feedback has no place.",
    413: "The request has too many bytes or rows.",
    415: "The body is neither JSON nor CSV, not UTF-8, or compressed.",
    500: "The server failed; its log says more under the request id.",
    503: "The server is starting, stopping, or has too many requests.",
    504: "The model did not answer in time.",
}
_LISTED = frozenset({400, 413, 415})
"""Statuses whose answers list problems."""


def failure(status: int) -> dict[str, Any]:
    """Return the description of an answer of `status`."""
    name = "BadRequest" if status in _LISTED else "Failure"
    return {"description": _FAILURES[status], "content": {JSON: {"schema": reference(name)}}}


def reference(name: str) -> dict[str, Any]:
    """Return the reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


_SCALAR = ["number", "string", "boolean", "null"]
_TARGET = {"type": [*_SCALAR, "array"], "items": {"type": _SCALAR}}

ANSWER_SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "required": ["reason", "message"],
        "properties": {
            "reason": {"enum": [str(reason) for reason in Reason]},
            "message": TEXT,
            "row": {"type": "integer", "minimum": 0},
            "column": TEXT,
        },
    },
    "BadRequest": {
        "type": "object",
        "required": ["error_code", "message", "problems", "problem_count", "request_id"],
        "properties": {
            "error_code": {"const": "BAD_REQUEST"},
            "message": TEXT,
            "problems": {
                "type": "array",
                "items": reference("Problem"),
                "maxItems": SHOWN_PROBLEMS,
            },
            "problem_count": {"type": "integer", "minimum": 1},
            "request_id": TEXT,
        },
    },
    "Failure": {
        "type": "object",
        "required": ["error_code", "message", "request_id"],
        "properties": {"error_code": TEXT, "message": TEXT, "request_id": TEXT},
    },
    "Feedback": {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "minLength": 1, "maxLength": 128},
            "row": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
            "target": _TARGET,
            "targets": {"type": "array", "items": _TARGET, "minItems": 1},
        },
        "oneOf": [
            {"required": ["target"], "properties": {"targets": False}},
            {"required": ["targets"], "properties": {"target": False, "row": False}},
        ],
    },
    "ModelMetadata": {
        "type": "object",
        "required": ["name", "platform", "inputs", "outputs"],
        "properties": {
            "name": TEXT,
            "versions": {"type": "array", "items": TEXT},
            "platform": TEXT,
            "inputs": {"type": "array", "items": {"type": "object"}},
            "outputs": {"type": "array", "items": {"type": "object"}},
        },
    },
}

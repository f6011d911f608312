"""The description of the server: OpenAPI 3.1, with the schemas and examples of one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.serving.answer_schemas import ANSWER_SCHEMAS, JSON, TEXT, failure, reference
from nbship.serving.schemas import example_row, infer_inputs, request_schemas, row_count_of

if TYPE_CHECKING:
    from nbship.model.bundle import Bundle

__all__ = ["openapi"]


def openapi(bundle: Bundle, *, token: bool = False) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the server of a bundle.

    Parameters
    ----------
    bundle
        Its signature gives schemas and examples.
    token
        Whether the server wants a bearer token.
    """
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": _info(bundle),
        "paths": {**_prediction_paths(bundle), **_model_paths(bundle), **_server_paths()},
        "components": {
            "schemas": {**request_schemas(bundle), **ANSWER_SCHEMAS},
            "parameters": {"RequestId": _REQUEST_ID},
        },
    }
    if token:
        _secure(document)
    return document


def _info(bundle: Bundle) -> dict[str, Any]:
    facts = [f"{bundle.model_class or 'A model'}, answered by `{bundle.method}`, of run {bundle.run_id}."]
    if bundle.model_version:
        facts.append(f"Version {bundle.model_version} of {bundle.name}.")
    return {
        "title": bundle.name,
        "version": bundle.model_version or bundle.run_id[:8] or "0",
        "description": " ".join([*facts, f"SHA-256 of the model: {bundle.model_digest}."]),
    }


def _secure(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    for path, item in document["paths"].items():
        if path in _OPEN_PATHS:
            continue
        for operation in item.values():
            operation["security"] = [{"bearer": []}]
            operation["responses"]["401"] = failure(401)


_OPEN_PATHS = frozenset(
    {"/health", "/health/live", "/health/ready", "/ping", "/v2/health/live", "/v2/health/ready"}
)
"""What answers without the token: an engine and an orchestrator have none."""


def _prediction_paths(bundle: Bundle) -> dict[str, Any]:
    paths: dict[str, Any] = {
        "/invocations": {"post": _invocations(bundle)},
        "/feedback": {"post": _feedback()},
    }
    for place, root in enumerate(_model_roots(bundle)):
        paths[f"{root}/infer"] = {"post": _infer(bundle, "infer" if place == 0 else "inferVersion")}
    return paths


def _model_roots(bundle: Bundle) -> list[str]:
    root = f"/v2/models/{bundle.name}"
    return [root, f"{root}/versions/{bundle.model_version}"] if bundle.model_version else [root]


def _invocations(bundle: Bundle) -> dict[str, Any]:
    content: dict[str, Any] = {
        JSON: {"schema": reference("Invocations"), "examples": _invocation_examples(bundle)}
    }
    if bundle.tensor is None and any(column.name for column in bundle.inputs):
        content["text/csv"] = {"schema": {"type": "string"}, "example": _csv_example(bundle)}
    return _operation(
        "invocations",
        "Predict, in the layouts of MLflow",
        _answer("One prediction a row.", reference("Predictions")),
        body=content,
        failures=_WORK_FAILURES,
    )


_WORK_FAILURES = (400, 408, 413, 415, 500, 503, 504)


def _invocation_examples(bundle: Bundle) -> dict[str, Any]:
    rows = [example_row(bundle)] * row_count_of(bundle)
    if bundle.tensor is not None:
        return {"inputs": {"value": {"inputs": rows}}, "instances": {"value": {"instances": rows}}}
    names = [column.name for column in bundle.inputs]
    if not any(names):
        return {"instances": {"value": {"instances": rows}}}
    record = dict(zip(names, rows[0], strict=True))
    return {
        "dataframe_split": {"value": {"dataframe_split": {"columns": names, "data": rows}}},
        "dataframe_records": {"value": {"dataframe_records": [record]}},
        "instances": {"value": {"instances": [record]}},
        "inputs": {"value": {"inputs": {name: [value] for name, value in record.items()}}},
    }


def _csv_example(bundle: Bundle) -> str:
    cells = ["" if value is None else str(value) for value in example_row(bundle)]
    lines = [[column.name for column in bundle.inputs], cells]
    return "".join(",".join(_quoted(cell) for cell in line) + "\n" for line in lines)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set('",\r\n') else cell


def _infer(bundle: Bundle, operation_id: str) -> dict[str, Any]:
    example = {"id": "42", "inputs": infer_inputs(bundle)}
    return _operation(
        operation_id,
        "Predict, by the Open Inference Protocol",
        _answer("One tensor an output.", reference("InferResponse")),
        body={JSON: {"schema": reference("InferRequest"), "example": example}},
        failures=_WORK_FAILURES,
    )


def _feedback() -> dict[str, Any]:
    item = reference("Feedback")
    examples = {
        "one": {"value": {"id": "42", "target": 1}},
        "rows": {"value": {"id": "42", "targets": [1, 0]}},
    }
    schema = {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}
    return _operation(
        "feedback",
        "Report what was true, by request id",
        _answer("It was noted.", {"type": "object"}),
        body={JSON: {"schema": schema, "examples": examples}},
        failures=(400, 408, 409, 413, 415, 500, 503),
    )


def _model_paths(bundle: Bundle) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for place, root in enumerate(_model_roots(bundle)):
        suffix = "" if place == 0 else "Version"
        paths[root] = {
            "get": _reading(f"model{suffix}", "What the model takes and answers", reference("ModelMetadata"))
        }
        paths[f"{root}/ready"] = {"get": _probe(f"modelReady{suffix}", "Whether the model answers")}
    return paths


def _server_paths() -> dict[str, Any]:
    probes = {
        "/ping": "ping",
        "/health": "health",
        "/health/ready": "ready",
        "/v2/health/ready": "serverReady",
    }
    lives = {"/health/live": "live", "/v2/health/live": "serverLive"}
    anything = {"type": "object"}
    return {
        **{path: {"get": _probe(name, "Whether requests are answered")} for path, name in probes.items()},
        **{path: {"get": _reading(name, "Whether the process lives", {})} for path, name in lives.items()},
        "/v2": {"get": _reading("server", "Name and version of the server", anything)},
        "/version": {"get": _reading("version", "Versions of server and model", {})},
        "/lineage": {"get": _reading("lineage", "Where the model comes from", anything)},
        "/openapi.json": {"get": _reading("openapi", "This document", anything)},
        "/metrics": {"get": _metrics()},
    }


def _metrics() -> dict[str, Any]:
    text = {"200": {"description": "Prometheus' text format.", "content": {"text/plain": {"schema": TEXT}}}}
    return _operation("metrics", "Counters, latencies and drift", text, failures=())


def _probe(operation_id: str, summary: str) -> dict[str, Any]:
    return _operation(operation_id, summary, _answer("It is so.", {}), failures=(503,))


def _reading(operation_id: str, summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    return _operation(operation_id, summary, _answer("The answer.", schema), failures=(503,))


def _operation(
    operation_id: str,
    summary: str,
    answers: dict[str, Any],
    *,
    body: dict[str, Any] | None = None,
    failures: tuple[int, ...],
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": operation_id,
        "summary": summary,
        "parameters": [{"$ref": "#/components/parameters/RequestId"}],
        "responses": {**answers, **{str(status): failure(status) for status in failures}},
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    headers = {"X-Request-Id": {"schema": TEXT, "description": "The id of the request."}}
    return {"200": {"description": description, "headers": headers, "content": {JSON: {"schema": schema}}}}


_REQUEST_ID = {
    "name": "X-Request-Id",
    "in": "header",
    "description": "Returned with the answer and logged; one is made where it is missing or of odd characters.",
    "schema": {"type": "string", "maxLength": 128},
}

"""How to ask a served model, from its signature and its example.

Public: ``make_snippets(bundle, endpoint, example) -> Snippets``, ``body_snippets(endpoint, body) -> Snippets``.
"""

from __future__ import annotations

import json
import pprint
import shlex
from typing import TYPE_CHECKING, Any

from nbship.model.image import Snippets

if TYPE_CHECKING:
    from nbship.model.bundle import Bundle, InputColumn, InputTensor

__all__ = ["body_snippets", "make_snippets"]

_PLACEHOLDERS: dict[str, Any] = {
    "boolean": True,
    "integer": 1,
    "long": 1,
    "float": 1.0,
    "double": 1.0,
    "datetime": "2026-01-31T12:00:00",
    "binary": "",
    "string": "text",
}
_WIDTH = 100
_LONGEST_BODY = 4_000
"""Characters; a longer one, such as an image, is left to the reader."""

_PYTHON = """\
import json
import urllib.request

body = {body}
request = urllib.request.Request(
    "{url}",
    data=json.dumps(body).encode(),
    headers={{"Content-Type": "application/json"}},
)
with urllib.request.urlopen(request) as answer:
    print(json.load(answer)["predictions"])
"""


def make_snippets(bundle: Bundle, endpoint: str, example: Any = None) -> Snippets:
    """Return commands that ask for the prediction of one row.

    Parameters
    ----------
    bundle
        The description of what is served.
    endpoint
        E.g. ``http://127.0.0.1:8080``.
    example
        The recorded input; its first row is asked for. Without it, values that the signature takes.
    """
    return body_snippets(endpoint, _body(bundle, example if isinstance(example, dict) else {}))


def body_snippets(endpoint: str, body: dict[str, Any]) -> Snippets:
    """Return commands that send a request to ``/invocations``."""
    url = f"{endpoint.rstrip('/')}/invocations"
    text = json.dumps(body, ensure_ascii=False)
    if len(text) > _LONGEST_BODY:
        return _from_file(url)
    header = shlex.quote("Content-Type: application/json")
    curl = f"curl -s {shlex.quote(url)} -H {header} -d {shlex.quote(text)}"
    shown = pprint.pformat(body, width=_WIDTH, compact=True, sort_dicts=False)
    return Snippets(curl, _PYTHON.format(body=shown, url=url))


def _from_file(url: str) -> Snippets:
    header = shlex.quote("Content-Type: application/json")
    curl = f"curl -s {shlex.quote(url)} -H {header} -d @request.json"
    return Snippets(curl, _PYTHON.format(body='json.load(open("request.json"))', url=url))


def _body(bundle: Bundle, example: dict[str, Any]) -> dict[str, Any]:
    if bundle.tensor is not None:
        recorded = example.get("inputs")
        return {
            "inputs": recorded[:1] if isinstance(recorded, list) and recorded else [_zeros(bundle.tensor)]
        }
    row = _recorded_row(bundle, example) or [_value(column) for column in bundle.inputs]
    return {"dataframe_split": {"columns": [column.name for column in bundle.inputs], "data": [row]}}


def _recorded_row(bundle: Bundle, example: dict[str, Any]) -> list[Any]:
    """Return the first row with a value in every column, in the order of the signature; empty without one."""
    columns = [str(name) for name in example.get("columns", ())]
    if not {column.name for column in bundle.inputs} <= set(columns):
        return []
    places = [columns.index(column.name) for column in bundle.inputs]
    rows = ([row[place] for place in places] for row in example["data"])
    return next((row for row in rows if None not in row), [])


def _value(column: InputColumn) -> Any:
    return _PLACEHOLDERS.get(column.type) if column.example is None else column.example


def _zeros(tensor: InputTensor) -> Any:
    value: Any = "text" if tensor.dtype == "str" else 0
    for size in reversed(tensor.shape[1:]):
        value = [value] * max(size, 1)
    return value

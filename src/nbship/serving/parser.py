"""Requests to rows: everything that a signature decides is decided once, when the parser is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.serving.csv_rows import read_csv
from nbship.serving.decoding import decode_json
from nbship.serving.problems import BadRequestError, Problems, Reason
from nbship.serving.request import LAYOUTS, Request
from nbship.serving.table import Table
from nbship.serving.table_layouts import TableLayouts
from nbship.serving.tensor import Tensor
from nbship.serving.v2_request import V2Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.bundle import Bundle

__all__ = ["LAYOUTS", "MAX_ROWS", "Parser", "Request"]

MAX_ROWS = 100_000
"""Rows of one request, where the server sets no other limit."""

_UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii"})


class Parser:
    """Reads requests for the model of a bundle.

    Parameters
    ----------
    bundle
        Its signature says what a row is.
    max_rows
        A request with more rows is refused with status 413.

    Raises
    ------
    ValueError
        When the bundle has no signature, or one of a type that cannot be served.
    """

    def __init__(self, bundle: Bundle, max_rows: int = MAX_ROWS) -> None:
        reader = _reader(bundle, max_rows)
        self._max_rows = max_rows
        self._csv = reader.csv
        self._v2 = V2Reader(bundle, reader)
        self._layouts: dict[str, Callable[[Any, Problems], list[Any]]] = {
            "dataframe_split": reader.split,
            "dataframe_records": reader.records,
            "instances": reader.instances,
            "inputs": reader.inputs,
        }

    def read(self, body: bytes, content_type: str | None = None) -> Request:
        """Return the rows of a request to ``/invocations``.

        Parameters
        ----------
        body
            JSON in one of MLflow's layouts, or CSV with a header.
        content_type
            The header of that name; JSON is assumed without one.

        Raises
        ------
        BadRequestError
            With every problem of the request.
        """
        if content_type is None or content_type == "application/json":
            return self._read_json(body)
        if _is_csv(content_type):
            header, rows = read_csv(body, self._max_rows)
            return Request(self._csv(header, rows, Problems()))
        return self._read_json(body)

    def read_v2(self, body: bytes) -> Request:
        """Return the rows of a request of the Open Inference Protocol.

        Raises
        ------
        BadRequestError
            With every problem of the request.
        """
        return self._v2.read(decode_json(body))

    def _read_json(self, body: bytes) -> Request:
        document = decode_json(body)
        if type(document) is dict:
            keys = [key for key in LAYOUTS if key in document]
            if len(keys) == 1:
                return Request(self._layouts[keys[0]](document[keys[0]], Problems()))
        message = f"a JSON object with exactly one of {', '.join(LAYOUTS)} is expected"
        raise BadRequestError.of(Reason.LAYOUT, message)


def _reader(bundle: Bundle, max_rows: int) -> TableLayouts | Tensor:
    if bundle.tensor is not None:
        return Tensor(bundle.tensor, max_rows)
    if bundle.inputs:
        return TableLayouts(Table(bundle.inputs, max_rows))
    raise ValueError("the bundle has no signature: neither columns nor a tensor")


def _is_csv(content_type: str) -> bool:
    """Return whether a body is CSV; raise unless it is CSV or JSON, in UTF-8."""
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    if _charset(parameters) not in _UTF8:
        raise BadRequestError.of(Reason.MEDIA_TYPE, "the charset must be UTF-8", status=415)
    if media_type == "text/csv":
        return True
    if media_type in {"", "application/json"} or media_type.endswith("+json"):
        return False
    message = "the Content-Type must be application/json or text/csv"
    raise BadRequestError.of(Reason.MEDIA_TYPE, message, status=415)


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""

"""A request that was read and found valid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["LAYOUTS", "Request"]

LAYOUTS = ("dataframe_split", "dataframe_records", "instances", "inputs")
"""The keys of a JSON request, of which it has exactly one; as in MLflow 2 and later."""


@dataclass(slots=True)
class Request:
    """Rows for the model.

    Attributes
    ----------
    rows
        Row-major. With columns: values in the order of the signature, each a ``float``, ``int``, ``bool``,
        ``str``, ``datetime.datetime`` (naive, UTC where the request named an offset), ``bytes`` or, where
        the column is nullable, ``None``. With a tensor: one example a row, numbers in nested lists.
    v2
        Whether it came by the Open Inference Protocol and is answered so.
    id
        The request's own id of that protocol.
    outputs
        The outputs that the request names, in order; empty for all.
    """

    rows: list[Any]
    v2: bool = False
    id: str | None = None
    outputs: tuple[str, ...] = ()

"""A route of the panel: its path, and the function that answers with what it takes and returns.

.. code-block:: python

    @get("/runs/{run}")
    def show_run(place: Place, run: str) -> RunDetailJson:
        \"\"\"Return one run.\"\"\"

A parameter that the path names in braces comes from there, `query` from behind the question mark, `body` is the JSON
that was sent. `place` says where the question is asked from.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from nbship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbship.labserver.place import Place

__all__ = ["EXECUTE", "READ", "WRITE", "Endpoint", "delete", "get", "post"]

READ, WRITE, EXECUTE = "read", "write", "execute"
"""What an endpoint does, in the words of Jupyter's authorisation; `EXECUTE` is whatever runs code or containers."""

_IN_PATH = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Endpoint:
    """One verb of one path.

    Attributes
    ----------
    path
        Below ``<base_url>/nbship``, e.g. ``/runs/{run}``.
    action
        `READ`, `WRITE` or `EXECUTE`.
    answer
        The function; it runs in a thread of its own.
    """

    method: str
    path: str
    action: str
    answer: Callable[..., Any]
    hints: dict[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The name of the function, which is that of the operation."""
        return self.answer.__name__

    @property
    def summary(self) -> str:
        """What it does, in a line."""
        return (inspect.getdoc(self.answer) or "").partition("\n")[0]

    @property
    def in_path(self) -> tuple[str, ...]:
        """Names of the parameters in the path."""
        return tuple(_IN_PATH.findall(self.path))

    @cached_property
    def query(self) -> TypeAdapter[Any] | None:
        """What may stand behind the question mark, besides the ``path`` of the place."""
        return TypeAdapter(self.hints["query"]) if "query" in self.hints else None

    @cached_property
    def body(self) -> TypeAdapter[Any] | None:
        """What has to be sent."""
        return TypeAdapter(self.hints["body"]) if "body" in self.hints else None

    @cached_property
    def result(self) -> TypeAdapter[Any]:
        """What is answered."""
        return TypeAdapter(self.hints["return"])

    def ask(self, place: Place, in_path: Mapping[str, str], query: Mapping[str, Any], body: Any) -> Any:
        """Return the answer, as JSON types.

        Raises
        ------
        UsageError
            When what was sent does not have the declared shape.
        """
        given: dict[str, Any] = dict(in_path)
        if self.query is not None:
            given["query"] = _checked(self.query, query, "the query")
        if self.body is not None:
            given["body"] = _checked(self.body, body, "the request")
        return self.answer(place, **given)


def get(path: str) -> Callable[[Callable[..., Any]], Endpoint]:
    """Declare what answers a question."""
    return _declare("GET", path, READ)


def post(path: str, action: str = WRITE) -> Callable[[Callable[..., Any]], Endpoint]:
    """Declare what does something."""
    return _declare("POST", path, action)


def delete(path: str, action: str = WRITE) -> Callable[[Callable[..., Any]], Endpoint]:
    """Declare what takes something away."""
    return _declare("DELETE", path, action)


def _declare(method: str, path: str, action: str) -> Callable[[Callable[..., Any]], Endpoint]:
    def declared(answer: Callable[..., Any]) -> Endpoint:
        return Endpoint(method, path, action, answer, get_type_hints(answer, include_extras=True))

    return declared


def _checked(shape: TypeAdapter[Any], value: Any, what: str) -> Any:
    try:
        return shape.validate_python(value)
    except ValidationError as error:
        faults = "; ".join(_fault(found) for found in error.errors(include_url=False))
        raise UsageError(f"{what} does not fit: {faults}") from error


def _fault(found: Any) -> str:
    where = ".".join(str(part) for part in found["loc"]) or "the whole"
    given = f", given {found['input']!r:.80}" if found["type"] != "missing" else ""
    return f"{where}: {found['msg'].lower()}{given}"

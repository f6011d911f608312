"""Results that show themselves: the layer above tells how, since data does not know its looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

__all__ = ["Look", "Shown", "shown_with"]


@dataclass(frozen=True, slots=True)
class Look:
    """How results of one type are shown.

    Attributes
    ----------
    text
        For a terminal; takes its `width` in columns.
    page
        A whole HTML document that needs nothing else.
    bundle
        The mimebundle for a notebook.
    """

    text: Callable[..., str]
    page: Callable[[Any], str]
    bundle: Callable[[Any], dict[str, Any]]


_LOOKS: dict[type, Look] = {}
_TOLD_BY = "nbship.display.looks"
"""Who tells: named only, and loaded for a result that no use case has made, such as one that was pickled."""


def shown_with(kind: type, look: Look) -> None:
    """Show results of `kind` with `look` from now on."""
    _LOOKS[kind] = look


class Shown:
    """A result with text, HTML and notebook forms."""

    __slots__ = ()

    def to_text(self, width: int = 100) -> str:
        """Return the result as plain text, in lines of at most `width` columns."""
        return _look(self).text(self, width=width)

    def to_html(self) -> str:
        """Return the result as an HTML document that needs no network and no kernel."""
        return _look(self).page(self)

    def __str__(self) -> str:
        look = _found(type(self))
        return repr(self) if look is None else look.text(self, width=100)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        look = _found(type(self))
        return {"text/plain": repr(self)} if look is None else look.bundle(self)


def _look(result: Shown) -> Look:
    look = _found(type(result))
    if look is None:
        raise LookupError(f"nothing shows a {type(result).__name__}")
    return look


def _found(kind: type) -> Look | None:
    if kind not in _LOOKS:
        import_module(_TOLD_BY)
    return _LOOKS.get(kind)

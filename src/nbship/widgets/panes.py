"""What live views have in common: a still for readers without a kernel, and a list that is searched."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets

from nbship.display.page import styled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LiveView", "SearchList", "pane", "said"]

_MOST_ITEMS = 100
_ROWS = 14


class LiveView(ipywidgets.VBox):
    """A view with controls that also reads as a still: its mimebundle holds text and HTML of the result.

    Parameters
    ----------
    children
        Widgets, from top to bottom.
    still
        Returns ``text/plain`` and ``text/html`` of what the view shows, small enough for a saved notebook.
    """

    def __init__(self, children: Sequence[ipywidgets.Widget], still: Callable[[], dict[str, str]]) -> None:
        super().__init__(children=tuple(children))
        self._still = still

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, Any]:
        # Where a front end knows widgets it takes the view; all others, and pages made later, take the still.
        return {**super()._repr_mimebundle_(**kwargs), **self._still()}


class SearchList(ipywidgets.VBox):
    """A list of which one item is chosen, below a field that narrows it to the items that contain a text.

    Parameters
    ----------
    choose
        Called with the value of an item when it is chosen.
    label
        What is listed, for the field's placeholder.
    """

    def __init__(self, choose: Callable[[int], None], label: str) -> None:
        self._items: list[tuple[str, int]] = []
        self._choose = choose
        self.search = ipywidgets.Text(placeholder=f"search {label}", continuous_update=True)
        self.picker = ipywidgets.Select(options=(), rows=_ROWS)
        self.more = ipywidgets.HTML()
        for widget in (self.search, self.picker):
            widget.layout.width = "auto"
        super().__init__(children=(self.search, self.picker, self.more))
        self.layout.width = "260px"
        self.search.observe(lambda _: self._narrow(), names="value")
        self.picker.observe(self._chosen, names="value")

    def show(self, items: Sequence[tuple[str, int]]) -> None:
        """List these items, texts with their values, and choose: what was chosen, or the first where it is gone."""
        self._items = list(items)
        self._narrow()

    def _narrow(self) -> None:
        wanted = self.search.value.casefold().strip()
        found = [item for item in self._items if wanted in item[0].casefold()]
        before, shown = self.picker.value, found[:_MOST_ITEMS]
        values = {value for _, value in shown}
        # New options choose the first of them for a moment, which nobody asked for.
        self.picker.unobserve(self._chosen, names="value")
        self.picker.options = shown
        self.picker.value = before if before in values else shown[0][1] if shown else None
        self.picker.observe(self._chosen, names="value")
        if self.picker.value is not None:
            self._choose(self.picker.value)
        left = len(found) - len(shown)
        self.more.value = said(f"{left:,} more: type to find them" if left else "" if found else "none")

    def _chosen(self, change: dict[str, Any]) -> None:
        if change["new"] is not None:
            self._choose(change["new"])


def pane(html: str, style: str = "") -> str:
    """Return HTML that is escaped already in the look of the house, for a widget of its own."""
    return styled(f"<style>{style}</style>{html}" if style else html)


def said(text: str) -> str:
    """Return a text as quiet HTML; empty for an empty text."""
    return f'<span style="opacity:.7">{escape(text)}</span>' if text else ""

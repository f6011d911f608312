"""Runs to pick from: two of them in full, more of them as a table with drawings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from nbship.display.comparison_page import comparison_html
from nbship.display.comparison_text import comparison_text
from nbship.display.page import ID_DIGITS, counted
from nbship.display.plain_line import clip
from nbship.display.runs_comparison_order import metrics_in_order, params_in_order, ranked
from nbship.display.runs_comparison_page import runs_comparison_html
from nbship.display.runs_comparison_text import runs_comparison_text
from nbship.display.runs_comparison_view import part_of, run_name
from nbship.widgets.panes import LiveView, said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbship.model.comparison import Comparison, RunsComparison

__all__ = ["CompareView"]

_MOST_OPTIONS = 60
_MOST_NAMES = 40
_NAME_WIDTH = 26
_ROWS = 14
_PAIR = 2
# A saved notebook keeps what the widgets show, so they show less than the durable forms do.
_PAIR_BYTES = 16_000
_SCALE = 0.06
_STILL_SCALE = 0.04
_STILL_ROWS = 10
_STILL_WIDTH = 100
_STILL_BYTES = 4_500


class CompareView(LiveView):
    """A live comparison of runs.

    Parameters
    ----------
    comparison
        The runs to pick from, and what varies over them.
    compare
        Compares two runs in full, given their ids.
    """

    def __init__(self, comparison: RunsComparison, compare: Callable[[str, str], Comparison]) -> None:
        self._comparison = comparison
        self._in_full = compare
        self._picked = [0, 1] if len(comparison.runs) == _PAIR else []
        self._hidden = ""
        self._shown: Comparison | None = None
        plain = ipywidgets.Layout(width="auto")
        self.search = ipywidgets.Text(placeholder="search runs by name, id or name=value", layout=plain)
        self.runs = ipywidgets.SelectMultiple(rows=_ROWS, layout=plain)
        self.metrics = _names(metrics_in_order(comparison), plain)
        self.axes = _names(params_in_order(comparison), plain)
        self.swap = ipywidgets.Button(description="swap A and B", layout=plain)
        self.clear = ipywidgets.Button(description="clear", layout=plain)
        self.status, self.result = ipywidgets.HTML(layout=plain), ipywidgets.HTML()
        super().__init__((self._body(),), self._still_bundle)
        self.search.observe(lambda _: self._list(), names="value")
        self.runs.observe(self._choose, names="value")
        for names in (self.metrics, self.axes):
            names.observe(lambda _: self._show(), names="value")
        self.swap.on_click(lambda _: self._swap())
        self.clear.on_click(lambda _: self.pick([]))
        self._list()
        self._show()

    @property
    def picked(self) -> list[str]:
        """The ids of the runs that are picked, in the order of picking."""
        return [self._comparison.runs[at].id for at in self._picked]

    def pick(self, ids: Sequence[str]) -> None:
        """Pick these runs and no others; ids that the view does not have are passed over."""
        place = {run.id: at for at, run in enumerate(self._comparison.runs)}
        self._picked = [place[one] for one in dict.fromkeys(ids) if one in place]
        self._list()
        self._show()

    def _body(self) -> ipywidgets.Widget:
        buttons = ipywidgets.HBox((self.swap, self.clear))
        chosen = ipywidgets.Accordion(
            (self.metrics, self.axes),
            titles=("Metrics shown", "Parameters shown"),
            layout=ipywidgets.Layout(width="auto"),
        )
        side = ipywidgets.VBox((self.search, self.runs, self.status, buttons, chosen))
        side.layout.width, side.layout.flex = "270px", "0 0 auto"
        self.result.layout = ipywidgets.Layout(
            flex="1 1 0%", min_width="0", overflow="auto", margin="0 0 0 16px"
        )
        return ipywidgets.HBox((side, self.result))

    def _list(self) -> None:
        """List the runs that contain what is searched for, the best first; picked ones stay picked while hidden."""
        found = [at for at in ranked(self._comparison)[0] if self._is_wanted(at)]
        shown = found[:_MOST_OPTIONS]
        self.runs.unobserve(self._choose, names="value")
        self.runs.options = [(self._label(at), at) for at in shown]
        self.runs.value = tuple(at for at in self._picked if at in shown)
        self.runs.observe(self._choose, names="value")
        left = len(found) - len(shown)
        self._hidden = f"{left:,} more: type to find them" if left else "" if found else "no run is called so"
        self._say()

    def _is_wanted(self, at: int) -> bool:
        run = self._comparison.runs[at]
        words = self.search.value.casefold().split()
        known = [run.name, run.id, *(f"{name}={value}" for name, value in run.params.items())]
        texts = [text.casefold() for text in known]
        return all(any(word in text for text in texts) for word in words)

    def _label(self, at: int) -> str:
        run = self._comparison.runs[at]
        return f"{run_name(run, _NAME_WIDTH)}  {run.id[:ID_DIGITS]}"

    def _choose(self, change: dict[str, Any]) -> None:
        listed = {at for _, at in self.runs.options}
        kept = [at for at in self._picked if at not in listed or at in change["new"]]
        self._picked = [*kept, *(at for at in change["new"] if at not in kept)]
        self._show()

    def _swap(self) -> None:
        self._picked = self._picked[::-1]
        self._show()

    def _say(self) -> None:
        picked = (
            f"{counted(len(self._picked), 'run')} picked"
            if self._picked
            else "pick two runs to see what differs"
        )
        self.status.value = said(f"{picked}{f' · {self._hidden}' if self._hidden else ''}")

    def _show(self) -> None:
        self.swap.disabled = len(self._picked) != _PAIR
        self.clear.disabled = not self._picked
        self._say()
        self._shown = None
        shown = self._pair() if len(self._picked) == _PAIR else self._table(_SCALE)
        # A wide table scrolls in its own box; without this it would stretch the view instead.
        self.result.value = f'<div style="contain:inline-size">{shown}</div>'

    def _pair(self) -> str:
        left, right = self.picked
        try:
            found = self._shown = self._in_full(left, right)
        except Exception as error:  # noqa: BLE001 - whatever fails in a callback would vanish in a log that nobody reads
            return said(f"✗ {type(error).__name__}: {clip(str(error)[:2000], 300)}")
        return comparison_html(found, most_bytes=_PAIR_BYTES)

    def _table(self, scale: float, *, drawings: bool = True) -> str:
        places = self._picked if len(self._picked) > _PAIR else range(len(self._comparison.runs))
        params, metrics = self.axes.value, self.metrics.value
        part = part_of(self._comparison, places, params, metrics)
        axes = (params, metrics) if params and metrics else None
        return runs_comparison_html(part, drawings=drawings, scale=scale, axes=axes)

    def _still_bundle(self) -> dict[str, str]:
        if self._shown is not None:
            text = comparison_text(self._shown, width=_STILL_WIDTH, most_bytes=_STILL_BYTES)
            return {
                "text/plain": text,
                "text/html": comparison_html(self._shown, most_bytes=_STILL_BYTES),
            }
        text = runs_comparison_text(self._comparison, most_rows=_STILL_ROWS)
        return {"text/plain": text, "text/html": self._table(_STILL_SCALE, drawings=False)}


def _names(names: Sequence[str], layout: ipywidgets.Layout) -> ipywidgets.SelectMultiple:
    """Return a list of names of which none is chosen, which stands for those that matter most."""
    options = [(clip(name[:200], _NAME_WIDTH) or "(no name)", name) for name in names[:_MOST_NAMES]]
    return ipywidgets.SelectMultiple(options=options, rows=min(max(len(options), 2), 8), layout=layout)

"""A drift report with controls: pick a column, move the thresholds, see the one distribution that was asked for."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets

from nbship.display.drift_detail import detail
from nbship.display.drift_page import drift_head, drift_html
from nbship.display.drift_style import PLOT_STYLE
from nbship.display.drift_text import drift_text
from nbship.display.drift_values import short, times, title_name
from nbship.display.drift_windows import window_table
from nbship.display.drift_words import DRIFT_SIGNS, reason_words
from nbship.widgets.panes import LiveView, SearchList, pane, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.drift import ColumnDrift, DriftOptions, DriftReport

__all__ = ["DriftView"]

_NAME_WIDTH = 28
_STILL_ROWS = 10
_STILL_WIDTH = 100
_ORDERS = ("how much it matters", "name", "missing values")
_SLIDERS = {
    "wasserstein": (
        "numbers and times",
        1.0,
        0.01,
        "Wasserstein-1 distance in usual spreads of the reference",
    ),
    "jensen_shannon": ("levels", 1.0, 0.01, "Jensen-Shannon distance, base 2"),
    "missing": ("missing values", 0.25, 0.005, "change in the share of missing values"),
    "novelty": ("unknown words", 0.5, 0.01, "share of words that the reference does not know"),
    "q": ("q", 0.25, 0.005, "level of the corrected p-values"),
}
_CORRECTIONS = (("Benjamini-Hochberg", "bh"), ("Holm", "holm"), ("none", "none"))


class DriftView(LiveView):
    """A live drift report.

    Parameters
    ----------
    report
        What is shown at first.
    recompute
        Makes the report anew with other options; without it thresholds cannot be moved.
    """

    def __init__(
        self, report: DriftReport, recompute: Callable[[DriftOptions], DriftReport] | None = None
    ) -> None:
        self._report = report
        self._recompute = recompute
        plain = ipywidgets.Layout()
        self.head, self.plot, self.windows, self.status = (ipywidgets.HTML(layout=plain) for _ in range(4))
        self.folded = ipywidgets.Accordion((self.windows,), titles=("Windows over time",), layout=plain)
        self.order = ipywidgets.Dropdown(options=_ORDERS, description="sorted by")
        self.columns = SearchList(self._choose, "columns")
        self.controls = _controls(report.options, plain)
        self.apply = ipywidgets.Button(description="Recompute", icon="refresh", button_style="primary")
        folded = (self.folded,) if report.windows else ()
        super().__init__((self.head, self._body(), *folded), self._still_bundle)
        self.order.observe(lambda _: self._list(), names="value")
        self.folded.observe(lambda _: self._show_windows(), names="selected_index")
        self.apply.on_click(lambda _: self._apply())
        self._show()

    @property
    def report(self) -> DriftReport:
        """The report as it is shown, after the last computation."""
        return self._report

    def _body(self) -> ipywidgets.Widget:
        self.order.layout.width, self.order.style = "260px", {"description_width": "62px"}
        wide = ipywidgets.Box((self.plot,), layout=ipywidgets.Layout(flex="1 1 0%", margin="0 0 0 16px"))
        row = ipywidgets.HBox((ipywidgets.VBox((self.order, self.columns)), wide))
        if self._recompute is None:
            return row
        grid = ipywidgets.Box(tuple(self.controls.values()))
        grid.layout.flex_flow = "row wrap"
        buttons = ipywidgets.HBox((self.apply, self.status))
        thresholds = ipywidgets.Accordion((ipywidgets.VBox((grid, buttons)),), titles=("Thresholds",))
        return ipywidgets.VBox((thresholds, row))

    def _show(self) -> None:
        head = f"<div class=nd>{drift_head(self._report)}</div>"
        self.head.value = pane(head, PLOT_STYLE)
        self._show_windows()
        self._list()

    def _show_windows(self) -> None:
        """Draw the windows once somebody looks at them: a saved notebook keeps whatever was drawn."""
        opened = self.folded.selected_index is not None
        self.windows.value = _bare(window_table(self._report, titled=0)) if opened else ""

    def _list(self) -> None:
        self.columns.show([(_label(column), at) for at, column in self._sorted()])

    def _sorted(self) -> list[tuple[int, ColumnDrift]]:
        rows = list(enumerate(self._report.columns))
        if self.order.value == "name":
            return sorted(rows, key=lambda row: row[1].name.casefold())
        if self.order.value == "missing values":
            return sorted(rows, key=lambda row: -_missing_change(row[1]))
        return rows

    def _choose(self, at: int) -> None:
        column = self._report.columns[at]
        state = f"{DRIFT_SIGNS[column.state]} {column.state.value}"
        title = f"{title_name(column.name, 60)} — {state}"
        inside = detail(column, self._report.options)
        reason = reason_words(column, 300)
        self.plot.value = _bare(f"<b>{escape(title)}</b><div class=nd-m>{escape(reason)}</div>{inside}")

    def _apply(self) -> None:
        if self._recompute is None:
            return
        self.apply.disabled, self.status.value = True, said("computing …")
        try:
            self._report = self._recompute(self._options())
        except Exception as error:  # noqa: BLE001 - whatever fails in a callback would vanish in a log that nobody reads
            self.status.value = said(f"✗ {type(error).__name__}: {short(str(error), 300)}")
        else:
            self.status.value = said("✓ computed")
            self._show()
        finally:
            self.apply.disabled = False

    def _options(self) -> DriftOptions:
        chosen: dict[str, Any] = {name: control.value for name, control in self.controls.items()}
        return replace(self._report.options, **chosen)

    def _still_bundle(self) -> dict[str, str]:
        text = drift_text(self._report, width=_STILL_WIDTH, most=2 * _STILL_ROWS)
        return {"text/plain": text, "text/html": drift_html(self._report, details=False, most=_STILL_ROWS)}


def _controls(options: DriftOptions, layout: ipywidgets.Layout) -> dict[str, ipywidgets.Widget]:
    """Return a control for each option, named as the option; they share style and layout to be small when saved."""
    shared = {"layout": layout, "style": ipywidgets.SliderStyle(description_width="128px")}
    made: dict[str, ipywidgets.Widget] = {}
    for name, (label, most, step, tip) in _SLIDERS.items():
        value = float(getattr(options, name))
        span = {"value": value, "min": 0.0, "max": max(most, 2 * value), "step": step}
        words = {"description": label, "tooltip": tip, "readout_format": ".3f", "continuous_update": False}
        made[name] = ipywidgets.FloatSlider(**span, **words, **shared)
    wide = {"description_width": "128px"}
    made["correction"] = ipywidgets.Dropdown(
        options=_CORRECTIONS, value=options.correction, description="correction", layout=layout, style=wide
    )
    return made


def _label(column: ColumnDrift) -> str:
    effect = times(column.effect)
    name = f"{DRIFT_SIGNS[column.state]} {title_name(column.name, _NAME_WIDTH)}"
    return f"{name}  {effect}" if effect else name


def _missing_change(column: ColumnDrift) -> float:
    return 0.0 if column.missing is None else abs(column.missing.current - column.missing.reference)


def _bare(html: str) -> str:
    """Return HTML that takes its style from the head of the view."""
    return f'<div class="nbship"><div class=nd>{html}</div></div>'

"""Plotly figures of a drift report, as plain data: nothing of plotly is needed to make them, only to show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from html import escape
from typing import TYPE_CHECKING, Any

from nbship.display.drift_shape import steps
from nbship.display.drift_values import short, title_name
from nbship.display.drift_windows import window_names
from nbship.errors import UsageError
from nbship.model.profile import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbship.model.drift import ColumnDrift, Distribution, DriftReport, WindowCell

__all__ = ["drift_figure", "windows_figure"]

_NAME_WIDTH = 60
_INK = "#5f6b76"
_FILL = "rgba(25,118,210,0.38)"
_HEATS = [[0.0, "rgba(128,128,128,0.08)"], [0.25, "#f2dfc9"], [1.0, "#b04a00"]]
_FAR = 4.0
"""Effects of so many thresholds have the strongest colour."""


def drift_figure(report: DriftReport, column: str) -> dict[str, Any]:
    """Return both distributions of a column over each other: the reference as a line, the current one filled.

    Parameters
    ----------
    column
        The name of a column that was compared.

    Returns
    -------
    dict
        JSON of a plotly figure, ``{"data": [...], "layout": {...}}``.

    Raises
    ------
    UsageError
        When the report has no such column, or no distribution of it.
    """
    found = report.column(column)
    if found is None:
        near = get_close_matches(column, [row.name for row in report.columns], 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"the report has no column {short(column, _NAME_WIDTH)!r}.{hint}")
    drawn = found.distribution
    if drawn is None or not drawn.reference:
        raise UsageError(f"column {short(column, _NAME_WIDTH)!r} has no distribution to draw: {found.reason}")
    data = _levels(drawn) if drawn.levels else _steps(found, drawn)
    layout = _layout(f"{_text(found.name)}: reference and current")
    layout["xaxis"] = {"type": _axis_type(found, drawn), "showgrid": False, "zeroline": False}
    layout["yaxis"] = {"rangemode": "tozero", "zeroline": False, "gridcolor": "rgba(128,128,128,0.2)"}
    if drawn.levels or steps(drawn).shares:
        layout["yaxis"]["tickformat"] = ".1%"
    return {"data": data, "layout": layout | {"barmode": "overlay", "bargap": 0.25}}


def _axis_type(column: ColumnDrift, drawn: Distribution) -> str:
    return "category" if drawn.levels else "date" if column.kind is ColumnKind.DATETIME else "linear"


def _text(name: str) -> str:
    """Return any text as what plotly shows as that text: it understands a few tags and entities."""
    return escape(title_name(name, _NAME_WIDTH), quote=False)


def _layout(title: str) -> dict[str, Any]:
    return {
        "title": {"text": title, "font": {"size": 14}},
        "height": 300,
        "margin": {"l": 56, "r": 16, "t": 44, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": _INK},
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.12},
    }


def _steps(column: ColumnDrift, drawn: Distribution) -> list[dict[str, Any]]:
    shape = steps(drawn)
    time = column.kind is ColumnKind.DATETIME
    edges: Sequence[float | str] = [_moment(edge) for edge in shape.edges] if time else shape.edges
    x = [edge for edge in edges for _ in (0, 1)]
    line = {"type": "scatter", "mode": "lines", "x": x}

    def y(heights: Sequence[float]) -> list[float]:
        return [0.0, *(float(f"{height:.5g}") for height in heights for _ in (0, 1)), 0.0]

    return [
        {
            **line,
            "name": "current",
            "y": y(shape.current),
            "fill": "tozeroy",
            "fillcolor": _FILL,
            "line": {"width": 0},
        },
        {**line, "name": "reference", "y": y(shape.reference), "line": {"color": _INK, "width": 1.5}},
    ]


def _moment(seconds: float) -> str | float:
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime(
            "%Y-%m-%d %H:%M:%S.%f"
        )
    except OverflowError:  # beyond the calendar
        return seconds


def _levels(drawn: Distribution) -> list[dict[str, Any]]:
    bar = {"type": "bar", "x": _distinct(drawn.levels)}
    return [
        {**bar, "name": "current", "y": list(drawn.current), "marker": {"color": _FILL}},
        {
            **bar,
            "name": "reference",
            "y": list(drawn.reference),
            "marker": {"color": "rgba(0,0,0,0)", "line": {"color": _INK, "width": 1.5}},
        },
    ]


def _distinct(names: Iterable[str]) -> list[str]:
    """Return the names as plotly shows them, apart where they are the same once they are short: one is one category."""
    texts: list[str] = []
    for name in names:
        text, again = _text(name), 2
        while text in texts:
            text, again = f"{_text(name)} [{again}]", again + 1
        texts.append(text)
    return texts


def windows_figure(report: DriftReport) -> dict[str, Any]:
    """Return how far each column drifted in each window, as a heat map in multiples of its threshold.

    Returns
    -------
    dict
        JSON of a plotly figure; cells that drifted bear a sign. Empty ``data`` where the report has no windows.
    """
    names = window_names(report)
    layout = _layout("Drift over time, in multiples of the threshold")
    if not names:
        return {"data": [], "layout": layout}
    found = [{cell.name: cell for cell in window.cells} for window in report.windows]
    rows = [[cells.get(name) for cells in found] for name in names]
    heat = {
        "type": "heatmap",
        "x": _distinct(window.label for window in report.windows),
        "y": _distinct(names),
        "z": [[_ratio(cell) for cell in row] for row in rows],
        "text": [[_sign(cell) for cell in row] for row in rows],
        "texttemplate": "%{text}",
        "hovertemplate": "%{y}, %{x}<br>%{z:.3g} × threshold %{text}<extra></extra>",
        "colorscale": _HEATS,
        "zmin": 0,
        "zmax": _FAR,
        "xgap": 2,
        "ygap": 2,
        "colorbar": {"title": {"text": "× threshold"}, "thickness": 10},
    }
    layout["xaxis"] = {"type": "category"}
    layout["yaxis"] = {"type": "category", "autorange": "reversed", "automargin": True}
    return {"data": [heat], "layout": layout | {"height": 120 + 24 * len(names)}}


def _sign(cell: WindowCell | None) -> str:
    return "" if cell is None else "▲" if cell.drifted else "·"


def _ratio(cell: WindowCell | None) -> float | None:
    if cell is None or cell.effect is None or not cell.threshold:
        return None
    return float(f"{cell.effect / cell.threshold:.4g}")

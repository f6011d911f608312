"""Many runs as plotly figures: parallel coordinates and histories, as plain JSON that needs no plotly to be made."""

from __future__ import annotations

import base64
import math
import struct
from html import escape
from typing import TYPE_CHECKING, Any

from nbship.display.page import counted, styled
from nbship.display.plain_line import clip
from nbship.display.runs_comparison_axes import Axis, chosen_names, runs_axes
from nbship.display.runs_comparison_drawing import BEST_COLOUR, DRAWINGS_STYLE, RAMP, parallel_drawing
from nbship.display.runs_comparison_histories import DASHES, LINE_COLOURS, history_drawings, history_panels
from nbship.display.runs_comparison_order import ranked
from nbship.display.runs_comparison_view import BEST, run_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbship.display.runs_comparison_histories import Curve, Panel
    from nbship.model.comparison import RunsComparison

__all__ = ["PLOTLY", "histories_figure", "parallel_figure", "runs_comparison_figures"]

PLOTLY = "application/vnd.plotly.v1+json"

_MOST_LINES = 1000  # plotly.js draws about as many parallel coordinates: plotly/plotly.js#7046
_HISTORY_POINTS = 1600
_PARALLEL_BYTES, _HISTORY_BYTES = 16_000, 12_000
_NAME_WIDTH = 32
_DIGITS = 6
_GREY = "#868e96"  # legible on light and on dark: figures do not know the theme
_PANEL_HEIGHT = 280
_FLEX = ".nbship .nbship-panels{display:flex;flex-wrap:wrap;gap:6px 18px}"


def runs_comparison_figures(comparison: RunsComparison) -> list[dict[str, Any]]:
    """Return the mimebundles of the figures: plotly, a drawing as HTML for where there is none, and words.

    A figure for which there is nothing to draw is left out.
    """
    figures = [
        (
            parallel_figure(comparison),
            parallel_drawing(comparison, most_bytes=_PARALLEL_BYTES),
            "Parallel coordinates",
        ),
        (
            histories_figure(comparison),
            history_drawings(comparison, most_bytes=_HISTORY_BYTES),
            "Histories of metrics",
        ),
    ]
    said = counted(len(comparison.runs), "run")
    return [
        {
            "text/plain": f"{words} of {said}",
            "text/html": styled(
                f'<style>{DRAWINGS_STYLE}{_FLEX}</style><div class="mathjax_ignore">{drawing}</div>'
            ),
            PLOTLY: figure,
        }
        for figure, drawing, words in figures
        if figure is not None
    ]


def parallel_figure(
    comparison: RunsComparison, params: Sequence[str] | None = None, metrics: Sequence[str] | None = None
) -> dict[str, Any] | None:
    """Return parallel coordinates of at most 1,000 runs; None where there are not two axes.

    `params` and `metrics` are the axes; those that matter most where not given.
    """
    chosen = chosen_names(comparison)
    axes = runs_axes(
        comparison, chosen[0] if params is None else params, chosen[1] if metrics is None else metrics
    )
    if len(axes) < 2 or not comparison.runs:  # noqa: PLR2004 - a line needs two ends
        return None
    order = ranked(comparison)[0]
    shown = (
        order
        if len(order) <= _MOST_LINES
        else [order[at * len(order) // _MOST_LINES] for at in range(_MOST_LINES)]
    )
    last = axes[-1]
    line = {
        "color": _packed([last.places[run] for run in shown]),
        "colorscale": [[at / (len(RAMP) - 1), colour] for at, colour in enumerate(RAMP)],
        "cmin": _rounded(last.low),
        "cmax": _rounded(last.high),
    }
    trace = {
        "type": "parcoords",
        "dimensions": [_dimension(axis, shown) for axis in axes],
        "line": line,
        "labelfont": {"size": 12, "color": _GREY},
        "tickfont": {"size": 11, "color": _GREY, "shadow": "none"},  # plotly.js would glow white in the dark
        "rangefont": {"size": 10, "color": "rgba(0,0,0,0)"},  # the ticks say it, and logarithms are no values
    }
    return {"data": [trace], "layout": _layout(360, margin={"l": 90, "r": 70, "t": 56, "b": 24})}


def _dimension(axis: Axis, shown: Sequence[int]) -> dict[str, Any]:
    name = _plain(axis.name, _NAME_WIDTH - 12) + (" (log)" if axis.log else "")
    return {
        "label": name,
        "values": _packed([axis.places[run] for run in shown]),
        "range": [_rounded(axis.low), _rounded(axis.high)],
        "tickvals": [_rounded(place) for place, _ in axis.ticks],
        "ticktext": [text for _, text in axis.ticks],  # unlike labels, these are shown as they are
    }


def histories_figure(
    comparison: RunsComparison, metrics: Sequence[str] | None = None
) -> dict[str, Any] | None:
    """Return the histories, a small plot a metric: a line a run where they are few, else all in one trace."""
    panels = history_panels(comparison, metrics, most_points=_HISTORY_POINTS)
    if not panels:
        return None
    columns = min(len(panels), 2)
    rows = math.ceil(len(panels) / columns)
    layout = _layout(_PANEL_HEIGHT * rows + 40, margin={"l": 56, "r": 24, "t": 40, "b": 40})
    layout |= {"hovermode": "closest", "annotations": [], "legend": {"font": {"color": _GREY}}}
    traces = []
    for at, panel in enumerate(panels):
        suffix = "" if at == 0 else str(at + 1)
        row, column = divmod(at, columns)
        x = _domain(column, columns, 0.08)
        y = _domain(rows - 1 - row, rows, 0.24 / rows)
        layout[f"xaxis{suffix}"] = _axis_look(x, f"y{suffix}", "step" if row == rows - 1 else "")
        layout[f"yaxis{suffix}"] = _axis_look(y, f"x{suffix}", "")
        layout["annotations"].append(_title(panel.metric, x[0], y[1]))
        traces += _traces(comparison, panel, suffix)
    return {"data": traces, "layout": layout}


def _domain(place: int, count: int, gap: float) -> list[float]:
    size = (1 - gap * (count - 1)) / count
    start = place * (size + gap)
    return [round(start, 4), round(min(start + size, 1.0), 4)]


def _axis_look(domain: list[float], anchor: str, title: str) -> dict[str, Any]:
    look = {"domain": domain, "anchor": anchor, "gridcolor": "rgba(128,128,128,0.2)", "zeroline": False}
    return {**look, "linecolor": "rgba(128,128,128,0.5)", "title": {"text": title}}


def _title(name: str, x: float, y: float) -> dict[str, Any]:
    at = {"x": x, "y": y, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return {**at, "text": f"<b>{_plain(name, _NAME_WIDTH)}</b>", "showarrow": False, "font": {"size": 12}}


def _traces(comparison: RunsComparison, panel: Panel, suffix: str) -> list[dict[str, Any]]:
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "type": "scatter", "mode": "lines"}
    if panel.few:
        return [
            {**_joined([curve]), **axes, **_own_look(comparison, panel, curve, at), "showlegend": not suffix}
            for at, curve in enumerate(panel.curves)
        ]
    best = [curve for curve in panel.curves if curve.run == panel.best]
    rest = [curve for curve in panel.curves if curve.run != panel.best]
    said = (
        f"{len(panel.curves):,} of {panel.total:,} runs"
        if len(panel.curves) < panel.total
        else f"{panel.total:,} runs"
    )
    quiet = {"line": {"color": "#8795a6", "width": 1}, "opacity": 0.6, "name": said, "showlegend": not suffix}
    traces = [{**_joined(rest), **axes, **quiet, "legendgroup": "all"}] if rest else []
    for curve in best:
        name = _plain(f"{BEST} #{curve.run + 1} {comparison.runs[curve.run].name[:100]}", _NAME_WIDTH)
        look = {"line": {"color": BEST_COLOUR, "width": 3}, "name": name, "legendgroup": "best"}
        traces.append({**_joined([curve]), **axes, **look, "showlegend": not suffix})
    return traces


def _own_look(comparison: RunsComparison, panel: Panel, curve: Curve, at: int) -> dict[str, Any]:
    name = _plain(
        f"{f'{BEST} ' if curve.run == panel.best else ''}#{curve.run + 1} {run_name(comparison.runs[curve.run])}",
        40,
    )
    line = {"color": LINE_COLOURS[at], "width": 2.5 if curve.run == panel.best else 1.6}
    dash = {"dash": DASHES[at].replace(" ", "px,") + "px"} if DASHES[at] else {}
    return {"line": line | dash, "name": name, "legendgroup": f"run {curve.run}"}


def _joined(curves: Sequence[Curve]) -> dict[str, Any]:
    """Return the curves as one line with gaps; a point tells the number of its run."""
    steps: list[float] = []
    values: list[float] = []
    runs: list[int] = []
    for curve in curves:
        steps += [*curve.steps, math.nan]
        values += [*curve.values, math.nan]
        runs += [curve.run + 1] * (len(curve.steps) + 1)
    hover = "#%{customdata}, step %{x}: %{y:.6g}<extra></extra>"
    return {
        "x": _packed(steps[:-1]),
        "y": _packed(values[:-1]),
        "customdata": _packed_whole(runs[:-1]),
        "hovertemplate": hover,
        "connectgaps": False,
    }


def _layout(height: int, margin: dict[str, int]) -> dict[str, Any]:
    clear = "rgba(0,0,0,0)"
    font = {"color": _GREY, "family": "system-ui, sans-serif", "size": 12}
    return {"height": height, "margin": margin, "font": font, "paper_bgcolor": clear, "plot_bgcolor": clear}


def _packed(values: Iterable[float]) -> dict[str, str]:
    """Return numbers the way plotly packs arrays, rounded to six digits: a list would take a line of the notebook each."""
    rounded = [_rounded(value) for value in values]
    return {"dtype": "f4", "bdata": base64.b64encode(struct.pack(f"<{len(rounded)}f", *rounded)).decode()}


def _packed_whole(values: Sequence[int]) -> dict[str, str]:
    return {"dtype": "i4", "bdata": base64.b64encode(struct.pack(f"<{len(values)}i", *values)).decode()}


_LARGEST = 3e38  # of four bytes


def _rounded(value: float) -> float:
    return value if math.isnan(value) else min(max(float(f"{value:.{_DIGITS}g}"), -_LARGEST), _LARGEST)


def _plain(text: str, width: int) -> str:
    """Return a text that plotly shows as it is, although it takes some tags, entities and formulas for its own."""
    shown = escape(clip(text[: 4 * width], width), quote=False)
    return shown.replace("$", "&#36;").replace("%{", "%&#123;")

"""Parallel coordinates of many runs as inline SVG: no script, no file, no id that could clash with another output."""

from __future__ import annotations

import itertools
from html import escape
from typing import TYPE_CHECKING

from nbship.display.page import counted, number, tag
from nbship.display.plain_line import clip
from nbship.display.runs_comparison_axes import Axis, chosen_names, runs_axes
from nbship.display.runs_comparison_order import ranked
from nbship.display.runs_comparison_view import BEST, run_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.comparison import RunsComparison

__all__ = ["BEST_COLOUR", "DRAWINGS_STYLE", "RAMP", "parallel_drawing"]

RAMP = ("#a3abb4", "#86a5c6", "#669fd6", "#3f8fdd", "#1273d1")
"""Colours of lines from the least to the largest value of the last axis; each can be seen on light and on dark."""

BEST_COLOUR = "#e8710a"

_LEFT, _GAP, _RIGHT = 104, 138, 164
_LEAST_GAP, _WIDTH = 112, 1090  # many axes stand closer together, so that they fit a page
_NAME_PIXELS = 7
_TOP, _HEIGHT, _BOTTOM = 40, 220, 18
_NAME_WIDTH, _TICK_WIDTH = 19, 12
_AXIS_BYTES, _LEAST_BYTES = 700, 1500
_HOVERED_BYTES = 160
_HOVERED = 60  # runs that can be pointed at one by one
_MOST_LINES = 1000

DRAWINGS_STYLE = """
.nbship .nbship-drawing{overflow-x:auto;margin:4px 0}
.nbship .nbship-drawing svg{display:block;max-width:none}
.nbship .nbship-drawing text{font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-variant-numeric:tabular-nums}
.nbship .nbship-drawing .nbship-ticks{fill:var(--jp-ui-font-color1,#616161);paint-order:stroke;stroke:var(--jp-layout-color1,transparent);stroke-width:3px;stroke-linejoin:round}
.nbship .nbship-drawing .nbship-axis{stroke:var(--jp-ui-font-color3,#9e9e9e)}
.nbship .nbship-drawing .nbship-line:hover{stroke-width:3.5;stroke-opacity:1}
"""


def parallel_drawing(
    comparison: RunsComparison,
    params: Sequence[str] | None = None,
    metrics: Sequence[str] | None = None,
    *,
    most_bytes: int = 24_000,
) -> str:
    """Return the drawing in a box that scrolls; empty where there are not two axes.

    Parameters
    ----------
    params, metrics
        The axes; those that matter most where not given.
    most_bytes
        Lines that would make it larger are left out, evenly from the best to the worst, and counted.
    """
    chosen = chosen_names(comparison)
    axes = runs_axes(
        comparison, chosen[0] if params is None else params, chosen[1] if metrics is None else metrics
    )
    if len(axes) < 2 or not comparison.runs:  # noqa: PLR2004 - a line needs two ends
        return ""
    order, best_by = ranked(comparison)
    room = max(most_bytes - _AXIS_BYTES * len(axes), _LEAST_BYTES) // (9 * len(axes))
    shown = _evenly(order, min(room, _MOST_LINES))
    gap = max(min(_GAP, (_WIDTH - _LEFT - _RIGHT) // (len(axes) - 1)), _LEAST_GAP)
    width = _LEFT + gap * (len(axes) - 1) + _RIGHT
    parts = [
        _lines(comparison, axes, shown, gap, hovered=_HOVERED_BYTES * len(order) < most_bytes),
        *(_axis(axis, at, gap) for at, axis in enumerate(axes)),
    ]
    parts += [_best(comparison, axes, order[0], gap)] if best_by else []
    svg = _svg(width, _label(comparison, axes), "".join(parts))
    few = len(shown) < len(order)
    note = (
        tag("div", f"{len(shown):,} of {counted(len(order), 'run')} drawn, evenly over their ranks", "dim")
        if few
        else ""
    )
    return f'<div class="nbship-drawing">{svg}</div>{note}'


def _svg(width: int, label: str, inner: str) -> str:
    height = _TOP + _HEIGHT + _BOTTOM
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg role="img" aria-label="{escape(label)}" {size}>{inner}</svg>'


def _label(comparison: RunsComparison, axes: list[Axis]) -> str:
    names = ", ".join(clip(axis.name[:200], _NAME_WIDTH) for axis in axes)
    return f"Parallel coordinates of {counted(len(comparison.runs), 'run')} over {names}"


def _evenly(order: list[int], most: int) -> list[int]:
    if len(order) <= most:
        return order
    return [order[at * len(order) // most] for at in range(most)]


def _lines(comparison: RunsComparison, axes: list[Axis], shown: list[int], gap: int, *, hovered: bool) -> str:
    opacity = max(0.25, min(0.85, 12 / len(shown) ** 0.75))
    look = f'fill="none" stroke-width="1.4" stroke-opacity="{opacity:.2f}" stroke-linejoin="round"'
    if len(shown) <= _HOVERED and hovered:
        return f"<g {look}>{''.join(_single(comparison, axes, run, gap) for run in reversed(shown))}</g>"
    classes: dict[str, list[str]] = {colour: [] for colour in RAMP}
    for run in shown:
        classes[_colour(axes[-1], run)].append(_path(axes, run, gap))
    paths = [f'<path stroke="{colour}" d="{"".join(found)}"/>' for colour, found in classes.items() if found]
    return f"<g {look}>{''.join(paths)}</g>"


def _single(comparison: RunsComparison, axes: list[Axis], run: int, gap: int) -> str:
    title = escape(f"#{run + 1} {run_name(comparison.runs[run])}{_metric_text(comparison, axes, run)}")
    path = _path(axes, run, gap)
    return f'<path class="nbship-line" stroke="{_colour(axes[-1], run)}" d="{path}"><title>{title}</title></path>'


def _metric_text(comparison: RunsComparison, axes: list[Axis], run: int) -> str:
    name = axes[-1].name
    value = comparison.runs[run].metrics.get(name)
    return "" if value is None else f": {clip(name[:200], _NAME_WIDTH)} {number(value)}"


def _colour(axis: Axis, run: int) -> str:
    return RAMP[min(int(max(axis.share(run), 0.0) * len(RAMP)), len(RAMP) - 1)]


def _path(axes: list[Axis], run: int, gap: int) -> str:
    """Return the line of a run in whole pixels, each place relative to the one before."""
    heights = [_y(axis.share(run)) for axis in axes]
    steps = [f"{gap} {b - a}" for a, b in itertools.pairwise(heights)]
    return f"M{_LEFT} {heights[0]}l{' '.join(steps)}"


def _y(share: float) -> int:
    return round(_TOP + _HEIGHT * (1 - share))


def _axis(axis: Axis, at: int, gap: int) -> str:
    """Return an axis; what its parts share is said once for all of them, since a page may hold many."""
    x = _LEFT + gap * at
    width = gap // _NAME_PIXELS
    name = clip(axis.name[:200], width)
    log = (
        f'<text x="{x}" y="{_TOP - 6}" font-size="10" text-anchor="middle" fill="#757575">log</text>'
        if axis.log
        else ""
    )
    title = f"<title>{escape(clip(axis.name[:800], 200))}</title>" if len(axis.name) > width else ""
    heights = [_y((place - axis.low) / (axis.high - axis.low)) for place, _ in axis.ticks]
    texts = "".join(
        f'<text x="{x - 7}" y="{y + 4}">{escape(clip(text, _TICK_WIDTH), quote=False)}</text>'
        for y, (_, text) in zip(heights, axis.ticks, strict=True)
    )
    marks = "".join(f"M{x} {y}h-4" for y in heights)
    return (
        f'<text x="{x}" y="{_TOP - 18}" font-size="12" font-weight="600" text-anchor="middle" fill="currentColor">'
        f"{title}{escape(name)}</text>{log}"
        f'<path class="nbship-axis" d="M{x} {_TOP}v{_HEIGHT}{marks}" stroke="#9e9e9e" stroke-width="1.2"/>'
        f'<g class="nbship-ticks" font-size="11" text-anchor="end" fill="#757575">{texts}</g>\n'
    )


def _best(comparison: RunsComparison, axes: list[Axis], run: int, gap: int) -> str:
    x, y = _LEFT + gap * (len(axes) - 1) + 8, _y(axes[-1].share(run)) + 4
    name = escape(clip(f"{BEST} #{run + 1} {comparison.runs[run].name[:100]}", 18))
    path = f'<path fill="none" stroke="{BEST_COLOUR}" stroke-width="3" d="{_path(axes, run, gap)}"/>'
    return f'{path}<text x="{x}" y="{y}" font-size="12" font-weight="600" fill="currentColor">{name}</text>'

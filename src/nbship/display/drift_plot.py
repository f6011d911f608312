"""Two distributions over each other in a large drawing: with axes, or as bars with their shares."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.axis_ticks import number_ticks, time_ticks
from nbship.display.drift_shape import Steps, coordinate, drawable, stairs, steps
from nbship.display.drift_values import percent, short, title_name
from nbship.model.profile import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.drift import ColumnDrift, Distribution

__all__ = ["plot"]

_WIDTH, _HEIGHT = 520.0, 190.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 42.0, 10.0, 8.0, 34.0
_TICKS_X, _TICKS_Y = 6, 4
_LABEL_EDGE = 26.0  # closer to the frame, a centred label would be cut
_BAR_LINE, _BAR_LEFT, _BAR_WIDTH = 20, 150, 230
_BAR_VALUES = 120
_MOST_BARS = 14
_LABEL_WIDTH = 22


def plot(column: ColumnDrift) -> str:
    """Return a large drawing with axes, or bars with their shares for levels; empty where there is nothing to draw."""
    drawn = column.distribution
    if drawn is None or not drawable(drawn):
        return ""
    return _level_plot(column, drawn) if drawn.levels else _step_plot(column, drawn)


def _step_plot(column: ColumnDrift, drawn: Distribution) -> str:
    shape = _rounded(drawn)
    low, high = shape.edges[0], shape.edges[-1]
    top = max(*shape.reference, *shape.current, 0.0) or 1.0
    right, base = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def x(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(_LEFT + (right - _LEFT) * share, 1)

    def y(height: float) -> float:
        return round(base - (base - _TOP) * height / top, 1)

    xs = [x(edge) for edge in shape.edges] if high > low else [_LEFT, right]
    lines = [stairs(xs, [y(h) for h in heights], base) for heights in (shape.current, shape.reference)]
    parts = _grid(shape, top, y, right) + _axis(column, low, high, x, base)
    parts += [f"<path class=c d='{lines[0]}z'/><path class=r d='{lines[1]}'/>"]
    parts += _medians(column, low, high, x, base)
    return _svg(_label(column), _WIDTH, _HEIGHT, "".join(parts))


def _rounded(drawn: Distribution) -> Steps:
    """Return the steps of a large drawing; a single value stands in the middle of its own bin."""
    shape = steps(drawn, 80)
    if shape.edges[-1] > shape.edges[0]:
        return shape
    return Steps(shape.edges[:1] * 2, (sum(shape.reference),), (sum(shape.current),))


def _grid(shape: Steps, top: float, y: Callable[[float], float], right: float) -> list[str]:
    parts = []
    for value, _ in number_ticks(0.0, top, _TICKS_Y):
        at = coordinate(y(value))
        if value > 0:
            parts.append(f"<path class=g d='M{coordinate(_LEFT)} {at}H{coordinate(right)}'/>")
        if shape.shares:
            parts.append(
                f"<text class=e x={coordinate(_LEFT - 6)} y={at} dy=.32em>{100 * value:.3g} %</text>"
            )
    if not shape.shares:
        middle = coordinate((_TOP + _HEIGHT - _BOTTOM) / 2)
        parts.append(f"<text transform='translate(16 {middle}) rotate(-90)'>density</text>")
    return parts


def _axis(
    column: ColumnDrift, low: float, high: float, x: Callable[[float], float], base: float
) -> list[str]:
    time = column.kind is ColumnKind.DATETIME
    ticks = (time_ticks if time else number_ticks)(low, high, _TICKS_X)
    if not high > low:
        ticks = number_ticks(low - 0.5, low + 0.5, 1) if time else [(low, f"{low:.6g}".replace("-", "−"))]
    right = _WIDTH - _RIGHT
    parts = [f"<path class=a d='M{coordinate(_LEFT)} {coordinate(base)}H{coordinate(right)}'/>"]
    for value, text in ticks:
        at = x(value)
        anchor = " class=e" if at > _WIDTH - _LABEL_EDGE else ""
        parts.append(
            f"<path class=a d='M{coordinate(at)} {coordinate(base)}v4'/>"
            f"<text{anchor} x={coordinate(right if anchor else at)} y={coordinate(base + 17)}>{escape(text)}</text>"
        )
    return parts


def _medians(
    column: ColumnDrift, low: float, high: float, x: Callable[[float], float], base: float
) -> list[str]:
    """Mark both medians below the axis: a hollow and a filled triangle."""
    parts = []
    for side, css in ((column.reference, "r"), (column.current, "c")):
        median = side.quantiles[len(side.quantiles) // 2] if side is not None and side.quantiles else None
        if isinstance(median, int | float) and low <= median <= high:
            at, y = coordinate(x(median)), coordinate(base + 21)
            parts.append(f"<path class='m {css}' d='M{at} {y}l5 9h-10z'/>")
    return parts


def _level_plot(column: ColumnDrift, drawn: Distribution) -> str:
    rows = _level_rows(drawn)
    # All other levels together may be many times a named one: then they are told in numbers, without a bar.
    named = rows[:-1] if len(rows) > 1 and _has_rest(drawn) else rows
    top = max(max(reference, current) for _, reference, current in named) or 1.0
    parts = []
    for at, (name, reference, current) in enumerate(rows):
        y = at * _BAR_LINE + 2
        shares = (reference, current) if max(reference, current) <= top else (0.0, 0.0)
        wide = [round(_BAR_WIDTH * share / top) for share in shares]
        parts.append(
            f"<text class=e x={_BAR_LEFT - 8} y={y + 8} dy=.32em>{escape(name)}</text>"
            f"<rect class=c x={_BAR_LEFT} y={y + 2} width={wide[1]} height=12 />"
            f"<path class=r d='M{_BAR_LEFT} {y}h{wide[0]}v16H{_BAR_LEFT}'/>"
            f"<text class=n x={_BAR_LEFT + max(wide) + 8} y={y + 8} dy=.32em>"
            f"{escape(percent(reference))} → {escape(percent(current))}</text>"
        )
    height = len(rows) * _BAR_LINE + 2
    parts.append(f"<path class=a d='M{_BAR_LEFT} 0V{height}'/>")
    return _svg(_label(column), _BAR_LEFT + _BAR_WIDTH + _BAR_VALUES, height, "".join(parts))


def _has_rest(drawn: Distribution) -> bool:
    return drawn.has_other or len(drawn.levels) > _MOST_BARS


def _level_rows(drawn: Distribution) -> list[tuple[str, float, float]]:
    rows = list(zip(drawn.levels, drawn.reference, drawn.current, strict=False))
    kept = rows[:_MOST_BARS] if len(rows) > _MOST_BARS else rows
    rest = rows[len(kept) :]
    shown = [(short(name, _LABEL_WIDTH), reference, current) for name, reference, current in kept]
    if rest:
        word = f"{len(rest):,} more levels" if not drawn.has_other else "all others"
        shown.append((word, sum(row[1] for row in rest), sum(row[2] for row in rest)))
    return shown


def _label(column: ColumnDrift) -> str:
    return f"Distribution of {title_name(column.name)}, reference and current"


def _svg(label: str, width: float, height: float, body: str) -> str:
    box = f"viewBox='0 0 {coordinate(width)} {coordinate(height)}'"
    size = f"width={coordinate(width)} height={coordinate(height)}"
    return f"<svg class=nd-p role=img aria-label='{escape(label)}' {box} {size}>{body}</svg>"

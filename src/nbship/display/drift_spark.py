"""Two distributions over each other in a small drawing, the current one filled and the reference as a line; and trends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.display.drift_shape import Steps, coordinate, drawable, stairs, steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.drift import Distribution

__all__ = ["LEGEND", "spark", "trend"]

_SPARK_WIDTH, _SPARK_HEIGHT = 240, 60
"""In the units of the drawing, of which two are a pixel: whole numbers are short and fine enough."""
_SPARK_LEVELS = 16
_GAP = 4
LEGEND = (
    "<span class=nd-lg><svg viewBox='0 0 24 12' aria-hidden=true><path d='M1 11V6h7V2h8v4h7v5'/></svg>reference</span>"
    "<span class=nd-lg><svg viewBox='0 0 24 12' aria-hidden=true><path class=c d='M1 12V6h7V2h8v4h7v6z'/></svg>current</span>"
)
"""What line and fill mean."""


def spark(drawn: Distribution | None, most: int = 30) -> str:
    """Return a small drawing without axes; empty where there is nothing to draw.

    It is hidden from screen readers: the words beside it say more.
    """
    if drawn is None or not drawable(drawn):
        return ""
    if drawn.levels:
        # All other levels together would dwarf those that have a name.
        shown = min(len(drawn.levels) - (drawn.has_other and len(drawn.levels) > 1), _SPARK_LEVELS)
        paths = _bars(drawn.reference[:shown], drawn.current[:shown])
    else:
        shape = steps(drawn, most)
        low, span = shape.edges[0], shape.edges[-1] - shape.edges[0]
        even = [_SPARK_WIDTH * i / len(shape.reference) for i in range(len(shape.edges))]
        xs = [_SPARK_WIDTH * (edge - low) / span for edge in shape.edges] if span > 0 else even
        paths = _outlines(xs, shape)
    line = f"<path d='{paths[0]}'/>" if any(drawn.reference) else ""
    body = f"<path class=c d='{paths[1]}'/>{line}"
    return f"<svg class=nd-s viewBox='-2 -2 {_SPARK_WIDTH + 4} {_SPARK_HEIGHT + 3}' aria-hidden=true>{body}</svg>"


def _outlines(xs: list[float], shape: Steps) -> tuple[str, str]:
    top = max(*shape.reference, *shape.current, 0.0) or 1.0
    scaled = [
        [round(_SPARK_HEIGHT * (1 - height / top)) for height in heights]
        for heights in (shape.reference, shape.current)
    ]
    whole = [round(x) for x in xs]
    return stairs(whole, scaled[0], _SPARK_HEIGHT), stairs(whole, scaled[1], _SPARK_HEIGHT) + "z"


def _bars(reference: Sequence[float], current: Sequence[float]) -> tuple[str, str]:
    top = max(*reference, *current, 0.0) or 1.0
    pitch = min(_SPARK_WIDTH / len(reference), _SPARK_WIDTH / 5)
    width = round(pitch - _GAP)

    def drawn(shares: Sequence[float], end: str) -> str:
        heights = [round(_SPARK_HEIGHT * share / top) for share in shares]
        parts = (
            f"M{round(at * pitch)} {_SPARK_HEIGHT}v{-height}h{width}v{height}{end}"
            for at, height in enumerate(heights)
            if height
        )
        return "".join(parts)

    return drawn(reference, ""), drawn(current, "z")


def trend(values: Sequence[float | None], width: int = 96, height: int = 18) -> str:
    """Return a small line of values in their order, broken where one is undefined."""
    known = [value for value in values if value is not None]
    if len(known) < 2:  # noqa: PLR2004 - one point is no line
        return ""
    low, span = min(known), max(known) - min(known)
    pitch = width / max(len(values) - 1, 1)
    parts, before = [], False
    for at, value in enumerate(values):
        if value is None:
            before = False
            continue
        y = height / 2 if span == 0 else height * (1 - (value - low) / span)
        parts.append(f"{'L' if before else 'M'}{coordinate(at * pitch)} {coordinate(y)}")
        before = True
    return (
        f"<svg class=nd-t viewBox='-2 -2 {width + 4} {height + 4}' width={width + 4} height={height + 4}"
        f" aria-hidden=true><path d='{''.join(parts)}'/></svg>"
    )

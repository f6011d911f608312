"""Two distributions of a column as one small drawing: the first run as an outline, the second one filled."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from nbship.display.plain_line import clip

if TYPE_CHECKING:
    from nbship.model.drift import Distribution

__all__ = ["SPARK_STYLE", "spark"]

_WIDTH, _HEIGHT, _TOP = 132.0, 28.0, 2.0

SPARK_STYLE = """
.nbship .nbship-spark{display:block}
.nbship .nbship-spark .nbship-b{fill:var(--jp-brand-color1,#1976d2)}
.nbship .nbship-spark .nbship-a{stroke:var(--jp-ui-font-color1,#616161)}
.nbship .nbship-spark .nbship-base{stroke:var(--jp-border-color1,#bdbdbd)}
"""


def spark(distribution: Distribution, name: str) -> str:
    """Return the drawing as SVG; `name` is that of the column. Nothing where there is nothing to draw."""
    lefts = _places(distribution)
    left = _heights(distribution.reference, lefts, distribution)
    right = _heights(distribution.current, lefts, distribution)
    tallest = max((*left, *right), default=0.0)
    if not tallest or len(left) != len(right):
        return ""
    label = escape(f"Distribution of {clip(name[:400], 100)}: A as outline, B filled")
    size = f'width="{_WIDTH:.0f}" height="{_HEIGHT:.0f}" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}"'
    filled, outline = (_steps(heights, lefts, tallest) for heights in (right, left))
    return (
        f'<svg class="nbship-spark" role="img" aria-label="{label}" {size}><title>{label}</title>'
        f'<path class="nbship-b" d="{filled}z" fill="#1976d2" fill-opacity="0.45"/>'
        f'<path class="nbship-a" d="{outline}" fill="none" stroke="#757575" stroke-width="1.3"/>'
        f'<path class="nbship-base" d="M0 {_HEIGHT - 0.5}H{_WIDTH}" stroke="#bdbdbd"/></svg>'
    )


def _places(distribution: Distribution) -> list[float]:
    """Return where the bins begin, and where the last one ends, in pixels."""
    bins = len(distribution.reference)
    edges = distribution.edges
    if len(edges) != bins + 1 or edges[-1] <= edges[0]:
        return [_WIDTH * at / max(bins, 1) for at in range(bins + 1)]
    span = edges[-1] - edges[0]
    return [_WIDTH * (edge - edges[0]) / span for edge in edges]


def _heights(shares: tuple[float, ...], places: list[float], distribution: Distribution) -> list[float]:
    """Return shares of levels as they are, and those of bins by their width."""
    if not distribution.edges or len(places) != len(shares) + 1:
        return list(shares)
    narrowest = _WIDTH / 200  # bins that would be narrower than a pixel do not tower over all others
    widths = [max(b - a, narrowest) for a, b in pairwise(places)]
    return [share / width for share, width in zip(shares, widths, strict=True)]


def _steps(heights: list[float], places: list[float], tallest: float) -> str:
    parts = [f"M{places[0]:.0f} {_HEIGHT:.0f}"]
    room = _HEIGHT - _TOP
    for height, end in zip(heights, places[1:], strict=True):
        parts.append(f"V{_HEIGHT - room * height / tallest:.1f}H{end:.1f}")
    return "".join([*parts, f"V{_HEIGHT:.0f}"])

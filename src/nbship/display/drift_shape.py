"""What is drawn of a distribution: steps of some height, as paths of SVG."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.drift import Distribution

__all__ = ["Steps", "coordinate", "drawable", "stairs", "steps"]


@dataclass(frozen=True, slots=True)
class Steps:
    """A distribution as steps of some height.

    Attributes
    ----------
    edges
        One more than there are steps, ascending.
    reference, current
        Heights: shares where all steps are equally wide, else shares by width.
    shares
        Whether the heights are shares.
    """

    edges: tuple[float, ...]
    reference: tuple[float, ...]
    current: tuple[float, ...]
    shares: bool = True


def drawable(drawn: Distribution) -> bool:
    """Return whether there are as many edges or levels as shares; a report read from a file may hold anything."""
    bins = len(drawn.reference)
    return 0 < bins == len(drawn.current) == (len(drawn.levels) or len(drawn.edges) - 1)


def steps(drawn: Distribution, most: int = 200) -> Steps:
    """Return an ordered distribution as at most `most` steps, neighbours added up where there are more."""
    joined = -(-len(drawn.reference) // most)
    edges = [*drawn.edges[:-1:joined], *drawn.edges[-1:]]
    reference, current = _joined(drawn.reference, joined), _joined(drawn.current, joined)
    widths = [b - a for a, b in pairwise(edges)]
    even = all(abs(width - widths[0]) <= abs(widths[0]) / 100 for width in widths) or min(widths) <= 0
    if not even:
        total = edges[-1] - edges[0]
        reference = [share * total / width for share, width in zip(reference, widths, strict=True)]
        current = [share * total / width for share, width in zip(current, widths, strict=True)]
    return Steps(tuple(edges), tuple(reference), tuple(current), even)


def _joined(shares: Sequence[float], joined: int) -> list[float]:
    return [sum(shares[at : at + joined]) for at in range(0, len(shares), joined)]


def stairs(xs: Sequence[float], ys: Sequence[float], base: float) -> str:
    """Return a path from the base line over all steps and back to it, in relative moves: they are short."""
    parts, height, run = [f"M{coordinate(xs[0])} {coordinate(base)}"], base, 0.0
    for at, y in enumerate(ys):
        if y != height:
            parts += [f"h{coordinate(run)}"] if run else []
            parts.append(f"v{coordinate(y - height)}")
            height, run = y, 0.0
        run += xs[at + 1] - xs[at]
    parts += [f"h{coordinate(run)}", f"v{coordinate(base - height)}" if height != base else ""]
    return "".join(parts)


def coordinate(value: float) -> str:
    """Return a coordinate with at most one decimal: a tenth of a pixel is fine enough."""
    return f"{value:.1f}".removesuffix(".0")

"""Where the boxes of a graph stand and how its edges run, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from nbship.display.graph_layers import Layers, layered

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COLUMN_GAP", "GraphLayout", "laid_out"]

COLUMN_GAP = 48.0
"""Between two layers, in pixels."""

_MARGIN = 4.0
_ROW_GAP = 14.0
_PASSAGE_GAP = 12.0
_SWEEPS = 40
_STRAIGHT = 6.0
"""How much more a passage keeps to its neighbours than a step does, so that long edges run straight."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class GraphLayout:
    """A drawn graph, without what stands in the boxes.

    Attributes
    ----------
    boxes
        For each step left, top, width and height.
    edges
        For each edge its steps and the points that it runs through: out of a box, along the passages (two points
        each), into the other box. Between the first and the second, the third and the fourth … it bends.
    """

    width: float
    height: float
    boxes: tuple[tuple[float, float, float, float], ...]
    edges: tuple[tuple[int, int, tuple[Point, ...]], ...]


@lru_cache(maxsize=32)
def laid_out(widths: tuple[float, ...], edges: tuple[tuple[int, int], ...], box_height: float) -> GraphLayout:
    """Lay a graph out from left to right; kept, because a pipeline that runs is drawn again and again.

    Parameters
    ----------
    widths
        The width that each step's box wants; the boxes of a layer all get the widest.
    edges
        Pairs of steps from the lower number to the higher; others are left out.
    """
    forward = [(a, b) for a, b in dict.fromkeys(edges) if 0 <= a < b < len(widths)]
    layers = layered(len(widths), forward)
    middles = _middles(layers, box_height)
    columns = _columns(layers, widths)
    left_of = {vertex: columns[index] for index, layer in enumerate(layers.order) for vertex in layer}
    boxes = tuple(
        (left_of[step][0], middles[step] - box_height / 2, left_of[step][1], box_height)
        for step in range(len(widths))
    )
    drawn = tuple((a, b, _points(layers.routes[a, b], left_of, middles)) for a, b in sorted(forward))
    right = max((left + width for left, width in columns), default=0.0)
    bottom = max((middles[v] + _half(layers, v, box_height) for v in middles), default=0.0)
    return GraphLayout(right + _MARGIN, bottom + _MARGIN, boxes, drawn)


def _columns(layers: Layers, widths: Sequence[float]) -> list[tuple[float, float]]:
    """Return left and width of each layer."""
    columns, left = [], _MARGIN
    for layer in layers.order:
        width = max(widths[vertex] for vertex in layer if vertex < layers.steps)
        columns.append((left, width))
        left += width + COLUMN_GAP
    return columns


def _points(
    route: list[int], columns: dict[int, tuple[float, float]], middles: dict[int, float]
) -> tuple[Point, ...]:
    points = []
    for index, vertex in enumerate(route):
        left, width = columns[vertex]
        if index:
            points.append((left, middles[vertex]))
        if index < len(route) - 1:
            points.append((left + width, middles[vertex]))
    return tuple(points)


def _half(layers: Layers, vertex: int, box_height: float) -> float:
    return box_height / 2 if vertex < layers.steps else 0.0


def _middles(layers: Layers, box_height: float) -> dict[int, float]:
    """Return the height of each vertex: near its neighbours, and clear of those above and below it."""
    gaps = {index: _gaps(layers, layer, box_height) for index, layer in enumerate(layers.order)}
    middles: dict[int, float] = {}
    for index, layer in enumerate(layers.order):
        middles |= dict(zip(layer, _spread([0.0] * len(layer), gaps[index], [1.0] * len(layer)), strict=True))
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        both = [layers.left, layers.right]
        sides = both if sweep >= _SWEEPS // 5 else [both[not forth]]
        for index in range(len(layers.order)) if forth else reversed(range(len(layers.order))):
            layer = layers.order[index]
            wanted = [_wanted(vertex, sides, middles) for vertex in layer]
            weights = [1.0 if vertex < layers.steps else _STRAIGHT for vertex in layer]
            middles |= dict(zip(layer, _spread(wanted, gaps[index], weights), strict=True))
    top = min((middles[v] - _half(layers, v, box_height) for v in middles), default=0.0)
    return {vertex: middle - top + _MARGIN for vertex, middle in middles.items()}


def _wanted(vertex: int, sides: list[dict[int, list[int]]], middles: dict[int, float]) -> float:
    near = [middles[other] for side in sides for other in side[vertex]]
    return sum(near) / len(near) if near else middles[vertex]


def _gaps(layers: Layers, layer: list[int], box_height: float) -> list[float]:
    """Return the least distance of each vertex of a layer from the one above it."""
    gaps = []
    for above, below in pairwise(layer):
        passages = (above >= layers.steps) + (below >= layers.steps)
        between = _ROW_GAP if not passages else _PASSAGE_GAP
        gaps.append(_half(layers, above, box_height) + _half(layers, below, box_height) + between)
    return gaps


def _spread(wanted: list[float], gaps: list[float], weights: list[float]) -> list[float]:
    """Return the places nearest to the wanted ones, in weighted squares, that keep their order and the gaps.

    Without the gaps that is isotonic regression, which pooling adjacent violators solves exactly.
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[tuple[float, float, int]] = []
    for place, offset, heavy in zip(wanted, offsets, weights, strict=False):
        total, weight, count = (place - offset) * heavy, heavy, 1
        while pools and pools[-1][0] / pools[-1][1] > total / weight:
            above = pools.pop()
            total, weight, count = total + above[0], weight + above[1], count + above[2]
        pools.append((total, weight, count))
    shifts = [total / weight for total, weight, count in pools for _ in range(count)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=False)]

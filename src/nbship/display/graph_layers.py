"""Steps in layers from left to right, so that every edge points to the right and few of them cross.

The method is that of Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures",
IEEE Transactions on Systems, Man, and Cybernetics 11 (1981): longest-path layers, a passage in every layer that a long
edge runs through, and sweeps that order each layer by the barycentres of its neighbours.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field
from itertools import pairwise

__all__ = ["Layers", "layered"]

_SWEEPS = 16


@dataclass(slots=True)
class Layers:
    """A layered graph.

    Attributes
    ----------
    order
        The vertices of each layer, from top to bottom. Below `steps` a vertex is a step, from there on a passage.
    routes
        For each edge the vertices that it runs through, its ends included: one in every layer on the way.
    """

    steps: int
    order: list[list[int]] = field(default_factory=list)
    routes: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    left: dict[int, list[int]] = field(default_factory=dict)
    right: dict[int, list[int]] = field(default_factory=dict)

    def crossings(self) -> int:
        """Return how many pairs of links cross."""
        return sum(self._crossings(before, after) for before, after in pairwise(self.order))

    def _crossings(self, before: list[int], after: list[int]) -> int:
        place = {vertex: index for index, vertex in enumerate(after)}
        seen: list[int] = []
        found = 0
        for vertex in before:
            ends = sorted(place[other] for other in self.right[vertex])
            found += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
        return found


def layered(count: int, edges: list[tuple[int, int]]) -> Layers:
    """Put `count` steps into ordered layers.

    Parameters
    ----------
    count
        The steps are the numbers below it.
    edges
        Pairs of steps, each once, from the lower number to the higher.
    """
    layers = Layers(count)
    depth = _depths(count, edges)
    layers.order = [[] for _ in range(max(depth, default=-1) + 1)]
    for step in range(count):
        _place(layers, step, depth[step])
    for edge in edges:
        _route(layers, edge, depth)
    _untangle(layers)
    return layers


def _depths(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """Longest path from a start; what nothing leads to stands just before its first user."""
    depth = [0] * count
    for before, after in sorted(edges, key=lambda edge: edge[1]):
        depth[after] = max(depth[after], depth[before] + 1)
    ends = {after for _, after in edges}
    for step in set(range(count)) - ends:
        depth[step] = min((depth[after] - 1 for before, after in edges if before == step), default=0)
    return depth


def _place(layers: Layers, vertex: int, layer: int) -> None:
    layers.order[layer].append(vertex)
    layers.left[vertex], layers.right[vertex] = [], []


def _route(layers: Layers, edge: tuple[int, int], depth: list[int]) -> None:
    before, after = edge
    route = [before]
    for layer in range(depth[before] + 1, depth[after]):
        passage = len(layers.left)
        _place(layers, passage, layer)
        route.append(passage)
    route.append(after)
    layers.routes[edge] = route
    for left, right in pairwise(route):
        layers.right[left].append(right)
        layers.left[right].append(left)


def _untangle(layers: Layers) -> None:
    """Sweep to the right and back, and keep the best order that was seen."""
    best, fewest = [list(layer) for layer in layers.order], layers.crossings()
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        forth = sweep % 2 == 0
        indices = range(1, len(layers.order)) if forth else range(len(layers.order) - 2, -1, -1)
        for index in indices:
            fixed = layers.order[index - 1 if forth else index + 1]
            _sort(layers.order[index], fixed, layers.left if forth else layers.right)
        crossings = layers.crossings()
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers.order], crossings
    layers.order = best


def _sort(layer: list[int], fixed: list[int], neighbours: dict[int, list[int]]) -> None:
    place = {vertex: index for index, vertex in enumerate(fixed)}
    stand = {vertex: float(index) for index, vertex in enumerate(layer)}
    for vertex in layer:
        near = neighbours[vertex]
        if near:
            stand[vertex] = sum(place[other] for other in near) / len(near)
    layer.sort(key=lambda vertex: stand[vertex])

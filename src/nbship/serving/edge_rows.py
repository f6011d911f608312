"""Rows on which two ways of asking a model are compared.

Public: `Trials`, `table_trials`, `tensor_trials`.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from nbship.serving.edge_values import ColumnValues, column_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.bundle import InputColumn, InputTensor
    from nbship.model.profile import Profile

__all__ = ["Rows", "Trials", "table_trials", "tensor_trials"]

Rows = list[Any]
"""Rows as the parser gives them."""

_MIXED = 1200
_MOST_EDGES = 120
_SEED = 20240229
"""Any fixed number: the rows of a model are the same wherever it is packaged."""


@dataclass(frozen=True, slots=True)
class Trials:
    """Rows to try.

    Attributes
    ----------
    example
        The recorded example.
    edges
        Rows with one value that a model might refuse.
    mixed
        Rows of usual values, and of those edge values that were not refused.
    """

    example: Rows
    edges: Rows
    mixed: Rows

    @property
    def blocks(self) -> list[Rows]:
        """What is asked together: many rows, a few, and single ones, since sums may run differently in each."""
        few = [
            self.mixed[start : start + size] for start, size in ((0, 2), (2, 3), (5, 7), (12, 16), (28, 32))
        ]
        singles = [[row] for row in [*self.example[:4], *self.mixed[60:80]]]
        return [block for block in (self.example, self.edges, self.mixed, *few, *singles) if block]


def table_trials(
    columns: Sequence[InputColumn], example: Rows, profile: Profile | None, refused: set[int] | None = None
) -> Trials:
    """Return rows for a signature of columns.

    Parameters
    ----------
    refused
        Places in `edges` of an earlier call whose rows the model refused: their values are left out of `mixed`.
    """
    random = Random(_SEED)  # noqa: S311 - nothing secret
    pools = [
        column_values(
            column, [row[at] for row in example], profile.column(column.name) if profile else None, random
        )
        for at, column in enumerate(columns)
    ]
    places = _edge_places(pools)
    edges = [_with_edge(pools, at, value, random) for at, value in places]
    kept = [place for number, place in enumerate(places) if number not in (refused or set())]
    wide = [
        [*pool.usual, *(value for at, value in kept if at == number)] for number, pool in enumerate(pools)
    ]
    mixed = [_mixed_row(number, pools, wide, random) for number in range(_MIXED)]
    return Trials(example, edges, mixed)


def _edge_places(pools: list[ColumnValues]) -> list[tuple[int, Any]]:
    """Return column and value of every edge, evenly thinned where they are many."""
    places = [(at, value) for at, pool in enumerate(pools) for value in pool.edges]
    step = max(1, -(-len(places) // _MOST_EDGES))
    return places[::step]


def _with_edge(pools: list[ColumnValues], at: int, value: Any, random: Random) -> list[Any]:
    row = [random.choice(pool.usual) for pool in pools]
    row[at] = value
    return row


def _mixed_row(number: int, pools: list[ColumnValues], wide: list[list[Any]], random: Random) -> list[Any]:
    if number % 2:
        return [random.choice(pool.usual) for pool in pools]
    return [
        random.choice(values if random.random() < _EDGE_SHARE else pool.usual)
        for pool, values in zip(pools, wide, strict=True)
    ]


_EDGE_SHARE = 0.3


def tensor_trials(tensor: InputTensor, example: Rows) -> Trials:
    """Return rows for a tensor signature: noise of its shape, and scaled and shuffled examples."""
    source = np.random.default_rng(_SEED)
    shape = np.shape(example[0]) if example else tuple(max(size, 1) for size in tensor.shape[1:])
    dtype = np.dtype(tensor.dtype)
    noise = source.normal(size=(_MIXED, *shape))
    if example:
        noise = noise * np.std(np.asarray(example, dtype=np.float64)) + np.mean(
            np.asarray(example, dtype=np.float64)
        )
    if dtype.kind == "u":
        noise = np.abs(noise)
    edges = [np.full(shape, value) for value in (0.0, 1.0)] if dtype.kind != "b" else []
    return Trials(example, [row.astype(dtype).tolist() for row in edges], noise.astype(dtype).tolist())

"""The points of a sweep: the whole grid, or some points of it drawn at random."""

from __future__ import annotations

import itertools
import math
import random as random_numbers
import re
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbship.model.parameter import ParameterSchema

    Parse = Callable[[str, str], Any]
    """Parameter name and text to a value of the type that the notebook declares; raises UsageError."""

__all__ = ["grid_points", "schema_parser"]

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"(?P<log>log:)?(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER})\Z")
_DIGITS = 6
"""Significant digits of a drawn number: it is read, typed again and part of a run's name."""

_MOST_TRIES = 100
"""For one more distinct point; a range that is so narrow has no more."""


@dataclass(frozen=True, slots=True)
class _Range:
    """Numbers from `low` to `high`, both included; on a logarithmic scale a decade is as likely as the next."""

    low: float
    high: float
    log: bool
    whole: bool

    def draw(self, source: random_numbers.Random) -> float | int:
        if self.log:
            drawn = math.exp(source.uniform(math.log(self.low), math.log(self.high)))
        elif self.whole:
            return source.randint(int(self.low), int(self.high))
        else:
            drawn = source.uniform(self.low, self.high)
        rounded = float(f"{drawn:.{_DIGITS}g}")
        bounded = min(max(rounded, self.low), self.high)
        return round(bounded) if self.whole else bounded

    @property
    def size(self) -> float:
        return self.high - self.low + 1 if self.whole else math.inf


def grid_points(
    grid: Mapping[str, Sequence[Any] | str],
    random: int | None = None,
    seed: int | None = None,
    parse: Parse | None = None,
) -> tuple[dict[str, Any], ...]:
    """Return the points of a sweep.

    Parameters
    ----------
    grid
        Parameter name to its values; texts among them are parsed. With `random` also a range as text: ``0.5..0.9``,
        ``log:1e-4..1e-1``, or ``2..10`` for whole numbers, alone or as the only item of the values.
    random
        How many distinct points to draw; None takes the whole grid, in the order given, the last name running fastest.
    seed
        Of the draw; the same grid and seed give the same points in every process. None is 0.
    parse
        Gives a text the type that the notebook declares; None leaves texts as they are.

    Returns
    -------
    tuple of dict
        With `random` as many as asked for, or the whole grid in its order where it has no more.

    Raises
    ------
    UsageError
        When the grid is empty, a parameter has no values, a range stands without `random`, is empty, or is
        logarithmic and touches zero, or a text does not fit the parameter.
    """
    if not grid:
        raise UsageError("a sweep needs at least one parameter with its values, e.g. lr=0.1,0.01")
    axes = {name: _axis(name, values, parse) for name, values in grid.items()}
    if random is None:
        return _whole(axes)
    if random < 1:
        raise UsageError(f"cannot draw {random} points; give 1 or more")
    size = math.prod(axis.size if isinstance(axis, _Range) else len(axis) for axis in axes.values())
    if size <= random:
        return _whole({name: _listed(axis) for name, axis in axes.items()})
    source = random_numbers.Random(seed or 0)  # noqa: S311 - nothing secret is drawn
    if size < sys.maxsize and not any(isinstance(axis, _Range) and axis.log for axis in axes.values()):
        return _sampled({name: _listed(axis) for name, axis in axes.items()}, random, source)
    return _drawn(axes, random, source)


def schema_parser(schema: ParameterSchema) -> Parse:
    """Return what reads texts of a grid by the types that a notebook declares."""
    from nbship.pipeline.parameters.values import resolve  # noqa: PLC0415 - grids of plain values need no schema

    given = (replace(parameter, has_default=True) for parameter in schema.parameters)
    lenient = replace(schema, parameters=tuple(given))  # what a grid leaves out is for the whole step to have

    def parse(name: str, text: str) -> Any:
        return resolve(lenient, texts={name: text}).values[name]

    return parse


def _axis(name: str, values: Sequence[Any] | str, parse: Parse | None) -> tuple[Any, ...] | _Range:
    listed = [values] if isinstance(values, str) else list(values)
    if len(listed) == 1 and isinstance(listed[0], str) and (found := _RANGE.match(listed[0])):
        return _range(name, found, parse)
    parsed = (
        parse(name, value) if parse is not None and isinstance(value, str) else value for value in listed
    )
    distinct = {(type(value), str(value)): value for value in parsed}
    if not distinct:
        raise UsageError(f"parameter {name} has no values; give some, e.g. {name}=1,2,3")
    return tuple(distinct.values())


def _range(name: str, found: re.Match[str], parse: Parse | None) -> _Range:
    low, high = (parse(name, found[end]) if parse else _number(found[end]) for end in ("low", "high"))
    if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high)):
        raise UsageError(f"parameter {name} is no number, so {found[0]!r} is no range of it; list its values")
    is_log = found["log"] is not None
    if low > high:
        raise UsageError(f"the range {found[0]!r} of {name} is empty: write the smaller number first")
    if is_log and low <= 0:
        raise UsageError(f"the range {found[0]!r} of {name} is logarithmic, so both ends must be above 0")
    return _Range(low, high, is_log, isinstance(low, int) and isinstance(high, int))


def _number(text: str) -> float | int:
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def _whole(axes: Mapping[str, Sequence[Any] | _Range]) -> tuple[dict[str, Any], ...]:
    for name, axis in axes.items():
        if isinstance(axis, _Range):
            raise UsageError(
                f"{name} is a range, which only a random sweep can draw from: add --random N, or list its values"
            )
    listed = [axis for axis in axes.values() if not isinstance(axis, _Range)]
    return tuple(dict(zip(axes, values, strict=True)) for values in itertools.product(*listed))


def _listed(axis: tuple[Any, ...] | _Range) -> Sequence[Any]:
    return range(int(axis.low), int(axis.high) + 1) if isinstance(axis, _Range) else axis


def _sampled(
    axes: Mapping[str, Sequence[Any]], wanted: int, source: random_numbers.Random
) -> tuple[dict[str, Any], ...]:
    """Draw from a grid of known size without laying it out."""
    points = []
    for place in source.sample(range(math.prod(len(axis) for axis in axes.values())), wanted):
        rest, point = place, {}
        for name, axis in axes.items():
            rest, index = divmod(rest, len(axis))
            point[name] = axis[index]
        points.append(point)
    return tuple(points)


def _drawn(
    axes: Mapping[str, tuple[Any, ...] | _Range], wanted: int, source: random_numbers.Random
) -> tuple[dict[str, Any], ...]:
    points: dict[str, dict[str, Any]] = {}
    tries = 0
    while len(points) < wanted and tries < _MOST_TRIES:
        point = {
            name: axis.draw(source) if isinstance(axis, _Range) else source.choice(axis)
            for name, axis in axes.items()
        }
        is_new = repr(point) not in points
        points.setdefault(repr(point), point)
        tries = 0 if is_new else tries + 1
    return tuple(points.values())

"""Seeds that a cell sets, as it says them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nbship.capture.callsites import called_name
from nbship.capture.syntax import parse_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Seed", "find_seeds"]

_MENTIONS = re.compile(r"seed|random_state|RandomState|default_rng|PRNGKey|Generator", re.IGNORECASE)
_FUNCTIONS = frozenset(
    {
        *(
            "seed",
            "set_seed",
            "manual_seed",
            "manual_seed_all",
            "seed_everything",
            "set_random_seed",
            "seed_all",
        ),
        *("default_rng", "RandomState", "SeedSequence", "PRNGKey", "PCG64", "MT19937", "Philox", "SFC64"),
    }
)
_KEYWORDS = frozenset({"seed", "random_state", "random_seed", "seed_value", "rng"})


@dataclass(frozen=True, slots=True)
class Seed:
    """One call that is given a seed.

    Attributes
    ----------
    call
        What is called, with the keyword where the seed is one: ``np.random.seed``, ``train_test_split(random_state)``.
    value
        The literal or the name that was given, as written.
    line
        Line in the source, from 1.
    """

    call: str
    value: str
    line: int


@lru_cache(maxsize=256)
def find_seeds(source: str) -> tuple[Seed, ...]:
    """Return the calls that set a seed to a literal or to a named value, in order of their lines."""
    if not _MENTIONS.search(source):
        return ()
    calls = [
        node
        for statement in parse_cell(source).body
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
    ]
    found = [seed for call in calls for seed in _seeds_of(call)]
    return tuple(sorted(found, key=lambda seed: seed.line))


def _seeds_of(call: ast.Call) -> Iterator[Seed]:
    # A call at the root of the callee is long and has its own entry: `Model(seed=1).fit` is named by its end.
    name = (
        ast.unparse(call.func)
        if isinstance(call.func, ast.Name) or _is_dotted(call.func)
        else called_name(call)
    )
    if called_name(call) in _FUNCTIONS and call.args and _is_value(call.args[0]):
        yield Seed(name, ast.unparse(call.args[0]), call.lineno)
    for keyword in call.keywords:
        if keyword.arg in _KEYWORDS and _is_value(keyword.value):
            yield Seed(f"{name}({keyword.arg})", ast.unparse(keyword.value), call.lineno)


def _is_dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _is_value(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | str) and not isinstance(node.value, bool)
    return _is_dotted(node)

"""What a user asked of ``%%track``, checked for what can be checked before the cell runs."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.capture.dataflow import CellFlow

__all__ = ["TrackRequest", "check_names", "key_values"]


@dataclass(frozen=True, slots=True)
class TrackRequest:
    """The options of one tracked run; empty tuples and None leave the choice to nbship."""

    name: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    model: str | None = None
    metrics: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    experiment: str | None = None
    snapshot: bool = False


def key_values(option: str, items: list[str]) -> dict[str, str]:
    """Split ``K=V`` items.

    Raises
    ------
    UsageError
        When an item has no ``=``, or nothing before it.
    """
    pairs: dict[str, str] = {}
    for item in items:
        key, separator, value = item.partition("=")
        if not separator or not key.strip():
            raise UsageError(f"{option} takes KEY=VALUE, got {item!r}. Write for example {option} lr=0.1")
        pairs[key.strip()] = value.strip()
    return pairs


def check_names(request: TrackRequest, flow: CellFlow, namespace: Mapping[str, object]) -> None:
    """Refuse names that can never exist, before the cell has run.

    Raises
    ------
    UsageError
        When ``--data`` or ``--model`` names a variable that neither exists nor is assigned by the cell, or
        ``--metric`` one that the cell cannot produce.
    """
    known = flow.writes | namespace.keys()
    wanted = [("--data", name) for name in request.data]
    wanted += [("--model", request.model)] if request.model else []
    if flow.last_expression is None:
        wanted += [("--metric", name) for name in request.metrics if name.split(".")[0] not in known]
    for option, name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, [key for key in known if not key.startswith("_")], 1)
            hint = f" Did you mean {near[0]!r}?" if near else " Write the name of a variable."
            raise UsageError(f"{option} {name}: no variable has this name, and this cell assigns none.{hint}")

"""Which values of a kernel are the parameters, metrics and datasets of a run."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

from nbship.hashing import is_dataset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbship.capture.dataflow import CellFlow
    from nbship.capture.ledger import Ledger

__all__ = ["PARAMETER_TAGS", "find_datasets", "find_metrics", "find_parameters", "scalar"]

PARAMETER_TAGS = frozenset({"parameters", "injected-parameters"})
"""Tags of papermill; every constant of such a cell is a parameter, read or not."""

_MAX_ITEMS = 20
_MAX_KEYS = 50


def find_parameters(
    ledger: Ledger, flow: CellFlow, index: int, reads: frozenset[str], tags: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the constants that the cell at `index` depends on, by name.

    These are the constants that supply a value to the cell or to one of the cells it depends on, every constant of
    such a cell that holds nothing but constants, and every constant of a cell tagged as parameters.
    """
    sliced = ledger.slice(reads, index)
    found: dict[str, Any] = {}
    for position, entry in enumerate(ledger.entries[:index]):
        tagged = bool(PARAMETER_TAGS.intersection(entry.cell.tags))
        used = sliced.bindings.get(position)
        if used is None and not tagged:
            continue
        for name, value in entry.flow.constants.items():
            if (
                tagged
                or name in (used or ())
                or name in entry.flow.loads
                or (entry.flow.only_constants and ledger.writer(name, index) == position)
            ):
                found.pop(name, None)
                found[name] = value
    tagged = bool(PARAMETER_TAGS.intersection(tags))
    # A constant that the cell sets anew counts also where only a function that it calls reads it.
    found.update(
        {
            name: value
            for name, value in flow.constants.items()
            if tagged or name in flow.loads or name in found
        }
    )
    return found


def find_metrics(
    flow: CellFlow, namespace: Mapping[str, Any], last_value: Any, assigned: frozenset[str] | None = None
) -> dict[str, float]:
    """Return the scalar results of a cell: computed values that it assigned, and a scalar last expression.

    Parameters
    ----------
    assigned
        Names that are known to have been assigned, for a cell that failed on its way; None trusts the source.
    """
    found: dict[str, float] = {}
    for name in flow.computed:
        if name in namespace and (assigned is None or name in assigned):
            found.update(_metrics_of(name, namespace[name]))
    if flow.last_expression is not None:
        found.update(_metrics_of(flow.last_expression, last_value, top_level=True))
    return found


def _metrics_of(name: str, value: Any, *, top_level: bool = False) -> Iterator[tuple[str, float]]:
    number = scalar(value)
    if number is not None:
        yield name, number
    elif isinstance(value, dict) and 0 < len(value) <= _MAX_KEYS:
        items = [(str(key), scalar(item)) for key, item in value.items()]
        if all(item is not None for _, item in items):
            for key, item in items:
                assert item is not None
                yield (key if top_level else f"{name}.{key}"), item


def scalar(value: Any) -> float | None:
    """Return a real number as a float, including zero-dimensional arrays and tensors; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Real):
        return _finite_or_special(value)
    try:
        item = _item_of(value)
    except Exception:  # noqa: BLE001 - attributes of a foreign class may raise anything, as those of an AttrDict do
        return None
    return None if item is None else scalar(item)


def _item_of(value: Any) -> Any:
    """Return the one number of a zero-dimensional array or tensor as Python's own; None of anything else."""
    # Asked of the class first: proxies and mocks answer to every name.
    if not hasattr(type(value), "ndim") or not callable(getattr(type(value), "item", None)):
        return None
    numeric = getattr(getattr(value, "dtype", None), "kind", "f") in "iuf"
    return value.item() if value.ndim == 0 and numeric else None


def _finite_or_special(value: Any) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError):
        return None


def find_datasets(names: Iterable[str], namespace: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every dataset that the names hold, directly or as an item of a small list, tuple or dict."""
    for name in sorted(names):
        value = namespace.get(name)
        if value is None or isinstance(value, str | bytes | numbers.Number):
            continue
        if isinstance(value, list | tuple) and len(value) <= _MAX_ITEMS:
            yield from ((f"{name}[{i}]", item) for i, item in enumerate(value) if is_dataset(item))
        elif isinstance(value, dict) and len(value) <= _MAX_ITEMS:
            yield from ((f"{name}[{key!r}]", item) for key, item in value.items() if is_dataset(item))
        elif is_dataset(value):
            yield name, value

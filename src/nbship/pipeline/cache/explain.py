"""Why a step runs, in words: what differs from its last completed execution."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbship.pipeline.cache.entry import CacheEntry, Difference
    from nbship.pipeline.cache.key import KeyParts

__all__ = ["NOTHING_CHANGED", "explain"]

NOTHING_CHANGED = "nothing changed"
NEVER = "never ran before"
NEVER_COMPLETED = "did not complete before"
OUTPUTS_GONE = "outputs are gone from the cache"

_MOST_REASONS = 4
_LONGEST_VALUE = 40


def explain(
    now: KeyParts,
    before: CacheEntry | None,
    differences: Iterable[Difference],
    *,
    failed_before: bool = False,
) -> str:
    """Return why a step is not taken from the cache, the most important reason first.

    Parameters
    ----------
    now
        What the step depends on as it stands.
    before
        Its newest completed execution; None where there is none.
    differences
        What of the things that `before` used is not the same now.
    failed_before
        Whether the step was begun since, and did not complete.

    Examples
    --------
    ``cell 3 changed; parameter max_depth: 4 -> 6; scikit-learn 1.8.0 -> 1.9.1``
    """
    if before is None:
        return NEVER_COMPLETED if failed_before else NEVER
    found = list(dict.fromkeys(_reasons(now, before.parts, list(differences))))
    if not found:
        return NEVER_COMPLETED if failed_before else OUTPUTS_GONE
    more = len(found) - _MOST_REASONS
    return "; ".join([*found[:_MOST_REASONS], *([f"and {more} more"] if more > 0 else [])])


def _reasons(now: KeyParts, before: KeyParts, differences: list[Difference]) -> Iterator[str]:
    yield from _cells(before.cells, now.cells)
    yield from _parameters(before, now)
    yield from _used(differences, "module")
    yield from _used(differences, "file")
    yield from _names("input", before.inputs, now.inputs)
    yield from _secrets(before.secrets, now.secrets)
    yield from _outputs(before.outputs, now.outputs)
    yield from _used(differences, "distribution")
    if now.kernel != before.kernel:
        yield f"kernel {before.kernel} -> {now.kernel}"
    if now.python != before.python:
        yield f"Python {before.python} -> {now.python}"


def _cells(before: tuple[str, ...], now: tuple[str, ...]) -> Iterator[str]:
    """Number code cells from 1, as the notebook's execution counts do when it runs from the top."""
    old = [(number, cell) for number, cell in enumerate(before, 1) if cell]
    new = [(number, cell) for number, cell in enumerate(now, 1) if cell]
    matcher = SequenceMatcher(None, [cell for _, cell in old], [cell for _, cell in new], autojunk=False)
    for _, old_start, old_end, new_start, new_end in (op for op in matcher.get_opcodes() if op[0] != "equal"):
        both = min(old_end - old_start, new_end - new_start)
        yield from (f"cell {number} changed" for number, _ in new[new_start : new_start + both])
        yield from (f"cell {number} is new" for number, _ in new[new_start + both : new_end])
        yield from (f"cell {number} was removed" for number, _ in old[old_start + both : old_end])


def _parameters(before: KeyParts, now: KeyParts) -> Iterator[str]:
    for name in dict.fromkeys([*now.parameters, *before.parameters]):
        old, new = _shown(before.shown.get(name, "")), _shown(now.shown.get(name, ""))
        if name not in before.parameters:
            yield f"parameter {name} is given now: {new}"
        elif name not in now.parameters:
            yield f"parameter {name} is not given any more"
        elif before.parameters[name] != now.parameters[name]:
            yield f"parameter {name}: {old} -> {new}{' of another type' if old == new else ''}"


def _outputs(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() & now.keys()):
        if before[name] != now[name]:
            yield f"output {name}: {before[name]} -> {now[name]}"
    yield from _names("output", dict.fromkeys(before, ""), dict.fromkeys(now, ""))


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _secrets(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys([*now, *before]):
        if before.get(name) != now.get(name):
            yield f"secret {name} changed"


def _names(what: str, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys([*now, *before]):
        if name not in before:
            yield f"{what} {name} is new"
        elif name not in now:
            yield f"{what} {name} was removed"
        elif before[name] != now[name]:
            yield f"{what} {name} changed"


def _used(differences: list[Difference], kind: str) -> Iterator[str]:
    for item in differences:
        if item.kind != kind:
            continue
        if kind == "distribution":
            gone = "was removed" if item.now is None else f"{item.before} -> {item.now}"
            yield f"{item.name} {gone}"
            continue
        name = PurePath(item.name).name if kind == "module" else item.name
        yield f"{name} is gone" if item.now is None else f"{name} changed"

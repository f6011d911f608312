"""Python source in lines: a container on one line where it fits, else one item a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Group", "Source", "laid_out"]

WIDTH = 88
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Group:
    """Items between brackets: `opening` and `closing` may hold a call, e.g. ``frozenset({`` and ``})``.

    `items` are pairs of a prefix (``"key: "`` in a dictionary, else empty) and a source. `lone_comma` says that a single
    item needs a comma after it.
    """

    opening: str
    items: tuple[tuple[str, Source], ...]
    closing: str
    lone_comma: bool = False


Source = str | Group


def laid_out(prefix: str, source: Source, width: int = WIDTH) -> str:
    """Return ``prefix`` and the source after it, in lines of at most `width` characters where that can be done."""
    return "\n".join(_lines(prefix, source, "", "", width))


def _lines(prefix: str, source: Source, suffix: str, indent: str, width: int) -> Iterator[str]:
    flat = f"{indent}{prefix}{_flat(source, width)}{suffix}"
    if isinstance(source, str) or not source.items or len(flat) <= width:
        yield flat
        return
    yield f"{indent}{prefix}{source.opening}"
    for name, item in source.items:
        yield from _lines(name, item, ",", indent + _INDENT, width)
    yield f"{indent}{source.closing}{suffix}"


def _flat(source: Source, width: int) -> str:
    """Return a source on one line; what is clearly longer than a line may be cut short."""
    if isinstance(source, str):
        return source
    if not source.items:
        return f"{source.opening}{source.closing}"
    parts: list[str] = []
    length = 0
    for name, item in source.items:
        parts.append(name + _flat(item, width))
        length += len(parts[-1]) + 2
        if length > width:
            break
    comma = "," if source.lone_comma and len(source.items) == 1 else ""
    return f"{source.opening}{', '.join(parts)}{comma}{source.closing}"

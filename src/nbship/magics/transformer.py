"""``%%track`` as an input transformer: it rewrites the first line, and the rest stays the user's own cell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from IPython.core.inputtransformer2 import cell_magic, leading_indent

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["install", "remove", "rewrite_track", "strip_cell_magics"]

_TRACK = re.compile(r"%%track(?:\s+(?P<arguments>[^\n]*))?\s*$")
_FUTURE = re.compile(r"from\s+__future__\s+import\s+[^;#(\\]+$")
# Cell magics whose body is the notebook's own Python, so that its names flow like those of any cell.
_TRANSPARENT = re.compile(r"%%(track|time|timeit|capture|prun)\b[^\n]*\n?")


def rewrite_track(lines: list[str]) -> list[str]:
    """Turn a first line ``%%track a -p lr=0.1`` into a call that begins the run; line numbers do not change."""
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    match = _TRACK.match(lines[first]) if first is not None else None
    if first is None or match is None or lines[first].rstrip().endswith("?"):
        return lines
    call = f"get_ipython().run_line_magic('_begin_track', {(match['arguments'] or '').strip()!r})\n"
    body = _as_cell(lines[first + 1 :])
    start = next(
        (i for i, line in enumerate(body) if line.strip() and not line.lstrip().startswith("#")), None
    )
    if start is not None and _FUTURE.match(body[start].rstrip("\n")):
        # Python wants such an import before everything else, so it moves up to the line of the call.
        call = f"{body[start].rstrip()}; {call}"
        body = [*body[:start], "\n", *body[start + 1 :]]
    return [*lines[:first], call, *body]


# A terminal asks whether the cell is complete after each line; to it `%%track` is a cell magic that goes on.
rewrite_track.has_side_effects = True  # type: ignore[attr-defined]


def _as_cell(body: list[str]) -> list[str]:
    """Do to the body what IPython does to a cell: take out its indent, let a second cell magic have the rest."""
    start = next((i for i, line in enumerate(body) if line.strip()), None)
    if start is None:
        return body
    dedented: list[str] = leading_indent(body[start:])
    return ["\n"] * start + (cell_magic(dedented) if dedented[0].startswith("%%") else dedented)


def strip_cell_magics(source: str) -> str:
    """Return a cell without the leading magics whose body is plain Python, for the analysis of its names."""
    stripped = source.lstrip()
    while match := _TRANSPARENT.match(stripped):
        stripped = stripped[match.end() :].lstrip("\n")
    return stripped


def install(shell: InteractiveShell) -> None:
    """Put the transformer behind those that strip prompts and indents, and so before IPython's for cell magics."""
    shell.input_transformers_cleanup.append(rewrite_track)


def remove(shell: InteractiveShell) -> None:
    """Take the transformer out again."""
    transforms = shell.input_transformers_cleanup
    transforms[:] = [transform for transform in transforms if transform is not rewrite_track]

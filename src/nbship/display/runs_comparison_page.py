"""Many runs inline and as a page: a table of what varies, parallel coordinates and histories."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.comparison_parts import PARTS_STYLE, notes_html, section
from nbship.display.page import counted, styled, tag
from nbship.display.plain_line import clip
from nbship.display.runs_comparison_drawing import DRAWINGS_STYLE, parallel_drawing
from nbship.display.runs_comparison_histories import history_drawings
from nbship.display.runs_comparison_order import ranked
from nbship.display.runs_comparison_table import TABLE_STYLE, runs_table
from nbship.display.runs_comparison_text import runs_comparison_text
from nbship.display.runs_comparison_view import constant_words, runs_headline
from nbship.display.standalone import standalone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.comparison import RunsComparison

    Axes = tuple[Sequence[str], Sequence[str]]

__all__ = ["runs_comparison_bundle", "runs_comparison_html", "runs_comparison_page"]

_TABLE_BYTES = 120_000
_PARALLEL_BYTES = 24_000
_HISTORY_BYTES = 16_000
_NOTES_BYTES = 6_000
_PAGE_FACTOR = 4  # a page of its own may be larger than an output of a notebook
_TEXT_WIDTH = 110
_TEXT_ROWS = 40

_STYLE = ".nbship .nbship-answer{font-size:14px;margin:0 0 4px;overflow-wrap:anywhere}"
_STYLE += ".nbship .nbship-panels{display:flex;flex-wrap:wrap;gap:6px 18px}"


def runs_comparison_bundle(comparison: RunsComparison, *, drawings: bool = True) -> dict[str, str]:
    """Return many runs as a mimebundle with ``text/plain`` and ``text/html``, for 1,000 runs below 200 kB.

    Without `drawings` the table alone, for where figures follow that have drawings of their own.
    """
    text = runs_comparison_text(comparison, width=_TEXT_WIDTH, most_rows=_TEXT_ROWS)
    return {"text/plain": text, "text/html": runs_comparison_html(comparison, drawings=drawings)}


def runs_comparison_page(comparison: RunsComparison) -> str:
    """Return many runs as a whole document."""
    title = f"{counted(len(comparison.runs), 'run')} · comparison"
    return standalone(title, runs_comparison_html(comparison, scale=_PAGE_FACTOR))


def runs_comparison_html(
    comparison: RunsComparison, *, drawings: bool = True, scale: float = 1.0, axes: Axes | None = None
) -> str:
    """Return many runs as HTML.

    Parameters
    ----------
    drawings
        Whether parallel coordinates and histories are drawn.
    scale
        How large it may be, 1 being about 170 kB.
    axes
        Parameters and metrics for the axes of the parallel coordinates; those that matter most where not given.
    """
    style = f"<style>{PARTS_STYLE}{TABLE_STYLE}{DRAWINGS_STYLE}{_STYLE}</style>"
    parts = [
        style,
        f'<div class="nbship-answer" role="status"><b>{escape(runs_headline(comparison))}</b></div>',
    ]
    parts.append(runs_table(comparison, int(scale * _TABLE_BYTES)))
    parts += [tag("div", note, "dim") for note in (_sorted(comparison), constant_words(comparison)) if note]
    parts += _drawings(comparison, scale, axes) if drawings else []
    parts.append(notes_html(comparison.lacks, int(scale * _NOTES_BYTES)))
    # Formulas between dollar signs are not typeset here: they are somebody's values.
    return styled(f'<div class="mathjax_ignore">{"".join(parts)}</div>')


def _sorted(comparison: RunsComparison) -> str:
    _, metric = ranked(comparison)
    return f"sorted by {clip(metric[:200], 60)}, best first; # is the order asked for" if metric else ""


def _drawings(comparison: RunsComparison, scale: float, axes: Axes | None) -> list[str]:
    params, metrics = axes or (None, None)
    parallel = parallel_drawing(comparison, params, metrics, most_bytes=int(scale * _PARALLEL_BYTES))
    histories = history_drawings(comparison, most_bytes=int(scale * _HISTORY_BYTES))
    parts = [section("parallel coordinates", "one line a run", parallel)] if parallel else []
    return [*parts, section("histories", "", histories)] if histories else parts

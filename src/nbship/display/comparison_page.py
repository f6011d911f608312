"""Two runs inline and as a page, to answer why the score changed."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.comparison_code import CODE_STYLE, code_html
from nbship.display.comparison_data import DATA_STYLE, data_html
from nbship.display.comparison_metrics import delta_text, metric_texts, relative_text, verdict
from nbship.display.comparison_parts import (
    PARTS_STYLE,
    folded_rows,
    name_html,
    notes_html,
    pair_cells,
    section,
)
from nbship.display.comparison_spark import SPARK_STYLE
from nbship.display.comparison_text import comparison_text
from nbship.display.comparison_words import (
    code_words,
    counts_of,
    equal_words,
    headline,
    metrics_by_interest,
)
from nbship.display.page import ID_DIGITS, STATUS_SIGNS, counted, moment, seconds, styled, table, tag
from nbship.display.plain_line import clip
from nbship.display.standalone import standalone

if TYPE_CHECKING:
    from nbship.model.comparison import Comparison, MetricDiff
    from nbship.model.run import Run

__all__ = ["comparison_bundle", "comparison_html", "comparison_page"]

_MOST_BYTES = 150_000
_TEXT_BYTES = 20_000
_TEXT_WIDTH = 110
_EQUAL_WIDTH = 300

_STYLE = """
.nbship .nbship-answer{font-size:14px;margin:0 0 2px;overflow-wrap:anywhere}
.nbship.nbship .nbship-runs td,.nbship.nbship .nbship-runs th{padding-right:18px}
.nbship .nbship-runs,.nbship .nbship-quiet{overflow-x:auto}
.nbship .nbship-quiet{margin-top:8px}
"""


def comparison_bundle(comparison: Comparison) -> dict[str, str]:
    """Return two runs as a mimebundle with ``text/plain`` and ``text/html``, below 200 kB together."""
    text = comparison_text(comparison, width=_TEXT_WIDTH, most_bytes=_TEXT_BYTES)
    return {"text/plain": text, "text/html": comparison_html(comparison)}


def comparison_page(comparison: Comparison) -> str:
    """Return two runs as a whole document."""
    names = f"{clip(comparison.left.name, 50)} → {clip(comparison.right.name, 50)}"
    return standalone(f"{names} · comparison", comparison_html(comparison))


def comparison_html(comparison: Comparison, *, most_bytes: int = _MOST_BYTES) -> str:
    """Return two runs as HTML of at most about `most_bytes`; what does not fit is counted.

    The sections stand in the order of likely cause: code, parameters, data, environment, seeds, git, other facts.
    """
    style = f"<style>{PARTS_STYLE}{CODE_STYLE}{DATA_STYLE}{SPARK_STYLE}{_STYLE}</style>"
    start = [style, _answer(comparison), _runs(comparison), _metrics(comparison, most_bytes // 12)]
    others = [
        _params(comparison, most_bytes // 8),
        _data(comparison, most_bytes // 5),
        _packages(comparison, most_bytes // 12),
        _facts(comparison, most_bytes // 8),
        _quiet(comparison, most_bytes // 24),
    ]
    taken = sum(len(part.encode("utf-8", "surrogatepass")) for part in (*start, *others))
    body = "".join([*start, _code(comparison, max(most_bytes - taken, most_bytes // 4)), *others])
    # Formulas between dollar signs are not typeset here: they are somebody's values and code.
    return styled(f'<div class="mathjax_ignore">{body}</div>')


def _answer(comparison: Comparison) -> str:
    return f'<div class="nbship-answer" role="status"><b>{escape(headline(comparison))}</b></div>'


def _runs(comparison: Comparison) -> str:
    rows = [_run("A", comparison.left), _run("B", comparison.right)]
    return f'<div class="nbship-runs">{table(["", "run", "id", "started", "status", "took"], rows)}</div>'


def _run(side: str, run: Run) -> list[str]:
    status = f"{STATUS_SIGNS[run.status]} {run.status.value}"
    return [
        f"<b>{side}</b>",
        f"<b>{name_html(run.name)}</b>",
        tag("code", run.id[:ID_DIGITS], title=run.id[:64]),
        escape(moment(run.started_ms)),
        tag("span", status, run.status.value),
        escape(seconds(run.duration_seconds)),
    ]


def _metrics(comparison: Comparison, most: int) -> str:
    if not comparison.metrics:
        return ""
    rows = [_metric(metric) for metric in metrics_by_interest(comparison.metrics)]
    head = ["metric", "A", "", "B", "difference", "", ""]
    body = folded_rows(head, rows, most, "metric", frozenset({1, 3, 4, 5}))
    return section("metrics", counted(len(rows), "difference"), body)


def _metric(metric: MetricDiff) -> list[str]:
    left, right = (clip(text, 40) for text in metric_texts(metric))
    said = verdict(metric)
    return [
        name_html(metric.name),
        escape(left),
        '<span class="nbship-dim">→</span>',
        f"<b>{escape(right)}</b>",
        tag("span", delta_text(metric), f"kind {said}".strip()),
        tag("span", relative_text(metric), f"kind {said}".strip()),
        tag("b", said, said) if said else "",
    ]


def _code(comparison: Comparison, most: int) -> str:
    code = comparison.code
    return section("code", code_words(code), code_html(code, most)) if code else ""


def _params(comparison: Comparison, most: int) -> str:
    if not comparison.params:
        return ""
    rows = [pair_cells(one.name, one.left, one.right) for one in comparison.params]
    body = folded_rows(["parameter", "A", "", "B"], rows, most, "parameter")
    return section("parameters", counted(len(rows), "difference"), body)


def _data(comparison: Comparison, most: int) -> str:
    data = comparison.data
    return section("data", counts_of(one.change for one in data), data_html(data, most)) if data else ""


def _packages(comparison: Comparison, most: int) -> str:
    if not comparison.packages:
        return ""
    rows = [pair_cells(one.name, one.left, one.right, "not installed") for one in comparison.packages]
    body = folded_rows(["package", "A", "", "B"], rows, most, "package")
    return section("environment", counted(len(rows), "package"), body)


def _facts(comparison: Comparison, most: int) -> str:
    """The rest in one table, since each is but a line or two."""
    kinds = {"seeds": comparison.seeds, "git": comparison.git, "other": comparison.facts}
    rows = [
        [tag("span", kind, "dim kind"), *pair_cells(one.name, one.left, one.right, "unknown")]
        for kind, facts in kinds.items()
        for one in facts
    ]
    title = ", ".join(kind for kind, facts in kinds.items() if facts)
    body = folded_rows(["", "", "A", "", "B"], rows, most, "fact")
    return section(title, counted(len(rows), "difference"), body) if rows else ""


def _quiet(comparison: Comparison, most: int) -> str:
    equal = equal_words(comparison)
    line = tag("div", clip(equal, _EQUAL_WIDTH), "dim") if equal else ""
    return f'<div class="nbship-quiet">{line}{notes_html(comparison.lacks, most)}</div>'

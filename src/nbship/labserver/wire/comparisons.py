"""Comparisons on the wire: of two runs, or of many."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from nbship.display.comparison_marks import marked
from nbship.display.comparison_metrics import delta_text, metric_texts, relative_text, verdict
from nbship.display.comparison_words import columns_by_weight, headline, metrics_by_interest
from nbship.display.runs_comparison_order import ranked
from nbship.display.runs_comparison_view import runs_columns, runs_headline
from nbship.labserver.wire.runs import RunJson
from nbship.model.codec import encode
from nbship.model.comparison import (
    CellChange,
    ColumnChange,
    Comparison,
    FactDiff,
    MetricSeries,
    PackageDiff,
    ParamDiff,
    RunsComparison,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbship.display.comparison_marks import Piece
    from nbship.model.comparison import CellDiff, DatasetDiff, DiffLine, MetricDiff
    from nbship.service.comparisons import KnownRuns

__all__ = ["ComparisonQuery", "FiguresJson", "KnownRunsJson", "chosen_runs", "known_runs_json"]

_TEXT_WIDTH = 100


class ComparisonQuery(TypedDict):
    """Ids of runs, with commas between them."""

    runs: str


class PieceJson(TypedDict):
    """A part of a line, and whether it is what changed."""

    text: str
    changed: bool


class DiffLineJson(TypedDict):
    """A line of a diff: its sign, its number in either source, and its pieces where only a part of it changed."""

    sign: str
    text: str
    left: int | None
    right: int | None
    pieces: list[PieceJson]


class CellDiffJson(TypedDict):
    """A cell that differs."""

    change: CellChange
    left: int | None
    right: int | None
    lines: list[DiffLineJson]
    cell_id: str | None


class MetricDiffJson(TypedDict):
    """A metric that differs: its numbers, and how the library writes them; `verdict` is better, worse or empty."""

    name: str
    left: float | str | None
    right: float | str | None
    delta: float | None
    relative: float | None
    left_text: str
    right_text: str
    delta_text: str
    relative_text: str
    verdict: str


class DatasetDiffJson(TypedDict):
    """A dataset that differs, the columns first whose values drifted the most."""

    name: str
    change: str
    text: str
    columns: list[ColumnChange]
    left_rows: int | None
    right_rows: int | None


class ComparisonJson(TypedDict):
    """What differs between two runs, as ``nbship compare --json``; `headline` is the answer in one line."""

    headline: str
    runs: list[RunJson]
    differs: bool
    params: list[ParamDiff]
    metrics: list[MetricDiffJson]
    code: list[CellDiffJson]
    data: list[DatasetDiffJson]
    packages: list[PackageDiff]
    git: list[FactDiff]
    seeds: list[FactDiff]
    facts: list[FactDiff]
    equal: dict[str, int]
    lacks: list[str]


class RunsColumnJson(TypedDict):
    """A column of the table of runs: `kind` is metrics, parameters, versions or empty, `best` the index of a run."""

    kind: str
    name: str
    texts: list[str]
    best: int | None
    numeric: bool


class RunsComparisonJson(TypedDict):
    """What varies over many runs, as ``nbship compare --json``, with the columns of its table; `order` has the best first."""

    headline: str
    runs: list[RunJson]
    params: list[str]
    metrics: list[str]
    constant: dict[str, str]
    code: list[int | None]
    data: dict[str, list[int | None]]
    histories: list[MetricSeries]
    lacks: list[str]
    columns: list[RunsColumnJson]
    order: list[int]


class KnownRunsJson(TypedDict):
    """A comparison of two runs or a table of many; the other one is null.

    `missing` are the runs that were asked for and are not in the store; `text` is all of it to be copied.
    """

    pair: ComparisonJson | None
    table: RunsComparisonJson | None
    missing: list[str]
    text: str


class FiguresJson(TypedDict):
    """Charts as mimebundles: plotly, a drawing as HTML, and words."""

    figures: list[dict[str, Any]]


def chosen_runs(query: ComparisonQuery) -> list[str]:
    """Return the runs that a query names, each once."""
    return list(dict.fromkeys(run.strip() for run in query["runs"].split(",") if run.strip()))


def known_runs_json(known: KnownRuns) -> KnownRunsJson:
    """Return a comparison as JSON."""
    found = known.comparison
    return KnownRunsJson(
        pair=_pair(found) if isinstance(found, Comparison) else None,
        table=_table(found) if isinstance(found, RunsComparison) else None,
        missing=list(known.missing),
        text=found.to_text(_TEXT_WIDTH),
    )


def _pair(comparison: Comparison) -> ComparisonJson:
    said: Any = comparison.to_dict()
    said |= {
        "headline": headline(comparison),
        "metrics": [_metric(metric) for metric in metrics_by_interest(comparison.metrics)],
        "code": [_cell(cell) for cell in comparison.code],
        "data": [_dataset(dataset) for dataset in comparison.data],
        "equal": comparison.equal or {},
    }
    return said  # type: ignore[no-any-return]


def _metric(metric: MetricDiff) -> MetricDiffJson:
    left, right = metric_texts(metric)
    return MetricDiffJson(
        name=metric.name,
        left=metric.left,
        right=metric.right,
        delta=metric.delta,
        relative=metric.relative,
        left_text=left,
        right_text=right,
        delta_text=delta_text(metric),
        relative_text=relative_text(metric),
        verdict=verdict(metric),
    )


def _dataset(dataset: DatasetDiff) -> DatasetDiffJson:
    said: Any = encode(dataset)
    return said | {"columns": encode(columns_by_weight(dataset.columns))}  # type: ignore[no-any-return]


def _cell(cell: CellDiff) -> CellDiffJson:
    lines = [
        DiffLineJson(sign=line.sign, text=line.text, left=left, right=right, pieces=_pieces(pieces))
        for (line, left, right), pieces in zip(_numbered(cell.lines), marked(cell.lines), strict=True)
    ]
    return CellDiffJson(
        change=cell.change, left=cell.left, right=cell.right, lines=lines, cell_id=cell.cell_id
    )


_LEFT_OUT = re.compile(r"[\d,]+")


def _numbered(lines: Sequence[DiffLine]) -> Iterator[tuple[DiffLine, int | None, int | None]]:
    """Yield lines with their numbers in the left and the right source, from 1."""
    left = right = 1
    for line in lines:
        in_left, in_right = line.sign in " -", line.sign in " +"
        yield line, left if in_left else None, right if in_right else None
        count = _LEFT_OUT.match(line.text) if line.sign == "@" else None
        step = int(count[0].replace(",", "")) if count else 1
        left += step if in_left or line.sign == "@" else 0
        right += step if in_right or line.sign == "@" else 0


def _pieces(pieces: Sequence[Piece]) -> list[PieceJson]:
    return [PieceJson(text=text, changed=changed) for text, changed in pieces] if len(pieces) > 1 else []


def _table(comparison: RunsComparison) -> RunsComparisonJson:
    said: Any = comparison.to_dict()
    said |= {
        "headline": runs_headline(comparison),
        "constant": comparison.constant or {},
        "data": encode(comparison.data or {}),
        "columns": encode(runs_columns(comparison)),
        "order": ranked(comparison)[0],
    }
    return said  # type: ignore[no-any-return]

"""The data of two runs inline: datasets, and their columns in words with small distributions."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.comparison_parts import change_html, folded_rows, left_out, name_html
from nbship.display.comparison_spark import spark
from nbship.display.comparison_words import (
    CHANGE_SIGNS,
    columns_by_weight,
    counts_of,
    data_words,
    with_arrows,
)
from nbship.display.page import tag
from nbship.display.plain_line import clip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.comparison import ColumnChange, DatasetDiff

__all__ = ["DATA_STYLE", "data_html"]

_TEXT_WIDTH = 160
_DRAWN = 12  # columns of a dataset with a drawing
_LEGEND = "drawings: outline is A, filled is B"

DATA_STYLE = """
.nbship .nbship-set{margin:6px 0}
.nbship.nbship .nbship-set td{vertical-align:middle}
.nbship.nbship .nbship-set td:nth-child(3){min-width:12em;max-width:36em}
"""


def data_html(data: Sequence[DatasetDiff], most: int) -> str:
    """Return the datasets with their columns, of at most about `most` bytes together."""
    parts: list[str] = []
    taken = 0
    for at, dataset in enumerate(data):
        share = (most - taken) // min(len(data) - at, 4)
        part = _dataset(dataset, share)
        taken += len(part.encode("utf-8", "surrogatepass"))
        if taken > most:
            return "".join(parts) + left_out(
                len(data) - at, "dataset", counts_of(one.change for one in data[at:])
            )
        parts.append(part)
    legend = tag("div", _LEGEND, "dim") if any("<svg" in part for part in parts) else ""
    return "".join([*parts, legend])


def _dataset(dataset: DatasetDiff, most: int) -> str:
    sign = f'<span class="nbship-sign">{CHANGE_SIGNS.get(dataset.change, "~")}</span>'
    said = tag("span", clip(data_words(dataset), _TEXT_WIDTH))
    head = f"<div>{sign}<b>{name_html(dataset.name)}</b> {tag('span', dataset.change, 'dim')} {said}</div>"
    if not dataset.columns:
        return f'<div class="nbship-set">{head}</div>'
    rows = [
        _column(column, drawn=at < _DRAWN) for at, column in enumerate(columns_by_weight(dataset.columns))
    ]
    names = ["column", "change", "what", ""]
    if not any(row[3] for row in rows):
        names, rows = names[:3], [row[:3] for row in rows]
    return f'<div class="nbship-set">{head}{folded_rows(names, rows, max(most - 700, 0), "column")}</div>'


def _column(column: ColumnChange, *, drawn: bool) -> list[str]:
    drift = column.drift
    drawing = spark(drift.distribution, column.name) if drawn and drift and drift.distribution else ""
    weight = (
        ' <b title="beyond chance, and large enough to matter">drifted</b>' if drift and drift.drifted else ""
    )
    text = clip(with_arrows(column.text), _TEXT_WIDTH)
    return [
        name_html(column.name),
        change_html(column.change) + weight,
        f"<bdi>{escape(text)}</bdi>",
        drawing,
    ]

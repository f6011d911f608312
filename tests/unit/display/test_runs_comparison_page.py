from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from comparisons import HOSTILE, RIGHT_TO_LEFT, hostile_many, many, run, thousand
from nbship.display.runs_comparison_figures import runs_comparison_figures
from nbship.display.runs_comparison_page import (
    runs_comparison_bundle,
    runs_comparison_html,
    runs_comparison_page,
)
from nbship.display.runs_comparison_text import runs_comparison_text
from nbship.display.runs_comparison_view import part_of, runs_columns, runs_headline, version_letter
from nbship.model.comparison import RunsComparison


class Names(HTMLParser):
    """Lists elements and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}


def html(comparison: RunsComparison) -> str:
    return runs_comparison_bundle(comparison)["text/html"]


def saved(bundle: dict[str, object]) -> int:
    """Bytes in a notebook file, which is indented."""
    return len(json.dumps(bundle, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass"))


def test_the_headline_says_what_varies_and_which_run_is_best():
    comparison = many(24)
    said = runs_headline(comparison)
    assert said.startswith(
        "24 runs. What varies: 6 parameters, 3 metrics, 3 versions of the code, 2 datasets. Best test_auc:"
    )


def test_nothing_varies():
    assert runs_headline(RunsComparison((run(1), run(2)))) == "2 runs, nothing varies."
    assert html(RunsComparison((run(1), run(2))))
    assert html(RunsComparison(()))


def test_the_best_of_each_metric_is_marked_by_a_sign_where_it_is_sure():
    comparison = many(24, metrics=4)
    text = html(comparison)
    assert text.count("<b>★ ") == 3
    assert text.count("<td>▲ ") == text.count("<td>▼ ") == 1  # score_0 is high or low, not good or bad
    assert "★ best, ▲ highest, ▼ lowest" in text


def test_only_what_varies_has_a_column():
    names = [column.name for column in runs_columns(many(24))]
    assert {"code", "data flights", "data weather", "learning_rate"} <= set(names)
    assert "n_estimators" not in names
    assert "the same in all: n_estimators=100  target=late" in html(many(24))
    same = replace(many(24), code=(1,) * 24, data={"flights": (1,) * 24})
    assert not {"code", "data flights"} & {column.name for column in runs_columns(same)}


@pytest.mark.parametrize(
    ("version", "letter"),
    [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (703, "AAA"), (None, "—")],
)
def test_versions_are_letters(version, letter):
    assert version_letter(version) == letter


def test_rows_come_fifty_a_page():
    text = html(many(120, points=0))
    pages = re.findall(r"<tbody>(.*?)</tbody>", text, flags=re.DOTALL)
    assert [page.count("<tr>") for page in pages] == [50, 50, 20]
    assert "70 more runs, 50 a page" in text
    assert "rows 101 to 120" in text


def test_a_thousand_runs_fit_into_300_kilobytes_with_their_figures():
    comparison = thousand()
    bundle = runs_comparison_bundle(comparison)
    assert saved(bundle) <= 200_000
    assert saved(bundle) + sum(saved(figure) for figure in runs_comparison_figures(comparison)) <= 300_000


def test_what_a_thousand_runs_leave_out_is_said():
    text = html(thousand())
    assert re.search(r"\d+ columns left out to keep this small \(", text)
    assert re.search(r"\d+ of 1,000 runs drawn, evenly over their ranks", text)
    assert text.count("<tr><td>") == 1000


def test_where_not_even_the_rows_fit_the_last_ones_are_counted():
    text = runs_comparison_html(thousand(), scale=0.2)
    assert re.search(r"… and \d+ further runs, left out", text)
    assert len(text) < 60_000


def test_a_page_of_its_own_may_be_larger():
    assert len(runs_comparison_page(thousand())) > 1.5 * len(html(thousand()))


def test_the_table_alone_has_no_drawing():
    assert "<svg" not in runs_comparison_bundle(many(24), drawings=False)["text/html"]


@pytest.mark.parametrize(
    "text",
    [HOSTILE, RIGHT_TO_LEFT, "x" * 10_000, "a\nb\x00", "\ud800"],
    ids=["script", "bidi", "long", "control", "surrogate"],
)
def test_hostile_texts_make_no_element_and_no_attribute(text):
    made, ours = (
        Names(runs_comparison_page(hostile_many(text))),
        Names(runs_comparison_page(hostile_many("harmless name"))),
    )
    assert made.elements <= ours.elements | {"title", "b"}
    assert made.attributes <= ours.attributes | {"title"}
    assert "\u202e" not in runs_comparison_page(hostile_many(text))
    assert saved(runs_comparison_bundle(hostile_many(text))) < 60_000


def test_runs_of_plain_mlflow_without_code_data_and_histories_are_shown():
    runs = tuple(run(i, params={"a": str(i)}, metrics={"auc": i / 5}) for i in range(1, 5))
    text = html(RunsComparison(runs, ("a",), ("auc",), lacks=("no run has code",)))
    assert "note: no run has code" in text
    assert "histories" not in text


def test_a_part_keeps_its_letters_and_what_varies_in_it():
    comparison = many(24)
    part = part_of(comparison, [23, 0], metrics=["test_auc"])
    assert [one.id for one in part.runs] == [comparison.runs[23].id, comparison.runs[0].id]
    assert part.code == (3, 1)
    assert part.metrics == ("test_auc",)
    assert {one.metric for one in part.histories} == {"test_auc"}
    assert len(part_of(comparison, [3]).params) == 0


def test_text_has_the_columns_that_fit_and_says_how_many_do_not():
    comparison = many(24)
    narrow, wide = runs_comparison_text(comparison, width=60), runs_comparison_text(comparison, width=200)
    assert "columns left out" in narrow
    assert "columns left out" not in wide
    assert all(len(line) <= 60 for line in narrow.splitlines())
    assert "sorted by test_auc, best first" in wide


def test_text_counts_the_runs_beyond():
    assert "… and 14 more runs: --json has all" in runs_comparison_text(many(24), most_rows=10)


@pytest.mark.parametrize(
    "text", [HOSTILE, RIGHT_TO_LEFT, "漢" * 99, "a\x1b[31m\nb"], ids=["script", "bidi", "wide", "control"]
)
def test_text_obeys_no_control_character(text):
    for line in runs_comparison_text(hostile_many(text), width=70).splitlines():
        assert line.isprintable()

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest

from comparisons import HOSTILE, RIGHT_TO_LEFT, cell, hostile, large, levels, metric, nothing, ordinary, run
from nbship.display.comparison_page import comparison_bundle, comparison_html, comparison_page
from nbship.display.comparison_spark import spark
from nbship.model.comparison import ColumnChange, Comparison, DatasetDiff, PackageDiff
from nbship.model.drift import Distribution

_VOID = {"meta", "img", "br", "path"}


class Elements(HTMLParser):
    """Counts elements and checks that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def html(comparison: Comparison) -> str:
    return comparison_bundle(comparison)["text/html"]


def shown(text: str) -> str:
    """What a reader sees, without tags."""
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", text, flags=re.DOTALL))


def test_sections_stand_in_the_order_of_likely_cause():
    titles = re.findall(r"<summary><b>([^<]+)</b>", html(ordinary()))
    assert titles == ["metrics", "code", "parameters", "data", "environment", "seeds, git, other"]


def test_metrics_are_coloured_only_where_the_name_makes_it_sure_and_always_said():
    text = html(ordinary())
    assert '<span class="nbship-kind nbship-worse">▼ \N{MINUS SIGN}0.0311</span>' in text
    assert '<b class="nbship-worse">worse</b>' in text
    assert '<span class="nbship-kind">▼ \N{MINUS SIGN}1,572</span>' in text


def test_a_diff_has_signs_as_text_and_elements_that_say_what_they_are():
    text = html(ordinary())
    assert (
        "<del>\N{MINUS SIGN} flights[&#x27;late&#x27;] = flights.arr_delay &gt; <b>30</b>\n</del>".replace(
            "&#x27;", "'"
        )
        in text
    )
    assert "<ins>+ flights['late'] = flights.arr_delay &gt; <b>15</b>\n</ins>" in text
    assert "<span>  flights['hour'] = flights.sched_dep_time // 100\n</span>" in text
    assert "⋯ 12 equal lines" in text


def test_moved_cells_are_said_in_words():
    assert "cell 5 → 3 moved, text unchanged: train, test" in shown(html(ordinary()))


def test_long_diffs_are_folded_and_short_ones_open():
    code = (cell("added", None, 1, *["+x"] * 60), cell("changed", 2, 2, "-a", "+b"))
    folded, opened = re.findall(
        r'<details class="nbship-cell"( open)?>', html(replace(ordinary(), code=code))
    )
    assert (folded, opened) == ("", " open")


def test_more_than_twenty_columns_or_packages_are_folded():
    columns = tuple(ColumnChange(f"c{i}", "changed", "mean 1 → 2") for i in range(31))
    packages = tuple(PackageDiff(f"p{i}", "1", "2") for i in range(25))
    text = html(ordinary(data=(DatasetDiff("d", "changed", "", columns),), packages=packages))
    assert '<details class="nbship-fold"><summary class="nbship-dim">11 more columns</summary>' in text
    assert '<details class="nbship-fold"><summary class="nbship-dim">5 more packages</summary>' in text
    assert "c30" in text
    assert "p24" in text


def test_distributions_are_drawn_with_words_for_those_who_do_not_see_them():
    text = html(ordinary())
    assert text.count("<svg") == 2
    assert 'aria-label="Distribution of dep_delay: A as outline, B filled"' in text
    assert "drawings: outline is A, filled is B" in text


@pytest.mark.parametrize(
    "distribution",
    [
        Distribution((), ()),
        Distribution((0.0,), (0.0,), (0.0, 1.0)),
        Distribution((0.5, 0.5), (1.0,), (0.0, 1.0, 2.0)),
    ],
)
def test_where_there_is_nothing_to_draw_there_is_no_drawing(distribution):
    assert spark(distribution, "x") == ""


@pytest.mark.parametrize("edges", [(0.0, 0.0, 1.0), (1.0, 1.0, 1.0), (0.0, 1e-300, 1e300), (), (5.0,)])
def test_odd_edges_draw_without_numbers_that_are_none(edges):
    text = spark(Distribution((0.4, 0.6), (0.9, 0.1), edges), "x")
    assert "nan" not in text
    assert "inf" not in text


def test_equal_things_take_one_line_and_lacks_are_notes():
    text = shown(html(ordinary()))
    assert "equal: 14 parameters, 2 metrics, 12 cells, 3 datasets, 188 packages" in text
    assert "note: forest-winter has no profile of weather" in text


def test_nothing_differs():
    text = html(nothing())
    assert "No differences between the two runs." in text
    assert "<summary>" not in text


def test_runs_that_have_nothing_at_all_are_shown():
    bare = Comparison(run(1, name="", ended_ms=None), run(2, name="\n"), metrics=(metric("m", None, None),))
    assert "(no name)" in html(bare)
    assert comparison_bundle(bare)["text/plain"]


@pytest.mark.parametrize(
    "text", [HOSTILE, RIGHT_TO_LEFT, "x" * 10_000, "</pre></code></style>" * 9, "a\nb\r\tc\x00", "\ud800"]
)
def test_hostile_texts_make_no_element_and_no_attribute(text):
    found = Elements(html(hostile(text)))
    assert not found.open
    ours = Elements(html(hostile("harmless")))
    assert set(found.names) <= set(ours.names) | {"b", "i"}
    assert found.attributes <= ours.attributes | {"title"}
    assert found.names.count("tr") == ours.names.count("tr")


def test_marks_that_turn_the_direction_of_writing_never_reach_the_page():
    assert not set("\u202e\u2066\u2069") & set(comparison_page(hostile(RIGHT_TO_LEFT)))


@pytest.mark.parametrize(
    "comparison", [large(), hostile("<&\"'" * 2500), hostile("漢" * 10_000)], ids=["large", "quotes", "wide"]
)
def test_two_runs_take_less_than_200_kilobytes_of_a_notebook(comparison):
    bundle = comparison_bundle(comparison)
    assert len(json.dumps(bundle, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")) <= 200_000


def test_what_is_left_out_is_said():
    text = shown(html(large()))
    assert re.search(
        r"… and \d+ further cells \(\d+ changed\), left out to keep this small: --json has all", text
    )


def test_many_notes_are_folded():
    text = html(ordinary(lacks=tuple(f"no {i}" for i in range(12))))
    assert '<summary class="nbship-dim">4 more notes</summary>' in text
    assert "note: no 11" in text


def test_a_smaller_size_can_be_asked_for():
    assert len(comparison_html(large(), most_bytes=20_000).encode()) < 30_000


def test_formulas_are_not_typeset():
    assert '<div class="mathjax_ignore">' in html(ordinary())


def test_a_page_is_a_whole_document_with_a_title_of_text():
    page = comparison_page(ordinary(left=run(1, name="<b>a")))
    assert page.startswith("<!doctype html>")
    assert "<title>&lt;b&gt;a → forest-summer · comparison</title>" in page
    assert "http" not in page.replace("http-equiv", "")


def test_levels_are_drawn_side_by_side():
    assert levels("origin").distribution is not None
    assert spark(levels("origin").distribution, "origin").count("<path") == 3

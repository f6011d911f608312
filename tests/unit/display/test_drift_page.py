# ruff: noqa: RUF001 - signs are typeset on purpose
from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

import drift_reports as made
from markup import Markup
from nbship.display.drift_page import drift_bundle, drift_html, drift_page, selfcheck_bundle, selfcheck_page
from nbship.model.drift import DriftState, LevelChange, SelfCheck

CHECK = SelfCheck("winter", 200, 40394, 5, 41, 42, 0.05, {"temp": 2, "dep_delay": 3}, ("a note",))


def test_a_report_has_text_and_html():
    bundle = drift_bundle(made.full())
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"].startswith("▲ 5 of 14 columns drifted")


def test_every_column_has_a_row():
    for report in (made.full(), made.wide(), made.hostile()):
        assert Markup(drift_html(report)).attributes.count(("scope", "row")) >= len(report.columns)


def test_rows_stand_in_the_order_given():
    report = made.full()
    html = drift_html(report)
    at = [html.index(f">{column.name}</b><i>") for column in report.columns]
    assert at == sorted(at)


def test_each_state_is_a_sign_and_a_word():
    words = Markup(drift_html(made.full())).words
    for said in (
        "▲ drifted",
        "△ harmless",
        "✓ stable",
        "○ skipped",
        "− missing",
        "+ new",
        "⇄ type changed",
    ):
        assert said in words


def test_a_row_says_what_moved_with_its_numbers():
    words = Markup(drift_html(made.full())).words
    assert (
        "values moved by 0.42 of their usual spread (mean 12.64 → 15.29), far beyond chance (p < 0.001)"
        in words
    )
    assert "+ 2 new: XJ, ZZ <new>" in words
    assert "▲ 1.2 % → 15 %" in words
    assert "4.2×" in words
    assert "31 %" in words
    assert "XJ (412, 0.47 %)" in words  # behind the row


def test_who_gave_the_importance_is_said_only_where_it_is_known():
    assert (
        "importance from delay-forest (permutation importance on 10,000 rows)"
        in Markup(drift_html(made.full())).words
    )
    assert "importance" not in Markup(drift_html(made.wide(3, 1))).words


def test_the_false_alarm_budget_is_said():
    assert "at most 5 % of such reports call any column drifted" in Markup(drift_html(made.full())).words


def test_many_quiet_columns_are_folded_and_counted():
    html = drift_html(made.wide())
    assert "285 more columns: 285 stable" in html
    assert html.index("sensor_014") < html.index("<details class=nd-g>") < html.index("sensor_016")


def test_two_columns_more_are_not_folded():
    html = drift_html(made.report(tuple(made.numeric(f"c{i}") for i in range(12))))
    assert "class=nd-g>" not in html


def test_rows_are_opened_without_a_script():
    html = drift_html(made.full())
    tags = Markup(html).tags
    assert "script" not in tags
    assert tags["details"] == tags["summary"] == 18 + 1
    assert html.count("tabindex=0") == 3  # what scrolls can be reached: the two tables and the windows


def test_tables_have_captions_and_heads():
    markup = Markup(drift_html(made.full()))
    assert markup.tags["caption"] == 3
    assert ("scope", "col") in markup.attributes
    assert ("role", "heading") in markup.attributes


def test_drift_below_its_threshold_is_not_painted_as_drift():
    html = drift_html(made.full())
    assert (
        html.count("nd-e nd-o1") == 5
    )  # four by their values, and the harmless one; not the one by missing values


@pytest.mark.parametrize("render", [drift_html, drift_page, lambda report: drift_bundle(report)["text/html"]])
def test_hostile_strings_stay_text(render):
    markup = Markup(render(made.hostile()))
    assert not markup.strange
    assert "<script>alert(1)</script>" in markup.words
    assert "img" not in markup.tags
    assert "\x1b" not in markup.words


def test_a_page_stands_alone():
    page = drift_page(made.full())
    assert page.startswith("<!doctype html>")
    assert "<title>Drift: winter → summer</title>" in page
    assert "prefers-color-scheme:dark" in page
    assert "http" not in page
    assert not Markup(page).strange


def test_a_wide_report_stays_small_and_says_what_it_leaves_out():
    for report in (
        made.wide(),
        made.wide(300, 300),
        replace(made.wide(), windows=made.windows(made.wide().columns, 60)),
    ):
        bundle = drift_bundle(report)
        assert len(json.dumps(bundle)) < 300_000
        assert "rows are left out to keep the page small" in bundle["text/html"]
    assert len(made.wide(300, 300).columns) == 300


@pytest.mark.parametrize("drifted", [0, 2000])
def test_a_report_of_two_thousand_columns_keeps_every_row_and_leaves_out_words(drifted):
    report = made.wide(2000, drifted)
    html = drift_html(report)
    assert len(html) < 700_000
    assert html.count("<tbody") == 2000
    assert "rows are left out to keep the page small" in html
    assert not Markup(html).strange


def test_what_was_not_compared_says_why_in_every_row_of_a_wide_report():
    skipped = [made.lone(f"sensor_{at}", DriftState.SKIPPED, "has no values") for at in range(600)]
    report = replace(made.wide(3, 1), columns=tuple(skipped))
    assert drift_html(report).count("has no values") >= 600


def test_a_usual_report_stays_small():
    columns = (*made.flights(), made.numeric("a", 0.4), made.levelled("b", 0.2))
    report = replace(made.full(), columns=columns, windows=made.windows(columns, 12))
    assert len(json.dumps(drift_bundle(report))) < 120_000


def test_a_wide_report_is_drawn_quickly_enough_to_count_in_milliseconds(record_property):
    report = made.wide()
    begun = time.process_time()
    drift_bundle(report)
    record_property("cpu_seconds", time.process_time() - begun)


def test_details_of_drifted_columns_come_before_those_of_quiet_ones():
    html = drift_html(made.wide(300, 12))
    assert html.count("<details class=nd-r>") >= 12
    last = html.rindex("<details class=nd-r>")
    assert html.index("sensor_011") < last < html.index("sensor_299")


def test_without_details_the_report_is_a_table_of_so_many_rows():
    html = drift_html(made.wide(), details=False, most=8)
    assert "<details" not in html
    assert "… and 292 more columns: 4 drifted, 288 stable" in html
    assert len(html) < 20_000


def test_a_report_of_nothing_is_a_headline():
    assert "No column could be compared" in Markup(drift_html(made.report((), tests=0))).words


def test_the_report_bears_the_colour_of_its_loudest_state():
    quiet = made.report((made.numeric("a"),))
    assert "class='nd-h nd-S'" in drift_html(quiet)
    assert "class='nd-h nd-N'" in drift_html(made.report((made.lone("a", DriftState.NEW, "new"),)))


def test_many_notes_are_counted():
    words = Markup(drift_html(made.report(notes=tuple(f"n{i}." for i in range(60))))).words
    assert "note: n39." in words
    assert "and 20 more notes" in words


def test_spreads_of_times_are_in_days_or_shorter():
    column = made.moments("t", drifted=True)
    sides = [
        replace(side, std=std) for side, std in ((column.reference, 13_240_000.0), (column.current, 90.0))
    ]
    report = made.report((replace(column, reference=sides[0], current=sides[1]),))
    assert "std. deviation 153 days 1 min 30 s" in Markup(drift_html(report)).words


def test_of_many_new_levels_the_first_are_named_and_the_rest_counted():
    levels = tuple(LevelChange(f"L{i}", 9, 0.01) for i in range(20))
    column = made.levelled("tailnum", 0.2, new_levels=levels, new_count=214)
    words = Markup(drift_html(made.report((column,)))).words
    assert "L9 (9, 1 %), 204 more" in words
    assert "+ 214 new: L0, L1, L2, …" in words


def test_a_self_check_says_how_often_it_alarmed():
    words = Markup(selfcheck_bundle(CHECK)["text/html"]).words
    assert "✓ 5 of 200 random splits raised a false alarm : 2.5 %, at most 5 % promised" in words
    assert "between 1.1 % and 5.7 %" in words
    assert "dep_delay 3 temp 2" in words
    assert "note: a note" in words


def test_a_self_check_that_alarms_too_often_says_so():
    assert "▲" in selfcheck_bundle(replace(CHECK, alarms=40))["text/plain"].splitlines()[0]
    none = selfcheck_bundle(replace(CHECK, alarms=0, columns={}))
    assert none["text/plain"].startswith("✓ None of 200 random splits raised a false alarm: 0 %")
    assert "table" not in Markup(none["text/html"]).tags


def test_a_self_check_without_splits_is_not_a_rate():
    assert "Nothing was split" in selfcheck_page(replace(CHECK, splits=0, alarms=0))


def test_hostile_strings_of_a_self_check_stay_text():
    check = replace(
        CHECK,
        name=made.HOSTILE,
        columns=dict.fromkeys(made.HOSTILE_NAMES, 2),
        notes=made.HOSTILE_NAMES,
    )
    assert not Markup(selfcheck_page(check)).strange
    many = replace(CHECK, columns={f"c{i}": i for i in range(1, 50)})
    assert "… and 19 more columns" in selfcheck_page(many)

from __future__ import annotations

import re
from dataclasses import replace

import drift_reports as made
from markup import Markup
from nbship.display.drift_windows import window_names, window_table, windows_headline


def cells(html: str, name: str) -> str:
    """Return the signs of one row."""
    row = next(row for row in html.split("<tr>") if row.startswith("<th scope=row") and f">{name}<" in row)
    return "".join(re.findall(r"<td[^>]*>([▲·]?)(?=<)", row))


def test_each_cell_is_a_sign_a_colour_and_words():
    html = window_table(made.full())
    assert cells(html, "carrier") == "·····▲▲▲▲▲▲▲"
    assert cells(html, "dest") == "············"
    assert (
        "<td class=w1 title='2013-06-01: drifted; effect 0.11, threshold 0.1; corrected p = 0.001; value "
        in html
    )
    assert "title='2013-01-01: no drift; effect 0.01, threshold 0.1; corrected p = 0.4; value 10.3'" in html


def test_stronger_drift_has_a_stronger_colour():
    html = window_table(made.full())
    row = next(row for row in html.split("<tr>") if ">temp<" in row)
    shades = re.findall(r"class=(w\d)", row)
    assert shades == sorted(shades)
    assert set(shades) == {"w1", "w2", "w3"}


def test_a_column_that_a_window_lacks_is_not_compared_there():
    report = made.full()
    first = replace(report.windows[0], cells=report.windows[0].cells[1:])
    html = window_table(replace(report, windows=(first, *report.windows[1:])))
    assert "<td class=w0 title='not compared'>" in html


def test_drifted_columns_come_first_and_what_does_not_fit_is_counted():
    report = made.full()
    names = window_names(report)
    assert names[:6] == ["dep_delay", "temp", "time_hour", "carrier", "wind_gust", "origin"]
    html = window_table(report)
    assert "4 more columns not shown" in html
    assert windows_headline(report) == "Windows of summer: 10 of 12 with drift"


def test_of_very_many_windows_the_last_are_shown():
    columns = made.flights()
    report = made.report(columns, windows=made.windows(columns, 365))
    html = window_table(report)
    assert "the first 305 windows not shown" in html
    assert html.count("scope=col") == 60
    assert len(html) < 60_000


def test_columns_with_drift_are_counted_in_each_window():
    html = window_table(made.full())
    row = next(row for row in html.split("<tr>") if "columns with drift" in row)
    assert re.findall(r"<td class=w0>([\d·]+)", row) == [
        "·",
        "·",
        "3",
        "4",
        "4",
        "6",
        "6",
        "6",
        "6",
        "6",
        "6",
        "6",
    ]


def test_without_windows_there_is_nothing():
    assert window_table(made.report()) == ""


def test_hostile_strings_stay_text():
    markup = Markup(window_table(made.hostile()))
    assert not markup.strange
    assert "<script>alert(1)</script>" in markup.words


def test_the_table_is_reached_by_keyboard_and_named():
    html = window_table(made.full())
    assert "role=region tabindex=0 aria-label='Windows of summer: 10 of 12 with drift'" in html
    assert Markup(html).tags["caption"] == 1

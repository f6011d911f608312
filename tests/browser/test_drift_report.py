"""Drift reports in a real browser: from the page that stands alone, and from a saved notebook."""

from __future__ import annotations

from itertools import pairwise

import pytest

import drift_reports as made
from nbship.display.drift_page import drift_bundle, drift_page
from nbship.model.drift import DriftReport
from saved_pages import notebook_page


def notebook(report: DriftReport, theme: str = "light") -> str:
    """Return a saved notebook with the report."""
    return notebook_page(drift_bundle(report), "%drift winter summer", theme, heading="# Drift")


def colour(page, selector: str, property_: str = "color") -> str:
    script = f"e => getComputedStyle(e).getPropertyValue('{property_}')"
    value: str = page.locator(selector).first.evaluate(script)
    return value


def brightness(text: str) -> float:
    """Return the mean of red, green and blue of a computed colour."""
    parts = [float(part) for part in text.partition("(")[2].rstrip(")").split(",")[:3]]
    return sum(parts) / 3


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_page_follows_the_scheme_of_the_reader(opened, scheme, dark):
    page, happened = opened(drift_page(made.full()), color_scheme=scheme)
    ground, ink = brightness(colour(page, "body", "background-color")), brightness(colour(page, ".nd-h b"))
    assert (ground < 60, ink > 180) == (dark, dark)
    assert abs(ground - ink) > 150
    assert happened == []


def test_a_notebook_gives_the_report_its_theme(opened):
    inks = [
        brightness(colour(opened(notebook(made.full(), theme))[0], ".nd-h b")) for theme in ("light", "dark")
    ]
    assert inks[0] < 60
    assert inks[1] > 180


@pytest.mark.parametrize("render", [drift_page, notebook])
def test_rows_are_opened_by_keyboard(opened, render):
    page, _ = opened(render(made.full()))
    first = page.locator("details.nd-r").first
    figure = first.locator("figure svg")
    assert not figure.is_visible()
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert figure.is_visible()
    page.keyboard.press("Enter")
    assert not figure.is_visible()


def test_whoever_walks_with_the_tab_key_sees_where_they_are(opened):
    page, _ = opened(drift_page(made.full()))
    page.keyboard.press("Tab")  # the table, which scrolls
    page.keyboard.press("Tab")  # its first row
    focused = page.evaluate("document.activeElement.tagName")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert (focused, outline) == ("SUMMARY", "solid")


@pytest.mark.parametrize("width", [380, 900, 1400])
def test_nothing_is_wider_than_the_window(opened, width):
    page, _ = opened(drift_page(made.full()), viewport={"width": width, "height": 800})
    for summary in page.locator("details.nd-r > summary").all()[:5]:
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [420, 1100])
def test_columns_of_the_table_do_not_overlap(opened, width):
    page, _ = opened(drift_page(made.full()), viewport={"width": width, "height": 800})
    for row in page.locator(".nd-tb > tbody > tr:first-child").all()[:9]:
        boxes = [cell.bounding_box() for cell in row.locator("> *").all()]
        inner = [
            cell.evaluate("e => e.scrollWidth <= e.clientWidth + 1") for cell in row.locator("> *").all()
        ]
        assert all(inner)
        assert all(a["x"] + a["width"] <= b["x"] + 1 for a, b in pairwise(boxes))


def test_a_screen_reader_meets_a_heading_tables_and_pictures_in_words(opened):
    page, _ = opened(drift_page(made.full()))
    assert page.get_by_role("heading", level=2).count() == 1
    assert page.get_by_role("table", name="Drift of 18 columns").count() == 1
    page.locator("details.nd-r > summary").first.click()
    assert page.get_by_role("img", name="Distribution of dep_delay, reference and current").count() == 1
    assert page.get_by_role("rowheader", name="dep_delay").count() >= 1


@pytest.mark.parametrize("render", [drift_page, notebook])
def test_hostile_strings_make_no_element_and_open_no_dialog(opened, render):
    page, happened = opened(render(made.hostile()))
    for summary in page.locator(".nd summary").all():
        summary.click()
    page.locator(".nd-tb th").first.hover()
    body = page.locator(".nd")
    assert body.locator("script, img, a, iframe, object, embed, link, form, input").count() == 0
    assert page.evaluate(
        "[...document.querySelectorAll('.nd *')].every(e => [...e.attributes].every(a => !a.name.startsWith('on')))"
    )
    assert body.count() == 1
    assert "<script>alert(1)</script>" in body.inner_text()
    assert body.locator("section.nd-w").count() == 1  # what follows the table is still inside the report
    assert [text for text in happened if not text.startswith(("https://", "http://"))] == []


def test_a_wide_report_folds_what_is_quiet(opened):
    page, _ = opened(drift_page(made.wide()))
    row = page.get_by_text("sensor_299_reading", exact=True)
    assert not row.is_visible()
    page.get_by_text("285 more columns: 285 stable").first.click()
    assert row.is_visible()


def test_the_same_page_twice_in_a_notebook_does_not_clash(opened):
    html = drift_bundle(made.full())["text/html"]
    page, _ = opened(f"<!doctype html><meta charset=utf-8>{html}{html}")
    assert page.evaluate("document.querySelectorAll('[id]').length") == 0
    page.locator("details.nd-r > summary").nth(0).click()
    assert page.locator("details.nd-r[open]").count() == 1


def test_a_page_asks_the_network_for_nothing(opened):
    page, happened = opened(drift_page(made.full()))
    assert page.title() == "Drift: winter → summer"
    assert happened == []

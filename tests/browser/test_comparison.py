"""Comparisons in a real browser: from pages that stand alone, and from a saved notebook."""

from __future__ import annotations

import pytest

from comparisons import HOSTILE, hostile, hostile_many, large, many, ordinary, thousand
from nbship.display.comparison_page import comparison_bundle, comparison_page
from nbship.display.runs_comparison_figures import PLOTLY, runs_comparison_figures
from nbship.display.runs_comparison_page import runs_comparison_bundle, runs_comparison_page
from nbship.model.comparison import Comparison, RunsComparison
from saved_pages import notebook_page


def whole_page(comparison: Comparison | RunsComparison) -> str:
    return (
        comparison_page(comparison)
        if isinstance(comparison, Comparison)
        else runs_comparison_page(comparison)
    )


def notebook(comparison: Comparison | RunsComparison, theme: str = "light") -> str:
    """Return a saved notebook with the comparison."""
    bundle = comparison_bundle if isinstance(comparison, Comparison) else runs_comparison_bundle
    return notebook_page(bundle(comparison), "%compare A B", theme)  # type: ignore[operator]


def brightness(page, selector: str, property_: str = "color") -> float:
    """Return the mean of red, green and blue of a computed colour."""
    script = f"e => getComputedStyle(e).getPropertyValue('{property_}')"
    text: str = page.locator(selector).first.evaluate(script)
    parts = [float(part) for part in text.partition("(")[2].rstrip(")").split(",")[:3]]
    return sum(parts) / 3


BOTH = [pytest.param(ordinary(), id="two runs"), pytest.param(many(24), id="many runs")]


@pytest.mark.parametrize("comparison", BOTH)
@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_page_follows_the_scheme_of_the_reader(opened, comparison, scheme, dark):
    page, happened = opened(whole_page(comparison), color_scheme=scheme)
    ground, ink = brightness(page, "body", "background-color"), brightness(page, ".nbship-answer b")
    assert (ground < 60, ink > 180) == (dark, dark)
    assert happened == []


@pytest.mark.parametrize("comparison", BOTH)
def test_a_notebook_gives_the_comparison_its_theme(opened, comparison):
    inks = [
        brightness(opened(notebook(comparison, theme))[0], ".nbship-answer b") for theme in ("light", "dark")
    ]
    assert inks[0] < 60
    assert inks[1] > 180


@pytest.mark.parametrize("render", [whole_page, notebook])
def test_lines_of_a_diff_stand_on_lines_of_their_own_in_colours_of_their_own(opened, render):
    page, _ = opened(render(ordinary()))
    heights = [
        page.locator(f".nbship-diff > {name}").first.bounding_box()["height"]
        for name in ("ins", "del", "span")
    ]
    assert max(heights) - min(heights) < 1
    assert all(12 < height < 30 for height in heights)
    script = "e => getComputedStyle(e).backgroundColor + getComputedStyle(e).textDecorationLine"
    looks = {page.locator(f".nbship-diff > {name}").first.evaluate(script) for name in ("ins", "del", "span")}
    assert len(looks) == 3
    assert all(look.endswith("none") for look in looks)


def test_a_diff_is_copied_with_its_signs(opened):
    page, _ = opened(comparison_page(ordinary()))
    assert "+ flights['late'] = flights.arr_delay > 15" in page.locator(".nbship-diff").first.inner_text()


@pytest.mark.parametrize("render", [whole_page, notebook])
def test_parts_are_folded_by_keyboard(opened, render):
    page, _ = opened(render(ordinary()))
    diff = page.locator(".nbship-diff").first
    assert diff.is_visible()
    page.locator(".nbship-cell > summary").first.focus()
    page.keyboard.press("Enter")
    assert not diff.is_visible()


def test_whoever_walks_with_the_tab_key_sees_where_they_are(opened):
    page, _ = opened(comparison_page(ordinary()))
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.tagName")
    assert (focused, page.evaluate("getComputedStyle(document.activeElement).outlineStyle")) == (
        "SUMMARY",
        "solid",
    )


def test_pages_of_rows_are_opened_by_keyboard(opened):
    page, _ = opened(runs_comparison_page(many(120, points=0)))
    assert page.locator("tbody tr:visible").count() == 50
    for words in ("70 more runs, 50 a page", "rows 51 to 100"):
        page.get_by_text(words, exact=True).focus()
        page.keyboard.press("Enter")
    assert page.locator("tbody tr:visible").count() == 100


@pytest.mark.parametrize(
    "comparison", [*BOTH, pytest.param(large(), id="large"), pytest.param(thousand(), id="a thousand")]
)
@pytest.mark.parametrize("width", [420, 1000, 1400])
def test_nothing_is_wider_than_the_window(opened, comparison, width):
    page, _ = opened(whole_page(comparison), viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_screen_reader_meets_drawings_in_words(opened):
    page, _ = opened(runs_comparison_page(many(24)))
    assert page.get_by_role("img", name="Parallel coordinates of 24 runs over learning_rate").count() == 1
    assert page.get_by_role("img", name="History of test_auc in 24 runs").count() == 1
    assert page.get_by_role("region", name="Runs from row 1").count() == 1
    page, _ = opened(comparison_page(ordinary()))
    assert page.get_by_role("img", name="Distribution of dep_delay: A as outline, B filled").count() == 1


@pytest.mark.parametrize(
    "comparison", [pytest.param(hostile(), id="two runs"), pytest.param(hostile_many(), id="many runs")]
)
@pytest.mark.parametrize("render", [whole_page, notebook])
def test_hostile_strings_make_no_element_and_open_no_dialog(opened, render, comparison):
    page, happened = opened(render(comparison))
    for summary in page.locator(".nbship details:not([open]) > summary").all():
        summary.click()
    for titled in page.locator(".nbship [title]").all()[:5]:
        titled.hover()
    body = page.locator(".nbship")
    assert body.count() == 1
    assert body.locator("script, img, a, iframe, object, embed, link, form, input").count() == 0
    assert page.evaluate(
        "[...document.querySelectorAll('.nbship *')].every(e => [...e.attributes].every(a => !a.name.startsWith('on')))"
    )
    assert "<script>alert(1)</script>" in body.inner_text()
    assert "note: " in body.inner_text()  # what comes last is still inside the report
    assert [text for text in happened if not text.startswith(("https://", "http://"))] == []


def test_two_comparisons_on_a_page_do_not_clash(opened):
    one, other = comparison_bundle(ordinary())["text/html"], runs_comparison_bundle(many(24))["text/html"]
    page, _ = opened(f"<!doctype html><meta charset=utf-8>{one}{other}{other}")
    assert page.evaluate("document.querySelectorAll('[id]').length") == 0


@pytest.mark.parametrize(
    "comparison", [many(24), many(6), hostile_many(HOSTILE)], ids=["many", "few", "hostile"]
)
def test_plotly_draws_the_figures_and_shows_names_as_they_are(opened, comparison):
    from pathlib import Path

    plotly = pytest.importorskip("plotly")
    page, happened = opened("<!doctype html><meta charset=utf-8><div id=a></div><div id=b></div>")
    page.add_script_tag(path=str(Path(plotly.__file__).parent / "package_data" / "plotly.min.js"))
    for place, bundle in zip("ab", runs_comparison_figures(comparison), strict=True):
        figure = bundle[PLOTLY]
        page.evaluate("([id, f]) => Plotly.newPlot(id, f.data, f.layout)", [place, figure])
    shown = page.locator("#a text, #b text").all_text_contents()
    assert page.locator("#b .scatterlayer .js-line").count() >= 1
    assert any(comparison.params[0][:8] in text for text in shown)
    assert page.locator("script:not([src])").count() <= 1
    assert happened == []

"""The panel without a mouse, and as a screen reader reads it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from panel import write_notebook

RING = """() => {
  const look = getComputedStyle(document.activeElement);
  return look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0 || look.boxShadow !== 'none';
}"""
FOCUS = "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"


def test_the_panel_is_reached_and_a_run_is_opened_by_keyboard(lab, project, open_panel):
    cells = [f"%%track run-{number}\nscore = {number}" for number in range(3)]
    write_notebook(project / "work.ipynb", "%load_ext nbship", *cells)
    panel = open_panel(lab, f"{project.name}/work.ipynb")
    for number in range(1, 5):
        panel.run(number, number)
    expect(panel.runs).to_have_count(3)
    expect(panel.runs.filter(has_text="on its way")).to_have_count(0)
    page = panel.page
    page.get_by_role("tab", name=re.compile("^File Browser")).click()
    expect(panel.sidebar).to_be_hidden()

    panel.command("Show the nbship Sidebar")
    expect(panel.sidebar).to_be_visible()
    panel.sidebar.get_by_role("textbox", name="Search runs by words or a filter").focus()
    seen = []
    while page.evaluate(FOCUS) != "Runs" and len(seen) < 12:
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUS))
        assert page.evaluate(RING), f"the focus on {seen[-1]!r} cannot be seen"
    assert seen[-1] == "Runs", seen
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(panel.runs.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(panel.run_page("run-1")).to_be_visible()
    tabs = panel.run_page("run-1").get_by_role("tablist", name="Parts of the run")
    tabs.get_by_role("tab", name="Summary").focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.get_by_role("tab", name="Cells")).to_be_focused()
    expect(tabs.get_by_role("tab", name="Cells")).to_have_attribute("aria-selected", "true")


def test_each_section_is_a_region_with_a_name_and_stands_in_the_order_that_is_seen(lab, open_panel):
    panel = open_panel(lab)
    headings = panel.sidebar.get_by_role("heading", level=3, name=re.compile(" Section$"))
    names = [heading.get_attribute("aria-label") for heading in headings.all()]
    expected = [f"{title} Section" for title in ("Track", "Runs", "Pipelines", "Drift")]
    assert [name for name in names if name in expected] == expected
    tops = [heading.bounding_box()["y"] for heading in headings.all()]
    assert tops == sorted(tops)
    for name in names:
        assert panel.section(name.removesuffix(" Section")).get_attribute("role") == "region"
    headings.first.focus()
    page = panel.page
    is_open = headings.first.get_attribute("aria-expanded")
    page.keyboard.press("Enter")
    expect(headings.first).not_to_have_attribute("aria-expanded", is_open)

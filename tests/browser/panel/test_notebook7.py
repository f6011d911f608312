"""The same wheel in Notebook 7, which has no main area for tabs: they open on the right."""

from __future__ import annotations

from playwright.sync_api import expect

from panel import write_notebook


def test_a_run_appears_and_opens_beside_the_notebook(notebook7, new_project, open_panel):
    project = new_project(notebook7, "seven")
    write_notebook(project / "work.ipynb", "%load_ext nbship", "%%track seven\nrate = 0.1\nscore = rate * 2")
    panel = open_panel(notebook7, "seven/work.ipynb")
    for title in ("Track", "Runs", "Pipelines", "Drift"):
        expect(panel.section(title)).to_be_visible()
    panel.section("Runs")
    panel.run(1, 1)
    panel.run(2, 2)
    expect(panel.runs).to_contain_text("seven")
    panel.runs.first.click()
    run = panel.run_page("seven")
    expect(run.get_by_role("table", name="Parameters")).to_contain_text("rate")
    run.get_by_role("tab", name="Cells").click()
    expect(run.get_by_role("tabpanel")).to_contain_text("score = rate * 2")
    panel.page.get_by_role("button", name="Close this view").click()
    expect(run).to_have_count(0)


def test_the_session_is_tracked_from_the_toolbar(notebook7, new_project, open_panel):
    project = new_project(notebook7, "toolbar")
    write_notebook(project / "work.ipynb", "score = 0.5")
    panel = open_panel(notebook7, "toolbar/work.ipynb")
    panel.page.get_by_role("button", name="Track every cell of this session from here on").click()
    expect(panel.section("Track").get_by_role("switch")).to_be_checked()

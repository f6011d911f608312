"""From a tracked cell to its run in the panel, and what switches tracking."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from panel import RUN_ENDS, write_notebook

LOAD = "%load_ext nbship"


def test_a_tracked_cell_is_in_the_panel_as_soon_as_it_has_ended(lab, project, open_panel):
    write_notebook(project / "work.ipynb", LOAD, "%%track first\nlearning_rate = 0.1\naccuracy = 0.9")
    panel = open_panel(lab, f"{project.name}/work.ipynb")
    runs = panel.sidebar.get_by_role("region", name="Runs Section")
    expect(runs.get_by_text("No runs yet")).to_be_visible()
    panel.run(1, 1)
    panel.evaluate(RUN_ENDS, ["[2]:", "first"])
    panel.run(2, 2)
    delay_ms = panel.evaluate("() => window.untilShown")
    print(f"\nfrom the end of a tracked cell to its run in the panel: {delay_ms:.0f} ms")
    assert delay_ms < 5000
    expect(panel.runs).to_have_count(1)
    expect(panel.runs).to_contain_text("first")
    track = panel.section("Track")
    expect(track.get_by_role("region", name="Last runs").get_by_text("first")).to_be_visible()


def test_the_panel_tracks_the_active_cell_and_the_session(lab, project, open_panel):
    write_notebook(project / "work.ipynb", "answer = 42", "score = answer / 100")
    panel = open_panel(lab, f"{project.name}/work.ipynb")
    track = panel.section("Track")
    panel.source(1).click()
    track.get_by_role("button", name="Track this cell", exact=True).click()
    expect(panel.source(1)).to_contain_text("%%track")
    panel.run(1, 1)
    expect(track.get_by_role("region", name="Last runs").get_by_role("img", name="finished")).to_be_visible()
    track.get_by_role("button", name="Do not track this cell").click()
    expect(panel.source(1)).not_to_contain_text("%%track")

    panel.page.get_by_role("button", name="Track every cell of this session from here on").click()
    stop = panel.page.get_by_role("button", name=re.compile("^Stop tracking this session"))
    expect(stop).to_be_visible()
    expect(track.get_by_role("switch")).to_be_checked()
    expect(panel.page.get_by_role("contentinfo").get_by_text("tracking")).to_be_visible()
    panel.run(2, 2)
    cells = track.get_by_role("list", name=re.compile("^Cells of run"))
    expect(cells.get_by_text("score = answer")).to_be_visible()
    stop.click()
    expect(track.get_by_role("switch")).not_to_be_checked()
    expect(track.get_by_role("status").get_by_text(re.compile("ended with 1 cell"))).to_be_visible()
    expect(panel.page.get_by_role("contentinfo").get_by_text("tracking")).to_be_hidden()

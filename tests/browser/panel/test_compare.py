"""Two runs of a cell, side by side."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from panel import write_notebook


def test_comparing_two_runs_shows_the_line_that_changed(lab, project, open_panel):
    cell = "%%track {}\nrate = {}\nscore = rate * 2\nlimit = 10"
    write_notebook(project / "work.ipynb", "%load_ext nbship", cell.format("before", 0.1))
    panel = open_panel(lab, f"{project.name}/work.ipynb")
    runs = panel.section("Runs")
    panel.run(1, 1)
    panel.run(2, 2)
    panel.rewrite(2, cell.format("after", 0.3))
    panel.run(2, 3)
    expect(panel.runs).to_have_count(2)
    expect(panel.runs.filter(has_text="on its way")).to_have_count(0)
    for name in ("before", "after"):
        panel.runs.filter(has_text=name).click(modifiers=["Control"])
    runs.get_by_role("button", name="Compare", exact=True).click()

    body = panel.body(re.compile("before.*↔.*after|after.*↔.*before"))
    changes = body.get_by_role("region", name=re.compile("^Changes of"))
    expect(changes.get_by_role("deletion").filter(has_text="rate = ")).to_have_count(1)
    expect(changes.get_by_role("insertion").filter(has_text="rate = ")).to_have_count(1)
    expect(changes.get_by_role("insertion").filter(has_text="limit")).to_have_count(0)
    for title, name in (("Parameters", "rate"), ("Metrics", "score")):
        part = body.get_by_role("region", name=re.compile(f"^{title}"))
        expect(part.get_by_role("row").filter(has_text=name)).to_be_visible()

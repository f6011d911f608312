"""Work that goes on while the page is loaded again, and that other pages see."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from panel import Panel, wait_until, write_notebook

# Bounded: it shall not wait for ever for a test that has failed.
WAIT = (
    "from pathlib import Path\nimport time\n"
    "end = time.monotonic() + 120\n"
    "while not Path('{}').exists() and time.monotonic() < end:\n    time.sleep(0.05)"
)


@pytest.fixture
def working(lab, project, open_panel) -> Panel:
    """Return a panel in whose project a step runs until there is a file called ``go``."""
    write_notebook(project / "long.ipynb", WAIT.format("go"), "done = 1")
    panel = open_panel(lab, f"{project.name}/long.ipynb")
    panel.section("Pipelines").get_by_role("button", name="Run as step").click()
    expect(job_of(panel).get_by_role("progressbar")).to_be_visible()
    return panel


def job_of(panel: Panel):
    """Return what the tab of the job shows."""
    return panel.page.get_by_role("main").get_by_role("group", name="long", exact=True)


def listed(panel: Panel):
    """Return the list of what was started."""
    return panel.section("Pipelines").get_by_role("region", name="Runs and ran").get_by_role("listitem")


def test_a_reload_finds_the_job_running_and_its_tab_open(lab, project, working):
    wait_until(lambda: "nbship:job" in str(lab.fetch("lab/api/workspaces")), "saving the layout")
    working.page.reload()
    expect(working.sidebar).to_be_visible()
    expect(job_of(working).get_by_role("status")).to_have_text(re.compile("running"))
    expect(listed(working)).to_have_count(1)
    expect(listed(working)).to_contain_text("running")
    (project / "go").touch()
    expect(job_of(working).get_by_role("status")).to_have_text(re.compile("completed"))
    expect(listed(working)).to_contain_text("completed")


def test_another_page_sees_the_job_and_cancels_it(lab, project, working, open_panel):
    other = open_panel(lab, f"{project.name}/long.ipynb")
    expect(listed(other)).to_contain_text("running")
    other.section("Pipelines").get_by_role("button", name="Cancel long").click()
    expect(listed(other)).to_contain_text("cancelled")
    expect(job_of(working).get_by_role("status")).to_have_text(re.compile("cancelled"))
    listed(other).get_by_role("button", name=re.compile("^Remove long")).click()
    expect(other.section("Pipelines").get_by_role("region", name="Runs and ran")).to_have_count(0)

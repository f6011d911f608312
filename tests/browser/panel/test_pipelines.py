"""A notebook as a step with other parameters, and a pipeline that fails, is mended and goes on."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from panel import write_notebook

PIPELINE = """
name = "prices"

[steps.first]
notebook = "first.ipynb"
outputs = { numbers = "numbers.json" }

[steps.second]
notebook = "second.ipynb"
inputs = ["numbers"]
"""

FIRST = """
import json
from pathlib import Path
with Path("first-ran").open("a") as file:
    file.write("once more ")
Path(numbers).write_text(json.dumps([1, 2, 3]))
"""

# Bounded: it shall not wait for ever for a test that has failed.
WAIT = (
    "from pathlib import Path\nimport time\n"
    "end = time.monotonic() + 120\n"
    "while not Path('go').exists() and time.monotonic() < end:\n    time.sleep(0.05)"
)


def test_a_notebook_runs_as_a_step_with_a_parameter_from_the_form(lab, project, open_panel):
    write_notebook(project / "train.ipynb", WAIT, "score = 2 * rate", parameters="rate = 0.1\nrounds = 3")
    panel = open_panel(lab, f"{project.name}/train.ipynb")
    form = panel.section("Pipelines").get_by_role("form", name=re.compile("train.ipynb$"))
    form.get_by_label("rate", exact=True).fill("0.5")
    form.get_by_role("button", name="Run as step").click()

    job = panel.page.get_by_role("group", name="train", exact=True)
    expect(job.get_by_role("progressbar", name="Cell 3 of 4")).to_be_visible()
    expect(job.get_by_role("status")).to_have_text(re.compile("running"))
    (project / "go").touch()
    expect(job.get_by_role("status")).to_have_text(re.compile("completed"))
    given = job.get_by_role("table", name="Parameters").get_by_role("row")
    expect(given.filter(has_text="rate")).to_contain_text("0.5")

    job.get_by_role("button", name="Open run").click()
    run = panel.run_page()
    expect(run.get_by_role("heading", level=1)).to_be_visible()
    expect(run.get_by_role("row").filter(has_text="rate").first).to_contain_text("0.5")
    expect(run.get_by_text("Finished").first).to_be_visible()


def test_a_pipeline_fails_shows_its_cell_and_goes_on_once_the_notebook_is_mended(lab, project, open_panel):
    (project / "pipeline.toml").write_text(PIPELINE)
    write_notebook(project / "first.ipynb", FIRST, parameters="numbers = 'numbers.json'")
    read = "import json\nfrom pathlib import Path\nprices = json.loads(Path(numbers).read_text())"
    second = project / "second.ipynb"
    write_notebook(
        second, read, "raise ValueError('there is no price')", parameters="numbers = 'numbers.json'"
    )
    panel = open_panel(lab, f"{project.name}/second.ipynb")
    panel.section("Pipelines").get_by_role("button", name="Run prices", exact=True).click()

    job = panel.page.get_by_role("group", name=re.compile("pipeline|prices")).first
    why = job.get_by_role("group", name="Why it failed")
    expect(why).to_contain_text("there is no price")
    expect(why.get_by_label("The cell that failed")).to_contain_text("raise ValueError")
    expect(job.get_by_role("status").first).to_have_text(re.compile("failed"))

    mended = json.loads(second.read_text())
    mended["cells"][-1]["source"] = "total = sum(prices)"
    second.write_text(json.dumps(mended))
    job.get_by_role("button", name="Retry from failure").click()
    again = panel.page.get_by_role("group", name=re.compile("pipeline|prices")).filter(visible=True).first
    expect(again.get_by_role("status").first).to_have_text(re.compile("completed"))
    rows = again.get_by_role("table").get_by_role("row")
    expect(rows.filter(has_text="second")).to_contain_text("completed")
    expect(rows.filter(has_text="first").first).to_contain_text(re.compile("completed|cached"))
    assert (project / "first-ran").read_text().split() == ["once", "more"]

"""Names that a page which takes them for HTML would run, or be torn apart by: they stay text in every view."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import expect

from panel import HOSTILE, Panel, write_notebook

ODD = f"{HOSTILE} \u202eright to left\u202c \u200f\u0001 🚢é " + "x" * 300
FILE = f"{HOSTILE} \u200f🚢.ipynb"
RUNS = 3


def write_runs(store: Path) -> None:
    """Give a store runs in which everything that has a name has an odd one, past all that checks names."""
    connection = sqlite3.connect(store)
    with connection:
        connection.execute(
            "INSERT INTO experiments (name, artifact_location, lifecycle_stage, workspace, creation_time, last_update_time)"
            " SELECT ?, artifact_location, 'active', workspace, 1, 1 FROM experiments LIMIT 1",
            (ODD,),
        )
        experiment = connection.execute("SELECT max(experiment_id) FROM experiments").fetchone()[0]
        for number in range(RUNS):
            run = f"{number:032x}"
            connection.execute(
                "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage,"
                " artifact_uri, experiment_id) VALUES (?, ?, 'NOTEBOOK', ?, 'FINISHED', ?, ?, 'active', ?, ?)",
                (
                    run,
                    f"{number} {ODD}",
                    ODD,
                    number * 1000,
                    number * 1000 + 500,
                    f"/nowhere/{ODD}",
                    experiment,
                ),
            )
            for table in ("params", "tags"):
                connection.execute(
                    f"INSERT INTO {table} (key, value, run_uuid) VALUES (?, ?, ?)",
                    (ODD[:250], f"{number} {ODD}", run),
                )
            for tag in ("mlflow.source.name", "mlflow.user", "mlflow.note.content"):
                connection.execute(
                    "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)", (tag, ODD, run)
                )
            for step in range(3):
                connection.execute(
                    "INSERT INTO metrics (key, value, run_uuid, step, timestamp, is_nan) VALUES (?, ?, ?, ?, ?, 0)",
                    (ODD[:250], number + step / 10, run, step, step + 1),
                )
            connection.execute(
                "INSERT INTO latest_metrics (key, value, run_uuid, step, timestamp, is_nan) VALUES (?, ?, ?, 2, 3, 0)",
                (ODD[:250], number + 0.2, run),
            )
            connection.execute(
                "INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source)"
                " VALUES (?, ?, ?, ?, 'code', '{}')",
                (f"d{number}", experiment, ODD, f"{number}{HOSTILE}"[:36]),
            )
            connection.execute(
                "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)"
                " VALUES (?, 'DATASET', ?, 'RUN', ?)",
                (run, f"d{number}", run),
            )
    connection.close()


@pytest.fixture
def hostile(lab, project, open_panel) -> Panel:
    """Return the panel beside a notebook of such a name, in a project with such runs."""
    write_runs(project / ".nbship" / "mlflow.db")
    cell = f"%%track\nprice = '''{HOSTILE}'''\nscore = 0.5\nprice"
    write_notebook(
        project / FILE, "%load_ext nbship", cell, parameters=f"# {HOSTILE}\nname = '''{HOSTILE}'''"
    )
    return open_panel(lab, f"{project.name}/{FILE}")


def is_text(panel: Panel) -> None:
    """No name has become an element."""
    expect(panel.page.locator("img[src='x']")).to_have_count(0)


def test_the_list_of_runs_their_pages_and_their_comparison_show_names_as_text(hostile):
    page, runs = hostile.page, hostile.section("Runs")
    expect(hostile.runs).to_have_count(RUNS)
    expect(hostile.runs.filter(has_text=f"2 {HOSTILE}")).to_be_visible()
    runs.get_by_role("combobox", name="Sort runs by").focus()
    expect(runs.get_by_role("option").filter(has_text=HOSTILE).first).to_be_attached()
    hostile.runs.first.hover()
    is_text(hostile)

    hostile.runs.first.click()
    article = hostile.run_page()
    expect(article.get_by_role("heading", level=1)).to_contain_text(HOSTILE)
    for table in ("Parameters", "Tags"):
        expect(article.get_by_role("table", name=table)).to_contain_text(HOSTILE)
    for part in article.get_by_role("tablist", name="Parts of the run").get_by_role("tab").all():
        part.click()
        expect(article.get_by_role("tabpanel")).not_to_contain_text(re.compile("^Loading"))
        is_text(hostile)

    hostile.runs.nth(1).click(modifiers=["Control"])
    runs.get_by_role("button", name="Compare", exact=True).click()
    body = page.get_by_role("tabpanel", name=re.compile("↔"))
    for title in ("Parameters", "Metrics"):
        expect(body.get_by_role("region", name=re.compile(f"^{title}"))).to_contain_text(HOSTILE)
    is_text(hostile)

    runs.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(HOSTILE)
    dialog.get_by_role("button", name="Cancel").click()
    is_text(hostile)


def test_a_notebook_of_a_hostile_name_is_tracked_and_run_as_a_step(hostile):
    page, track = hostile.page, hostile.section("Track")
    hostile.run(2, 1)
    hostile.run(3, 2)
    expect(track.get_by_role("region", name="Last runs")).to_contain_text("<img")
    expect(track.get_by_role("switch", name=HOSTILE)).to_be_visible()
    is_text(hostile)
    form = hostile.section("Pipelines").get_by_role("form", name=HOSTILE)
    form.get_by_label("name", exact=True).fill(f"-{HOSTILE}")
    form.get_by_role("button", name="Run as step").click()
    job = page.get_by_role("group", name=HOSTILE).filter(has=page.get_by_role("status"))
    expect(job.get_by_role("status")).to_have_text(re.compile("completed"))
    expect(job.get_by_role("table", name="Parameters")).to_contain_text(f"-{HOSTILE}")
    is_text(hostile)

"""What goes wrong around the panel: it says so in words, and what it showed stays."""

from __future__ import annotations

import re
import sqlite3

from playwright.sync_api import expect

from panel import write_notebook

TRACKED = "%%track kept\nrate = 0.1\nscore = rate * 2"


def test_a_server_that_is_not_there_and_one_that_does_not_know_the_user_are_told_apart(
    start_server, stop_server, open_panel, failing_requests
):
    server = start_server("lab", "--ServerApp.jpserver_extensions={'nbship': False}")
    panel = open_panel(server)
    said = panel.section("Runs").get_by_role("alert")
    expect(said).to_contain_text("not enabled")
    expect(said).to_contain_text("jupyter server extension enable nbship")

    stop_server(server)
    said.get_by_role("button", name="Try again").click()
    expect(said).to_contain_text("does not answer")

    start_server("lab", folder=server.folder, port=server.port)
    close_dialogs(panel.page)
    said.get_by_role("button", name="Try again").click()
    expect(said).to_contain_text("sign-in")
    expect(said).to_contain_text("Reload the page and sign in again")


def close_dialogs(page) -> None:
    """Close what JupyterLab itself says about its server."""
    for dialog in page.get_by_role("dialog").all():
        dialog.get_by_role("button").last.click()


def test_rows_stay_when_the_store_breaks(lab, project, open_panel, failing_requests):
    write_notebook(project / "work.ipynb", "%load_ext nbship", TRACKED)
    panel = open_panel(lab, f"{project.name}/work.ipynb")
    panel.run(1, 1)
    panel.run(2, 2)
    runs = panel.section("Runs")
    expect(panel.runs).to_contain_text("kept")
    expect(panel.runs.filter(has_text="on its way")).to_have_count(0)
    store = project / ".nbship" / "mlflow.db"
    kept = store.read_bytes()
    for left in store.parent.glob("mlflow.db-*"):
        left.unlink()
    store.write_bytes(b"this is no database" * 1000)
    panel.refresh()
    said = runs.get_by_role("alert")
    expect(said).to_be_visible()
    expect(panel.runs).to_contain_text("kept")
    store.write_bytes(kept)
    said.get_by_role("button", name="Try again").click()
    expect(said).to_have_count(0)
    expect(panel.runs).to_contain_text("kept")


def test_a_store_that_does_not_answer_is_said_and_what_runs_is_kept(
    lab, project, open_panel, failing_requests
):
    (project / "pyproject.toml").write_text('[tool.nbship]\ntracking_uri = "http://127.0.0.1:1"\n')
    write_notebook(project / "work.ipynb", "%load_ext nbship", TRACKED)
    panel = open_panel(lab, f"{project.name}/work.ipynb")
    panel.run(1, 1)
    panel.run(2, 2)
    runs = panel.section("Runs")
    expect(runs.get_by_role("alert")).to_contain_text("127.0.0.1:1")
    expect(panel.runs.filter(has_text="kept")).to_contain_text("on its way")
    track = panel.section("Track")
    expect(track.get_by_role("region", name="Store").get_by_role("alert")).to_contain_text("does not answer")
    expect(track.get_by_role("button", name="Try again now")).to_be_visible()
    expect(panel.page.get_by_role("contentinfo").get_by_text("store down")).to_be_visible()


def test_a_kernel_that_is_killed_leaves_a_run_that_says_so(lab, project, open_panel):
    killed = "%%track\nbefore = 1\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    write_notebook(project / "work.ipynb", "%load_ext nbship", killed)
    panel = open_panel(lab, f"{project.name}/work.ipynb")
    track = panel.section("Track")
    panel.run(1, 1)
    panel.run(2, 2, wait=False)
    dialog = panel.page.get_by_role("dialog", name=re.compile("Kernel"))
    dialog.get_by_role("button", name="Ok", exact=False).click()
    last = track.get_by_role("region", name="Last runs")
    expect(last.get_by_role("img", name="stopped")).to_be_visible()
    expect(track.get_by_role("switch")).to_be_enabled()
    expect(track.get_by_role("switch")).not_to_be_checked()


def test_a_run_that_is_deleted_meanwhile_says_so(lab, project, open_panel, failing_requests):
    write_notebook(project / "work.ipynb", "%load_ext nbship", TRACKED)
    panel = open_panel(lab, f"{project.name}/work.ipynb")
    panel.run(1, 1)
    panel.run(2, 2)
    panel.section("Runs")
    expect(panel.runs.filter(has_text="kept").filter(has_not_text="on its way")).to_have_count(1)
    panel.runs.first.click()
    run = panel.run_page("kept")
    expect(run.get_by_role("table", name="Metrics")).to_contain_text("score")
    connection = sqlite3.connect(project / ".nbship" / "mlflow.db")
    with connection:
        connection.execute("UPDATE runs SET lifecycle_stage = 'deleted'")
    connection.close()
    run.get_by_role("button", name="Load this run again").click()
    expect(run.get_by_role("alert").filter(has_text="deleted meanwhile")).to_be_visible()
    expect(run.get_by_role("table", name="Metrics")).to_contain_text("score")

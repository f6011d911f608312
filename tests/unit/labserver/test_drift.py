from __future__ import annotations

import asyncio
import json
import time

import pytest

from nbship.config import load_settings
from nbship.labserver.drift_jobs import drift_work
from nbship.labserver.jobs import IN_JOB
from nbship.labserver.place import Workbench

SECONDS = 60


@pytest.fixture
def tables(project):
    """Return the project with a reference and current data, of which ``x`` drifted."""
    rows = [f"{n % 17},{n % 5}" for n in range(600)]
    moved = [f"{n % 17 + 9},{n % 5}" for n in range(600)]
    (project / "data").mkdir()
    (project / "data" / "old.csv").write_text("\n".join(["x,y", *rows]), encoding="utf-8")
    (project / "data" / "new.csv").write_text("\n".join(["x,y", *moved]), encoding="utf-8")
    return project


def file(name, **others):
    return {"kind": "file", "name": name, **others}


def body(reference="data/old.csv", current="data/new.csv", **options):
    return {"reference": file(reference), "current": file(current), "options": options}


@pytest.fixture
def finished(ask):
    """Return what starts a report and waits for its end."""

    async def run(sent):
        code, job = await ask("POST", "jobs/drift", body=sent)
        assert code == 200, job
        until = time.monotonic() + SECONDS
        while job["state"] == "running":
            assert time.monotonic() < until, "the report takes too long"
            await asyncio.sleep(0.05)
            _, detail = await ask("GET", f"jobs/{job['id']}")
            job = detail["job"]
        return job

    return run


async def test_a_report_that_finds_drift_has_completed(ask, tables, finished):
    job = await finished(body())
    assert (job["state"], job["exit_code"]) == ("completed", 1)
    _, report = await ask("GET", f"drift/reports/{job['id']}")
    assert report["verdict"]["found"]
    assert (report["verdict"]["drifted"], report["verdict"]["watched"]) == (1, 2)
    by_name = {column["name"]: column for column in report["columns"]}
    assert (by_name["x"]["state"], by_name["y"]["state"]) == ("drifted", "stable")
    assert by_name["x"]["ratio"] > 1
    assert len(by_name["x"]["distribution"]["reference"]) == len(by_name["x"]["distribution"]["current"])


async def test_the_page_of_a_report_is_kept_with_its_job(ask, tables, finished):
    job = await finished(body())
    _, saved = await ask("GET", f"jobs/{job['id']}/report")
    assert saved["html"].startswith("<!DOCTYPE html>") or "<html" in saved["html"]
    _, inline = await ask("GET", f"drift/reports/{job['id']}/page")
    assert "<html" not in inline["html"]
    assert "nbship" in inline["html"]


async def test_progress_says_what_is_being_done(ask, tables, finished):
    job = await finished(body())
    assert job["progress"] == {"name": "comparing the columns", "done": 0.6, "detail": ""}


async def test_states_have_the_newest_report_of_each_pair(ask, tables, finished):
    first = await finished(body())
    again = await finished(body())
    same = await finished(body(current="data/old.csv"))
    _, found = await ask("GET", "drift/states")
    assert [state["job"] for state in found["states"]] == [same["id"], again["id"]]
    assert first["id"] not in [state["job"] for state in found["states"]]
    stable, drifted = found["states"]
    assert (stable["verdict"]["found"], drifted["verdict"]["found"]) == (False, True)
    assert drifted["asked"] == body()


async def test_a_report_that_failed_says_why(ask, tables, finished):
    job = await finished(body(time="nowhere", by="D"))
    assert (job["state"], job["exit_code"]) == ("failed", 2)
    assert "nowhere" in job["message"]
    code, fault = await ask("GET", f"drift/reports/{job['id']}")
    assert code == 400
    assert "log" in fault["message"]


async def test_a_job_that_is_gone_has_no_report(ask, tables):
    code, _ = await ask("GET", "drift/reports/abc123")
    assert code == 404


async def test_the_command_is_told_before_it_runs(ask, tables):
    _, told = await ask("POST", "drift/command", body=body(q=0.01, columns=["x", "y"]))
    assert (
        told["command"] == "nbship drift data/old.csv data/new.csv --columns=x,y --q=0.01 --html=report.html"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reference": file("data/none.csv")}, "no data/none.csv"),
        ({"reference": file("../../etc/passwd")}, "outside"),
        ({"reference": {"kind": "run", "name": "--html=/tmp/x"}}, "no id of a run"),
        ({"reference": {"kind": "run", "name": "abc", "dataset": "a\x00job"}}, "zero byte"),
        ({"reference": {"kind": "run", "name": "abc", "dataset": "\ud800"}}, "half of a character"),
        ({"reference": {"kind": "service", "name": "iris"}}, "current side"),
        ({"current": {"kind": "service", "name": "nobody"}}, "no predictions"),
        ({"options": {"q": 7}}, "between 0 and 1"),
        ({"options": {"columns": ["a,b"]}}, "without a comma"),
        ({"options": {"correction": "magic"}}, "does not fit"),
    ],
)
async def test_what_cannot_be_compared_is_refused_in_words(ask, tables, changes, words):
    code, fault = await ask("POST", "drift/command", body={**body(), **changes})
    assert code in (400, 404)
    assert words in fault["message"]


@pytest.mark.parametrize("name", ["--html=x.csv", "-q.csv", "~root.csv", "selfcheck", "$(id) `id`;'\".csv"])
def test_no_name_of_a_file_is_taken_for_anything_else(project, name):
    (project / name).write_text("x\n1\n", encoding="utf-8")
    place = Workbench(project).place()
    work = drift_work(
        place, {"reference": file(name), "current": file(name), "options": {"target": "--json"}}
    )
    kind, reference, current, *options = work.words
    assert (kind, reference, current) == ("drift", reference, reference)
    assert not reference.startswith(("-", "~"))
    assert reference != "selfcheck"
    assert options == ["--target=--json", f"--html={IN_JOB}/report.html"]


async def test_a_file_with_a_hostile_name_is_compared(ask, tables, finished):
    hostile = "--html <img src=x onerror=alert(1)> ünï.csv"
    (tables / "data" / "new.csv").rename(tables / hostile)
    job = await finished(body(current=hostile))
    assert job["exit_code"] == 1
    _, report = await ask("GET", f"drift/reports/{job['id']}")
    assert hostile in report["verdict"]["current"]["name"]
    _, page = await ask("GET", f"drift/reports/{job['id']}/page")
    assert "<img" not in page["html"]


async def test_sources_are_files_below_the_folder_of_the_server(ask, tables):
    (tables / "notes.txt").write_text("no table", encoding="utf-8")
    (tables / ".hidden").mkdir()
    (tables / ".hidden" / "h.csv").write_text("x\n1\n", encoding="utf-8")
    _, found = await ask("GET", "drift/sources")
    assert {source["label"] for source in found["files"]} == {"data/old.csv", "data/new.csv"}
    _, found = await ask("GET", "drift/sources", {"search": "NEW"})
    assert [source["side"]["name"] for source in found["files"]] == ["data/new.csv"]
    assert found["files"][0]["size_bytes"] > 0


async def test_a_long_list_of_sources_is_cut_and_says_so(ask, tables):
    code, found = await ask("GET", "drift/sources", {"limit": "1"})
    assert (code, len(found["files"]), found["more"]) == (200, 1, True)
    code, _ = await ask("GET", "drift/sources", {"limit": "100000"})
    assert code == 400


async def test_the_log_of_a_service_that_ran_can_be_the_current_data(ask, tables):
    folder = load_settings(tables).home / "predictions" / "iris"
    folder.mkdir(parents=True)
    header = {"nbship_log": 1, "model_digest": "d", "columns": [{"name": "x", "type": "long"}]}
    row = {"ts_ms": 1, "id": "a", "row": 0, "inputs": {"x": 1}, "prediction": 1, "latency_ms": 1}
    (folder / "1.jsonl").write_text(f"{json.dumps(header)}\n{json.dumps(row)}\n", encoding="utf-8")
    _, found = await ask("GET", "drift/sources", {"search": "iris"})
    (source,) = found["services"]
    assert (source["side"]["name"], source["current_only"]) == ("iris", True)
    _, told = await ask("POST", "drift/command", body={**body(), "current": source["side"]})
    assert told["command"].startswith("nbship drift data/old.csv .nbship/predictions/iris ")

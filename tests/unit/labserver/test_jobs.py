"""Jobs: commands in processes of their own that outlive whoever started them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time

import pytest

from nbship.config import load_settings
from nbship.labserver.jobs import JobBook, JobMissingError, JobState, JobWork

pytestmark = pytest.mark.usefixtures("project")

QUICK = ("drift", "no.csv", "no.csv")
"""A command that is refused at once."""

SLOW = {
    "cells": [
        {
            "cell_type": "code",
            "id": "slow",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": "import time\nprint('here', flush=True)\ntime.sleep(300)",
        }
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
def book(project):
    return JobBook(load_settings(project))


def work(project, *words, kind="drift", title="quick"):
    return JobWork(kind=kind, title=title, words=words, path="", folder=str(project))


def ended(book, job, seconds=90):
    return until(lambda: book.get(job.id), lambda found: found.state is not JobState.RUNNING, seconds)


def until(ask, good, seconds=90):
    deadline = time.monotonic() + seconds
    while not good(found := ask()):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def run_slow(book, project):
    (project / "slow.ipynb").write_text(json.dumps(SLOW))
    job = book.start(work(project, "run", "slow.ipynb", "out.ipynb", "--no-track", kind="step", title="slow"))
    until(lambda: book.log(job.id).text, lambda text: "here" in text)
    return job


def test_a_job_ends_with_what_its_command_prints(book, project):
    (project / "quick.ipynb").write_text(
        json.dumps({**SLOW, "cells": [{**SLOW["cells"][0], "source": "print('done')"}]})
    )
    job = book.start(work(project, "run", "quick.ipynb", "out.ipynb", "--no-track"))
    assert job.state is JobState.RUNNING
    assert job.command == "nbship run quick.ipynb out.ipynb --no-track"
    found = ended(book, job)
    assert (found.state, found.exit_code) == (JobState.COMPLETED, 0)
    assert book.result(job.id)["state"] == "completed"


def test_a_command_that_is_refused_says_why(book, project):
    job = book.start(work(project, "run", "nowhere.ipynb"))
    found = ended(book, job)
    assert (found.state, found.exit_code) == (JobState.FAILED, 2)
    assert "nowhere.ipynb" in found.message
    assert not found.message.startswith("nbship:")


def test_a_job_goes_on_where_another_server_looks(book, project):
    job = run_slow(book, project)
    other = JobBook(load_settings(project))
    assert [found.id for found in other.all()] == [job.id]
    assert other.get(job.id).state is JobState.RUNNING
    assert other.cancel(job.id).state in (JobState.RUNNING, JobState.CANCELLED)
    found = ended(other, job)
    assert found.state is JobState.CANCELLED
    assert json.loads((project / "out.ipynb").read_text())["cells"], "the executed notebook is there"


def test_a_job_that_was_killed_is_lost_and_says_so(book, project):
    job = run_slow(book, project)
    process = json.loads((book.file(job.id, "process.json")).read_text())
    os.kill(process["pid"], signal.SIGKILL)
    found = ended(book, job)
    assert found.state is JobState.LOST
    assert found.message


def test_a_job_is_forgotten_only_after_its_end(book, project):
    job = run_slow(book, project)
    with pytest.raises(ValueError, match="cancel it first"):
        book.forget(job.id)
    book.cancel(job.id)
    ended(book, job)
    book.forget(job.id)
    with pytest.raises(JobMissingError):
        book.get(job.id)


def test_a_cancel_before_the_process_speaks_is_not_lost(book, project):
    job = book.start(work(project, *QUICK))
    book.cancel(job.id)
    assert ended(book, job).state in (JobState.CANCELLED, JobState.FAILED)


def test_the_newest_progress_is_told_and_kept_out_of_the_log(book, project):
    job = run_slow(book, project)
    book.cancel(job.id)
    ended(book, job)
    with book.file(job.id, "log.txt").open("a") as log:
        log.write('{"done": 1}\nplain\n{"done": 2}\n{"torn')
    os.utime(book.file(job.id, "exit.json"), (1, 1))  # what has ended is not read again
    assert book.get(job.id).progress == {"done": 2}
    assert "plain" in book.log(job.id).text
    assert "done" not in book.log(job.id).text


def test_a_log_is_told_in_parts(book, project):
    job = book.start(work(project, *QUICK))
    ended(book, job)
    path = book.file(job.id, "log.txt")
    path.write_text("one\ntwo\nthr")
    first = book.log(job.id)
    assert first.text == "one\ntwo\n"
    with path.open("a") as log:
        log.write("ee\n")
    assert book.log(job.id, first.end).text == "three\n"
    assert book.log(job.id, 10_000).text == ""


def test_a_secret_stands_in_no_file_of_a_job(book, project):
    job = book.start(
        JobWork("drift", "quick", QUICK, "", str(project), secrets={"PANEL_SECRET": "hunter2hunter2"})
    )
    ended(book, job)
    for path in book.file(job.id, "job.json").parent.iterdir():
        assert "hunter2hunter2" not in path.read_text()


@pytest.mark.parametrize("name", ["..", "a/b", "../../etc", "", "x\x00y"])
def test_an_id_is_no_path(book, name):
    with pytest.raises(JobMissingError):
        book.get(name)


def test_old_jobs_make_room(book, project, monkeypatch):
    monkeypatch.setattr("nbship.labserver.jobs.KEPT_JOBS", 2)
    for number in range(4):
        folder = book.file(f"{number:024x}", "job.json").parent
        folder.mkdir(parents=True)
        (folder / "job.json").write_text(
            json.dumps({"kind": "step", "title": "t", "command": "c", "path": "", "started_ms": number})
        )
        (folder / "exit.json").write_text('{"exit_code": 0, "ended_ms": 9}')
    job = book.start(work(project, *QUICK))
    assert [found.id for found in book.all()][1:] == [f"{3:024x}", f"{2:024x}"]
    ended(book, job)


async def test_the_panel_lists_follows_cancels_and_forgets(ask, book, project):
    job = await asyncio.to_thread(run_slow, book, project)
    code, page = await ask("GET", "jobs")
    assert (code, [found["id"] for found in page["jobs"]]) == (200, [job.id])
    code, detail = await ask("GET", f"jobs/{job.id}")
    assert detail["job"]["state"] == "running"
    assert "here" in detail["log"]
    code, rest = await ask("GET", f"jobs/{job.id}", {"log_from": str(detail["log_end"])})
    assert "here" not in rest["log"]
    assert (await ask("DELETE", f"jobs/{job.id}"))[0] == 400
    assert (await ask("POST", f"jobs/{job.id}/cancel"))[0] == 200
    await asyncio.to_thread(ended, book, job)
    assert (await ask("DELETE", f"jobs/{job.id}"))[1] == {"jobs": []}
    code, said = await ask("GET", f"jobs/{job.id}")
    assert (code, said["code"]) == (404, "job_missing")


async def test_a_job_without_a_report_says_so(ask, book, project):
    job = book.start(work(project, *QUICK))
    await asyncio.to_thread(ended, book, job)
    assert (await ask("GET", f"jobs/{job.id}/report"))[0] == 400


async def test_a_position_that_is_no_number_is_refused(ask, book, project):
    job = book.start(work(project, *QUICK))
    code, said = await ask("GET", f"jobs/{job.id}", {"log_from": "soon"})
    assert code == 400
    assert "log_from" in said["message"]
    await asyncio.to_thread(ended, book, job)


async def test_a_file_is_opened_by_its_path_below_the_folder(ask, project, tmp_path_factory):
    (project / "a b.ipynb").touch()
    assert (await ask("GET", "where", {"file": str(project / "a b.ipynb")}))[1] == {"path": "a b.ipynb"}
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "x.ipynb"
    assert (await ask("GET", "where", {"file": str(elsewhere)}))[1] == {"path": None}

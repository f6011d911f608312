from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbship import __version__
from nbship.cli import upkeep
from nbship.model.event import RunBegan, SessionOpened
from nbship.recording.journal import SpoolWriter
from nbship.recording.process import this_process

HOSTILE = "<script>alert(1)</script>\x1b[31m\nnext"

RUN_KEYS = {
    *("id", "name", "status", "experiment", "started", "duration_seconds"),
    *("params", "metrics", "datasets", "tags", "artifact_uri"),
}
STATUS_KEYS = {
    *("sessions", "events", "size_bytes", "oldest_ms", "recorder_pid"),
    *("outages", "set_aside", "left_alone", "drained"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """Return a project whose store holds four runs: two twins, a hostile one and one that failed."""
    from mlflow.entities import Metric, Param, RunTag

    from nbship.store.connection import connect

    folder = tmp_path_factory.mktemp("prices")
    home = folder / ".nbship"
    home.mkdir()
    client = connect(f"sqlite:///{home / 'mlflow.db'}")
    experiment = client.create_experiment("prices", (home / "artifacts").as_uri())
    runs = [
        ("twin", {"auc": 0.5}, {"lr": "0.1"}, "FINISHED"),
        ("twin", {"auc": 0.9}, {"lr": "0.2"}, "FINISHED"),
        (HOSTILE, {"loss": float("nan")}, {"note": HOSTILE}, "FINISHED"),
        ("broken", {}, {}, "FAILED"),
    ]
    for position, (name, metrics, params, status) in enumerate(runs):
        start = 1_700_000_000_000 + position * 1000
        run_id = client.create_run(experiment, start_time=start, run_name=name).info.run_id
        client.log_batch(
            run_id,
            [Metric(key, value, start, 0) for key, value in metrics.items()],
            [Param(key, value) for key, value in params.items()],
            [RunTag("nbship.reason", "ValueError: bad")] if status == "FAILED" else [],
        )
        client.set_terminated(run_id, status, end_time=start + 500)
    return folder


@pytest.fixture
def inside(project, monkeypatch):
    monkeypatch.chdir(project)
    return project


@pytest.fixture
def empty(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answer(call, *arguments: str) -> dict:
    code, out, err = call(*arguments, "--json")
    assert (code, err) == (0, "")

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(out, parse_constant=refuse)


# Wrong use


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "COMMAND"),
        (["fly"], "invalid choice: 'fly'"),
        (["runs", "--limit", "0"], "'0' is not a positive whole number"),
        (["runs", "--limit", "many"], "'many' is not a positive whole number"),
        (["runs", "--limit", "²"], "is not a positive whole number"),
        (["runs", "--colour"], "unrecognized arguments"),
        (["runs", "auc", "high"], "unrecognized arguments: high"),
        (["show"], "RUN"),
        (["sync", "--wait", "soon"], "soon"),
        (["ui", "--port", "-1"], "positive"),
    ],
)
def test_wrong_use_exits_with_2_and_says_what_was_wrong(call, empty, arguments, says):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert says in err


def test_help_and_version_need_no_project(call, empty):
    assert call("--version")[:2] == (0, f"nbship {__version__}\n")
    code, out, _ = call("--help")
    assert code == 0
    for command in ("runs", "show", "ui", "sync", "doctor", "demo"):
        assert f"    {command} " in out


@pytest.mark.parametrize("command", [["runs"], ["show", "latest"], ["sync"], ["doctor"]])
def test_a_broken_setting_is_one_line_and_2(call, empty, command):
    (empty / "pyproject.toml").write_text("[tool.nbship]\nquite = true\n")
    code, out, err = call(*command)
    assert (code, out) == (2, "")
    assert err.startswith("nbship: [tool.nbship]")
    assert len(err.splitlines()) == 1


# runs


def test_runs_are_listed_newest_first(call, inside):
    code, out, _ = call("runs")
    names = [line.split()[2] for line in out.splitlines()[1:]]
    assert code == 0
    assert names == ["broken", "<script>alert(1)</script>", "twin", "twin"]


def test_the_shape_of_the_list_is_the_contract(call, inside):
    page = answer(call, "runs")
    assert set(page) == {"runs", "more", "tracking_uri", "waiting", "total"}
    assert all(set(run) == RUN_KEYS for run in page["runs"])
    assert (page["more"], page["waiting"]) == (False, 0)
    first = page["runs"][-1]
    assert (first["name"], first["status"], first["experiment"]) == ("twin", "FINISHED", "prices")
    assert (first["started"], first["duration_seconds"]) == ("2023-11-14T22:13:20.000+00:00", 0.5)
    assert (first["params"], first["metrics"]) == ({"lr": "0.1"}, {"auc": 0.5})


def test_runs_can_be_searched_sorted_and_cut(call, inside):
    assert [run["params"]["lr"] for run in answer(call, "runs", "twin lr=0.2")["runs"]] == ["0.2"]
    assert [run["name"] for run in answer(call, "runs", "metrics.auc > 0.8")["runs"]] == ["twin"]
    best = answer(call, "runs", "--sort=-auc", "--limit", "1")
    assert (best["runs"][0]["metrics"], best["more"]) == ({"auc": 0.9}, True)
    assert answer(call, "runs", "nothing-like-it")["runs"] == []


def test_hostile_strings_stay_whole_in_json_and_harmless_in_text(call, inside):
    odd = next(run for run in answer(call, "runs")["runs"] if run["name"].startswith("<"))
    assert odd["params"] == {"note": HOSTILE}
    assert odd["metrics"] == {"loss": "NaN"}
    for arguments in (["runs"], ["show", odd["id"]]):
        code, out, _ = call(*arguments)
        assert code == 0
        assert "\x1b" not in out
        assert "\nnext" not in out


@pytest.mark.parametrize(
    "arguments",
    [["runs", "metrics.auc >"], ["runs", "--experiment", "nobody's"], ["runs", "params.lr > 3 ORR"]],
)
def test_a_question_that_cannot_be_understood_is_one_line_and_2(call, inside, arguments):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("nbship: ")
    assert "Traceback" not in err


def test_an_empty_store_says_how_to_begin_and_makes_nothing(call, empty):
    code, out, _ = call("runs")
    assert code == 0
    assert "Write %%track" in out
    assert answer(call, "runs")["runs"] == []
    assert not (empty / ".nbship").exists()


def test_another_store_can_be_named(call, empty, project):
    uri = f"sqlite:///{project / '.nbship' / 'mlflow.db'}"
    page = answer(call, "runs", "--tracking-uri", uri)
    assert (len(page["runs"]), page["tracking_uri"]) == (4, uri)


def test_a_store_that_is_none_is_failed_work(call, empty):
    (empty / "odd.db").write_text("this is no database, and it is long enough to be looked at" * 20)
    code, out, err = call("runs", "--tracking-uri", "sqlite:///odd.db")
    assert (code, out) == (3, "")
    assert err.startswith("nbship: ")


# show


def test_a_run_is_shown_by_id_prefix_name_and_as_the_latest(call, inside):
    latest = answer(call, "show", "latest")
    assert set(latest) == RUN_KEYS | {"artifacts", "warnings"}
    assert (latest["name"], latest["status"]) == ("broken", "FAILED")
    for run in (latest["id"], latest["id"][:10], "broken"):
        assert answer(call, "show", run) == latest
    code, out, _ = call("show", "latest")
    assert code == 0
    assert out.startswith("✗ broken   FAILED")
    assert "  reason      ValueError: bad" in out


def test_a_name_of_two_runs_is_2_and_lists_them(call, inside):
    code, _, err = call("show", "twin")
    assert code == 2
    assert err.count("(twin, ") == 2


@pytest.mark.parametrize("run", ["nobody", "ffffffff", "", "../..", "%", "'; drop table runs --", "<b>"])
def test_a_run_that_nobody_knows_is_2(call, inside, run):
    code, out, err = call("show", run)
    assert (code, out) == (2, "")
    assert err.startswith("nbship: ")


def test_the_latest_of_none_is_2(call, empty):
    code, _, err = call("show", "latest")
    assert code == 2
    assert "Traceback" not in err


# sync


def test_an_empty_queue_is_0_and_makes_nothing(call, empty):
    for arguments in ([], ["--wait"], ["--wait", "1"], ["--status"]):
        assert call("sync", *arguments)[:2] == (0, "Nothing waits: every run is in the store.\n")
    status = answer(call, "sync", "--status")
    assert set(status) == STATUS_KEYS
    assert status["drained"] is True
    assert not (empty / ".nbship").exists()


def test_what_waits_is_told_and_a_wait_that_was_too_short_is_1(call, empty):
    writer = SpoolWriter.create(empty / ".nbship" / "spool", SessionOpened("s1", this_process()))
    writer.append(RunBegan("a" * 32, "a", "http://127.0.0.1:9", "e", 1))
    status = answer(call, "sync", "--status")
    assert (status["drained"], status["sessions"], status["events"]) == (False, 1, 2)
    code, out, _ = call("sync", "--status", "--wait", "0")
    assert code == 1
    assert "waiting" in out
    writer.close()


# doctor


def test_a_healthy_project_is_0(call, inside):
    diagnosis = answer(call, "doctor")
    assert set(diagnosis) == {"healthy", "checks", "settings"}
    assert diagnosis["healthy"] is True
    assert {tuple(check) for check in diagnosis["checks"]} == {("name", "ok", "found", "hint")}
    assert {tuple(item) for item in diagnosis["settings"]} == {("name", "value", "origin")}
    code, out, _ = call("doctor")
    assert code == 0
    assert ", 4 runs" in out


def test_a_broken_store_is_1_and_the_option_is_its_origin(call, empty):
    (empty / "odd.db").write_text("no database" * 200)
    code, out, _ = call("doctor", "--tracking-uri", f"sqlite:///{empty / 'odd.db'}")
    assert code == 1
    assert "✗ store" in out
    (line,) = [line for line in out.splitlines() if line.startswith("  tracking_uri")]
    assert line.endswith("--tracking-uri")


# ui


def test_of_a_server_the_address_is_told(call, empty):
    code, out, _ = call("ui", "--tracking-uri", "http://mlflow.example.org")
    assert code == 0
    assert "open http://mlflow.example.org" in out


# As a process


def test_listing_runs_loads_no_heavy_library(project):
    code = (
        "import sys; from nbship.cli import main; main(['runs'])\n"
        "loaded = {'mlflow', 'pandas', 'numpy', 'IPython', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(f'loaded {loaded}' if loaded else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_reader_that_has_seen_enough_ends_it_quietly(project):
    script = f"{sys.executable} -m nbship runs --json; echo $? >&2"
    done = subprocess.run(
        ["bash", "-c", f"({script}) | true"], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.stderr == "0\n"


def test_signs_that_the_terminal_lacks_are_no_failure(project):
    done = subprocess.run(
        [sys.executable, "-m", "nbship", "runs"],
        cwd=project,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_commands_are_shown_so_that_they_work_without_an_activated_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert upkeep._programs() == f"{Path(sys.executable).parent}{os.sep}"
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert upkeep._programs() == ""

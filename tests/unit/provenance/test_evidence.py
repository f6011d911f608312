from __future__ import annotations

import pytest

from nbship.model.run import RunStatus
from nbship.provenance.evidence import read_evidence
from nbship.store.artifacts import local_folder

URI = "sqlite:///nowhere.db"
ENVIRONMENT = {"python": {"version": "3.11"}, "distributions": {}}
SUMMARY = {
    "cells": [0],
    "seeds": [{"call": "seed", "value": "1", "cell": 0}],
    "rng": {"before": {}, "after": {}},
}


def test_what_the_files_say_is_read(make_run, make_ledger):
    files = {
        "nbship/ledger.json": make_ledger("x = 1", "%%track\ny = x"),
        "nbship/environment.json": ENVIRONMENT,
        "nbship/run.json": SUMMARY,
        "nbship/git.diff": "diff --git a/x b/x\n",
        "nbship/importance.json": {"version": 1, "importance": {"a": 0.75}},
        "nbship/data.json": {"version": 1, "datasets": []},
    }
    found = read_evidence(URI, make_run(files=files))
    assert [cell.source for cell in found.code] == ["x = 1", "y = x"]
    assert found.environment == ENVIRONMENT
    assert found.summary.seeds[0].value == "1"
    assert found.changes == "diff --git a/x b/x\n"
    assert found.importance == {"a": 0.75}
    assert found.datasets == ()
    assert found.lacks == ()
    assert not found.is_plain


def test_a_run_of_plain_mlflow_says_what_it_lacks(make_run):
    found = read_evidence(URI, make_run(plain=True))
    assert found.lacks == ("run one (made by plain MLflow) has no code, no environment, no seeds",)
    assert found.is_plain


def test_a_run_that_goes_on_has_no_code_yet(make_run):
    run = make_run(status=RunStatus.RUNNING, ended_ms=None, files={"nbship/environment.json": ENVIRONMENT})
    assert read_evidence(URI, run).lacks == ("run one has no code, no seeds yet: it is still running",)


@pytest.mark.parametrize("path", ["ledger", "data", "environment", "run", "importance", "profiles/flights"])
@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"cells": 3, "seeds": 3, "datasets": 3, "importance": 3, "columns": 3}'],
)
def test_a_damaged_file_is_a_line_and_no_exception(make_run, make_ledger, path, content):
    name = f"nbship/{path}.json"
    good = {
        "nbship/ledger.json": make_ledger("x"),
        "nbship/environment.json": ENVIRONMENT,
        "nbship/run.json": SUMMARY,
    }
    found = read_evidence(URI, make_run(files={**good, name: content}))
    if path == "environment" and content.startswith('{"'):
        assert found.lacks == ()
    else:
        (line,) = found.lacks
        assert line.startswith(f"{name} of run one cannot be used (")


def test_a_file_that_is_no_text_is_a_line(make_run):
    run = make_run(files={"nbship/run.json": SUMMARY})
    (local_folder(run) / "nbship" / "ledger.json").write_bytes(b"\xff\x00\xfe")
    assert any("ledger.json of run one cannot be used" in line for line in read_evidence(URI, run).lacks)


def test_a_run_without_any_files_lacks_all(make_run):
    run = make_run()
    assert read_evidence(URI, run).lacks == ("run one has no code, no environment, no seeds",)

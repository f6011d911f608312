from __future__ import annotations

from nbship.model.run import DatasetSummary, RunStatus
from nbship.provenance.run_versions import code_versions, data_versions, numbered
from nbship.store.needed_code import CODE_TAG, code_version, needed_code

URI = "sqlite:///nowhere.db"


def test_versions_are_numbered_as_they_appear():
    assert numbered(["b", None, "a", "b"]) == (1, None, 2, 1)


def test_code_is_told_by_tag_and_by_ledger_alike(make_run, make_ledger):
    one, two = make_ledger("x = 1", "y"), make_ledger("x = 2", "y")
    runs = [
        make_run("tagged", tags={CODE_TAG: code_version(needed_code(one))}),
        make_run("read", files={"nbship/ledger.json": one}),
        make_run("other", files={"nbship/ledger.json": two}),
    ]
    assert code_versions(URI, runs).numbers == (1, 1, 2)


def test_runs_without_code_are_counted_by_reason(make_run, make_ledger):
    runs = [
        make_run("plain", plain=True),
        make_run("running", status=RunStatus.RUNNING, ended_ms=None),
        make_run("damaged", files={"nbship/ledger.json": "{"}),
        make_run("good", files={"nbship/ledger.json": make_ledger("x")}),
    ]
    found = code_versions(URI, runs)
    assert (found.numbers, found.absent, found.damaged, found.unread) == ((None, None, None, 1), 2, 1, 0)


def test_data_is_told_by_digest(make_run):
    one, two = (DatasetSummary("df", digest) for digest in ("a", "b"))
    runs = [
        make_run(str(at), datasets=datasets)
        for at, datasets in enumerate([(one,), (two,), (), (two, one), (one, two)])
    ]
    assert data_versions(runs) == {"df": (1, 2, None, 3, 3)}

from __future__ import annotations

import math
import sqlite3
import subprocess
import sys

import pytest

from nbship.errors import StoreError, UsageError
from nbship.model.run import RunPage
from nbship.store.mlflow_read import MlflowReader
from nbship.store.query import parse_sort, words_of
from nbship.store.sqlite_listing import Asked
from nbship.store.sqlite_read import open_database

NOTEBOOKS = ["a.ipynb", "deep/a.ipynb", "b_a.ipynb"]


@pytest.fixture(scope="module")
def store(mlflow_template, tmp_path_factory):
    """A store with runs of every oddity, written by mlflow itself."""
    import shutil

    from mlflow import MlflowClient
    from mlflow.entities import Dataset, DatasetInput, Metric, Param, RunTag

    path = tmp_path_factory.mktemp("odd") / "mlflow #1.db"
    shutil.copy(mlflow_template, path)
    uri = f"sqlite:///{path}"
    client = MlflowClient(uri)
    first, second = client.create_experiment("one"), client.create_experiment("two")
    gone = client.create_experiment("gone")
    for number in range(12):
        run = client.create_run(
            first if number % 3 else second,
            start_time=1000 + number // 2,
            run_name=f"Run {number} {'Äpfel' if number % 2 else 'pears'}",
            tags={
                "team": "Delays" if number % 4 else "Weather",
                "mlflow.source.name": NOTEBOOKS[number % 3],
                "nbship.archived": "true" if number == 3 else "false",
            },
        )
        values = [0.5, 0.25, math.nan, math.inf, -1.0]
        metrics = [Metric("auc", values[number % 5], 5, 0), Metric("auc", values[(number + 1) % 5], 6, 1)]
        params = [Param("depth", str(number % 7)), Param("näme".encode("ascii", "ignore").decode(), "ü")]
        data = [
            DatasetInput(Dataset("flights", f"d{number % 2}", "code", "{}", profile='{"num_rows": 9}')),
            DatasetInput(Dataset("also", "x", "code", "{}", profile="not json")),
        ]
        client.log_batch(run.info.run_id, metrics if number % 4 else [], params, [RunTag("seq", str(number))])
        client.log_inputs(run.info.run_id, data if number % 5 else [])
        if number % 3:
            client.set_terminated(run.info.run_id, "FAILED" if number % 2 else "FINISHED", 5000 - number)
    client.delete_run(run.info.run_id)
    client.create_run(gone)
    client.delete_experiment(gone)
    return uri


@pytest.fixture(scope="module")
def both(store):
    return open_database(store), MlflowReader(store)


def listed(reader, limit=100, offset=0, **asked):
    page = reader.search(Asked(archived=True, **asked), limit, offset)
    return [repr(run) for run in page.runs], page.more


def all_runs(reader, sort=None):
    return reader.search(Asked(order=parse_sort(sort), archived=True), 100, 0).runs


SORTS = [
    None,
    "auc",
    "-auc",
    "started",
    "ended",
    "-duration",
    "name",
    "-status",
    "experiment",
    "id",
    "params.depth",
]


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_is_the_same_as_through_mlflow(both, sort):
    answers = [listed(reader, order=parse_sort(sort)) for reader in both]
    assert answers[0] == answers[1]
    assert len(answers[0][0]) == 11


IN_NO_RUN = ("nothing", "%", "é", "nbship", "mlflow", "source.name", "\\")


@pytest.mark.parametrize(
    "query",
    [
        *(
            "run",
            "ÄPFEL",
            "team=weather",
            "delays 3",
            "depth=1",
            "a.ipynb",
            "nothing",
            "_",
            "%",
            "depth",
            "th=1",
        ),
        *("=", "=ü", "nme=Ü", "am=del", "team=", "pth=2 seq=9", "é", "nbship", "mlflow", "source.name", "\\"),
    ],
)
def test_every_search_is_the_same_as_through_mlflow(both, query):
    answers = [listed(reader, 3, words=words_of(query)) for reader in both]
    assert answers[0] == answers[1]
    assert bool(answers[0][0]) is (query not in IN_NO_RUN)


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (3, 0), (3, 3), (11, 0), (5, 9), (5, 50)])
def test_every_page_is_the_same_as_through_mlflow(both, limit, offset):
    answers = [listed(reader, limit, offset, order=parse_sort("-auc"), experiment="one") for reader in both]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("sort", [None, "-auc", "name"])
@pytest.mark.parametrize(("limit", "offset"), [(100, 0), (0, 0), (3, 2), (5, 50)])
def test_a_page_counts_all_that_match(both, sort, limit, offset):
    direct, client = both
    asked = Asked(order=parse_sort(sort), archived=True, words=("run",))
    page = direct.search(asked, limit, offset)
    assert page.total == 11
    assert client.search(asked, limit, offset).total in (None, 11)


def test_mlflow_counts_what_it_has_read_to_the_end(both):
    assert both[1].search(Asked(archived=True), 100, 3).total == 11
    assert both[1].search(Asked(archived=True), 3, 0).total is None


@pytest.mark.parametrize(
    ("notebook", "count"),
    [
        ("a.ipynb", 8),
        ("deep/a.ipynb", 8),
        ("other/a.ipynb", 4),
        ("b_a.ipynb", 3),
        ("_a.ipynb", 0),
        ("none", 0),
    ],
)
def test_runs_are_listed_by_notebook(both, notebook, count):
    answers = [listed(reader, notebook=notebook) for reader in both]
    assert answers[0] == answers[1]
    assert len(answers[0][0]) == count


@pytest.mark.parametrize("sort", [None, "auc", "name"])
def test_archived_runs_are_left_out_unless_they_are_asked_for(both, sort):
    pages = [reader.search(Asked(order=parse_sort(sort)), 100, 0) for reader in both]
    assert repr(pages[0].runs) == repr(pages[1].runs)
    assert pages[0].total == 10
    assert {run.tags["nbship.archived"] for run in pages[0].runs} == {"false"}


def test_names_to_sort_by_are_those_of_active_runs(both):
    for reader in both:
        assert reader.names("metric", None, 100) == ("auc",)
        assert reader.names("param", None, 100) == ("depth", "nme")
        assert reader.names("param", None, 1) == ("depth",)
        assert reader.names("metric", "b_a.ipynb", 100) == ("auc",)
        assert reader.names("metric", "none", 100) == ()


def test_deleted_runs_are_read_apart(store):
    deleted = MlflowReader(store, deleted=True).search(Asked(), 100, 0).runs
    assert [run.tags["seq"] for run in deleted] == ["11"]


def test_looking_runs_up_is_the_same_as_through_mlflow(both):
    direct, client = both
    runs = all_runs(direct, "name")
    one = runs[3]
    for column, value, prefix in [
        ("id", one.id, False),
        ("id", one.id[:6], True),
        ("id", "zz", True),
        ("name", one.name, False),
        ("seq", "3", False),
        ("seq", "1", True),
    ]:
        asked = [reader.candidates(column, value, prefix=prefix, limit=2) for reader in both]
        assert asked[0] == asked[1], (column, value)
    ids = [runs[5].id, "no such run", runs[2].id]
    assert repr(direct.runs_by_id(ids)) == repr(client.runs_by_id(ids)) == repr((runs[5], runs[2]))
    assert client.runs_by_id([]) == direct.runs_by_id([]) == ()


def test_metric_histories_are_the_same_as_through_mlflow(both):
    direct, client = both
    runs = all_runs(direct)
    histories = [direct.metric_history(run.id, "auc") for run in runs]
    assert repr(histories) == repr([client.metric_history(run.id, "auc") for run in runs])
    assert max(len(history) for history in histories) == 2


def test_bulk_histories_and_steps_are_the_same_as_through_mlflow(both):
    direct, client = both
    runs = all_runs(direct)
    series = [(run.id, key) for run in runs for key in ("auc", "none")] + [("no such run", "auc")]
    ids = [run.id for run in runs]
    assert repr(direct.metric_histories(series)) == repr(client.metric_histories(series))
    assert direct.newest_steps(ids) == client.newest_steps(ids)
    assert sum(len(steps) for steps in direct.newest_steps(ids).values()) > 5
    assert direct.newest_steps([]) == client.newest_steps([]) == {}
    assert direct.metric_histories([]) == client.metric_histories([]) == ()


def test_an_unknown_experiment_is_an_error_that_names_the_known_ones(both):
    for reader in both:
        with pytest.raises(UsageError, match="no experiment is called 'three'; there are: Default, one, two"):
            reader.search(Asked(experiment="three"), 5, 0)


def test_a_filter_that_mlflow_does_not_understand_is_wrong_use(both):
    with pytest.raises(UsageError, match="does not understand the query"):
        both[1].search(Asked(), 5, 0, "metrics.auc >")


def test_a_database_that_is_not_mlflows_is_left_to_mlflow(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE runs (a)")
    connection.close()
    assert open_database(f"sqlite:///{path}") is None
    assert open_database("http://somewhere") is None
    assert open_database(f"sqlite:///{tmp_path / 'none.db'}") is None
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_is_no_database_is_a_store_error(tmp_path):
    path = tmp_path / "text.db"
    path.write_text("not a database, and long enough to be looked at as one" * 20)
    with pytest.raises(StoreError, match="cannot read"):
        open_database(f"sqlite:///{path}")


def test_a_database_in_wal_mode_is_read_while_it_is_written(tracking_uri, tmp_path):
    with sqlite3.connect(tmp_path / "mlflow.db") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        page = open_database(tracking_uri).search(Asked(), 5, 0)
    connection.close()
    assert page == RunPage((), total=0)


KILLED_WRITER = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")  # so that half of the transaction reaches the file
connection.execute("BEGIN IMMEDIATE")
for number in range(2000):
    connection.execute(
        "INSERT INTO experiments (name, lifecycle_stage) VALUES (?, 'active')", (f"{number}" * 50,)
    )
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_writer_that_was_killed_in_the_middle_does_not_close_the_store(tracking_uri, tmp_path):
    path = tmp_path / "mlflow.db"
    killed = subprocess.run([sys.executable, "-c", KILLED_WRITER, str(path)], check=False)
    assert killed.returncode < 0
    assert path.with_name("mlflow.db-journal").stat().st_size > 0

    database = open_database(tracking_uri)
    assert database.search(Asked(), 10, 0) == RunPage((), total=0)

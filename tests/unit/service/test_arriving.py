from __future__ import annotations

from nbship.model.live import LiveRun, LiveSession
from nbship.model.run import RunStatus
from nbship.service.arriving import arriving


def live(run, **fields):
    return LiveRun(run, fields.pop("name", run), "e", "cell", fields.pop("started_ms", 1), **fields)


def session(*runs, source="a.ipynb", alive=True):
    return LiveSession("s", source, "kernel", 1, alive, "/p", 1, runs=runs)


def names(*arguments, **keywords):
    return [run.name for run in arriving(*arguments, **keywords)]


def test_runs_that_the_store_knows_are_left_out():
    sessions = [session(live("a"), live("b", store_run_id="x"), live("c", arrived=True))]
    assert names(sessions) == ["a"]


def test_the_newest_of_all_sessions_comes_first():
    sessions = [session(live("a", started_ms=1), live("c", started_ms=3)), session(live("b", started_ms=2))]
    assert names(sessions) == ["c", "b", "a"]


def test_a_run_whose_process_died_does_not_go_on():
    (found,) = arriving([session(live("a"), alive=False)])
    assert found.status is RunStatus.KILLED
    (found,) = arriving([session(live("a", status=RunStatus.FAILED, ended_ms=5), alive=False)])
    assert (found.status, found.ended_ms) == (RunStatus.FAILED, 5)


def test_a_run_is_known_by_its_own_id_and_notebook():
    (found,) = arriving([session(live("a", params={"lr": "1"}, metrics={"auc": 0.5}))])
    assert found.tags == {"nbship.run": "a", "mlflow.source.name": "a.ipynb"}
    assert (found.params, found.metrics) == ({"lr": "1"}, {"auc": 0.5})
    (found,) = arriving([session(live("a"), source=None)])
    assert found.tags == {"nbship.run": "a"}


def test_words_and_notebooks_narrow_and_filters_are_for_stores():
    sessions = [session(live("one", params={"lr": "0.1"})), session(live("two"), source="b.ipynb")]
    assert names(sessions, "LR=0.1") == ["one"]
    assert names(sessions, notebook="deep/b.ipynb") == ["two"]
    assert names(sessions, "params.lr = '0.1'") == []

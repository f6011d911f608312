from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nbship import service
from nbship.config import Settings, load_settings, prepare_home
from nbship.errors import RunNotFoundError, UsageError
from nbship.model.event import ArtifactRecord, RunBegan, RunEnded, RunLogged, SessionClosed, SessionOpened
from nbship.model.run import RunStatus
from nbship.recording.journal import SpoolWriter
from nbship.recording.launch import _started
from nbship.recording.process import this_process
from nbship.service import history


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    """Return the settings of a project whose queue held two runs, brought to the store by `service.sync`."""
    folder = tmp_path_factory.mktemp("prices")
    (folder / "pyproject.toml").touch()
    settings = load_settings(folder)
    prepare_home(settings)
    writer = SpoolWriter.create(settings.spool, SessionOpened("s1", this_process(), project=str(folder)))
    for number, name in enumerate(("first", "second"), 1):
        _append_run(writer, settings, name, number)
    writer.append(SessionClosed(9))
    writer.close()
    assert not service.sync_status(settings).drained
    assert service.sync(settings, wait_seconds=60).drained
    child, _ = _started.pop(settings.spool)
    child.terminate()
    child.wait()
    return settings


def _append_run(writer: SpoolWriter, settings: Settings, name: str, number: int) -> None:
    key = f"{number:032x}"
    writer.append(
        RunBegan(
            key,
            name,
            settings.tracking_uri,
            settings.experiment,
            1_700_000_000_000 + number,
            artifact_root=settings.artifact_root,
            params={"lr": f"0.{number}"},
        )
    )
    blob = writer.put_blob(b"hello", ".txt")
    warnings = ("careful",) if number == 1 else ()
    writer.append(RunLogged(key, artifacts=(ArtifactRecord("notes/a.txt", blob),), warnings=warnings))
    writer.append(RunEnded(key, RunStatus.FINISHED, 1_700_000_001_000))


def test_what_was_synced_is_listed_newest_first(settings):
    page = service.runs(settings)
    assert [(run.name, run.status) for run in page.runs] == [("second", "FINISHED"), ("first", "FINISHED")]
    assert (page.waiting, page.more) == (0, False)
    assert page.runs[0].experiment == settings.experiment


def test_runs_are_searched_sorted_and_cut(settings):
    assert [run.name for run in service.runs(settings, "lr=0.1").runs] == ["first"]
    assert [run.name for run in service.runs(settings, sort="params.lr").runs] == ["first", "second"]
    assert service.runs(settings, limit=1).more


def test_keeping_mlflow_out_gives_the_same_answer(settings):
    asked = {"sort": "-name", "experiment": settings.experiment, "archived": True}
    apart = history._runs_apart(settings, "lr=0.2", {"limit": 20, **asked})
    assert [run.name for run in apart.runs] == ["second"]
    assert apart == service.runs(settings, "lr=0.2", **asked)
    second = history._runs_apart(settings, None, {"limit": 1, "offset": 1})
    assert [run.name for run in second.runs] == ["first"]
    assert history._runs_apart(settings, None, {"notebook": "none.ipynb"}).runs == ()


def test_wrong_use_stays_wrong_use_when_mlflow_is_kept_out(settings):
    with pytest.raises(UsageError):
        history._runs_apart(settings, None, {"experiment": "no such experiment"})


def test_pages_follow_one_another_and_count_all(settings):
    pages = [service.runs(settings, limit=1, offset=offset, wait_seconds=0) for offset in (0, 1, 2)]
    assert [[run.name for run in page.runs] for page in pages] == [["second"], ["first"], []]
    assert [(page.more, page.total) for page in pages] == [(True, 2), (False, 2), (False, 2)]
    with pytest.raises(UsageError, match="offset -1"):
        service.runs(settings, offset=-1)


def test_names_for_a_choice_of_what_to_sort_by(settings):
    assert service.param_names(settings) == ("lr",)
    assert service.metric_names(settings) == service.param_names(settings, "none.ipynb") == ()


def test_a_run_is_shown_with_its_artifacts(settings):
    detail = service.show(settings, "latest")
    assert detail.run.name == "second"
    assert "notes/a.txt" in detail.artifacts
    assert detail.warnings == ()
    assert service.show(settings, "first").warnings == ("careful",)
    assert set(json.loads(json.dumps(detail.to_dict()))) >= {"id", "artifacts", "warnings"}
    with pytest.raises(RunNotFoundError):
        service.show(settings, "nobody")


def test_an_empty_queue_is_synced_at_once(settings):
    assert service.sync(settings, wait_seconds=None).drained
    assert service.sync_status(settings).drained


def test_a_project_without_a_store_has_no_runs_and_gets_none(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    settings = load_settings(tmp_path)
    assert service.runs(settings).runs == ()
    with pytest.raises(RunNotFoundError):
        service.show(settings, "latest")
    assert not settings.home.exists()


def test_what_waits_for_a_store_that_is_down_is_counted_and_holds_no_listing_up(settings, tmp_path):
    (tmp_path / "pyproject.toml").touch()
    down = replace(load_settings(tmp_path), tracking_uri=settings.tracking_uri)
    writer = SpoolWriter.create(down.spool, SessionOpened("s1", this_process()))
    writer.append(RunBegan("a" * 32, "a", "http://127.0.0.1:9", "e", 1))
    state = {"pid": 0, "outages": {"http://127.0.0.1:9": {"text": "refused", "since_ms": 5}}}
    (down.spool / "state.json").write_text(json.dumps(state))
    page = service.runs(down)
    assert (len(page.runs), page.waiting) == (2, 2)
    assert service.sync_status(down).recorder_pid is None
    writer.close()

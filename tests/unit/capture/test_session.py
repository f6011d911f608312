from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbship.capture.request import TrackRequest
from nbship.capture.session import AssignedRun, Session
from nbship.capture.watch import CellIdentity, CellOutcome
from nbship.config import Settings, load_settings
from nbship.errors import SpoolError, UsageError
from nbship.model.cell import CellStatus
from nbship.model.event import CellBegan, CellExecuted, Event, RunBegan, RunEnded, RunLogged
from nbship.model.report import TrackReport
from nbship.model.run import RunStatus


@dataclass
class ListSink:
    """Keeps events and blobs in lists."""

    events: list[Event] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)

    def append(self, event: Event) -> None:
        self.events.append(event)

    def put_blob(self, data: bytes | Path, suffix: str = "") -> str:
        name = f"b{len(self.blobs)}{suffix}"
        self.blobs[name] = data if isinstance(data, bytes) else data.read_bytes()
        return name


@dataclass
class ListBridge:
    """Notes what it is asked, and names the run that it makes."""

    calls: list[tuple[str, Any]] = field(default_factory=list)
    run_id: str | None = "store-1"

    def open(self, run, settings, tags) -> str | None:
        self.calls.append(("open", tags["mlflow.runName"]))
        return self.run_id

    def close(self, run, status) -> None:
        self.calls.append(("close", status))


class Kernel:
    """Feeds cells to a session the way a kernel does."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.namespace: dict[str, Any] = {}
        self.sink = ListSink()
        self.bridge = ListBridge()
        self.mlflow_loaded = False
        self.count = 0
        self.session = Session(
            self.namespace,
            settings=lambda: self.settings,
            sink=lambda: self.sink,
            source_name=lambda: "train.ipynb",
            bridge=self.bridge,
            uses_mlflow=lambda: self.mlflow_loaded,
        )

    def begin(self, source: str, cell_id: str | None = None, **identity: Any) -> None:
        self.count += 1
        self.session.cell_began(CellIdentity(self.count, cell_id, **identity), source, source)

    def end(self, error: BaseException | None = None, value: Any = None) -> TrackReport | None:
        return self.session.cell_ended(CellOutcome(error, (), (), value))

    def run(self, source: str, request: TrackRequest | None = None, **identity: Any) -> TrackReport | None:
        """Run a cell to its end; with a request it is tracked. The value is that of a last line without ``=``."""
        self.begin(source, **identity)
        if request is not None:
            self.session.begin_run(request)
        *body, last = source.split("\n")
        error, value = None, None
        try:
            exec("\n".join(body), self.namespace)
            try:
                value = eval(last, self.namespace)
            except SyntaxError:
                exec(last, self.namespace)
        except BaseException as raised:  # noqa: BLE001 - a kernel takes whatever a cell raises
            error = raised
        return self.end(error, value)

    def events(self, kind: type) -> list[Any]:
        return [event for event in self.sink.events if isinstance(event, kind)]

    def merged(self, part: str) -> dict[str, Any]:
        logged = [getattr(event, part) for event in self.events(RunLogged)]
        return {key: value for items in logged for key, value in items.items()}

    @property
    def points(self) -> list[tuple[str, float, int]]:
        return [(p.key, p.value, p.step) for event in self.events(RunLogged) for p in event.metrics]

    @property
    def data(self) -> list[str]:
        return [record.name for event in self.events(RunLogged) for record in event.datasets]

    @property
    def ended(self) -> RunEnded:
        (event,) = self.events(RunEnded)
        return event


@pytest.fixture
def settings(tmp_path) -> Settings:
    (tmp_path / "pyproject.toml").touch()
    return load_settings(tmp_path, {"environment": False, "git": False})


@pytest.fixture
def kernel(settings):
    made = Kernel(settings)
    yield made
    made.session.close()


TRACK = TrackRequest(name="a")


def test_nothing_is_written_before_the_first_run(kernel):
    kernel.run("x = 1")
    assert kernel.sink.events == []


def test_a_tracked_cell_is_one_run_from_begin_to_end(kernel):
    kernel.run("x = 1")
    kernel.run("unrelated = 5")
    report = kernel.run("y = x + 1", replace(TRACK, params={"extra": "3"}, tags={"team": "blue"}))
    (began,) = kernel.events(RunBegan)
    assert (began.name, began.cell, began.parent) == ("a", 2, None)
    assert began.params == {"extra": "3"}
    assert (began.tags["team"], began.tags["mlflow.source.name"]) == ("blue", "train.ipynb")
    assert began.tracking_uri == kernel.settings.tracking_uri
    assert kernel.merged("params") == {"x": "1"}
    assert kernel.points == [("y", 2.0, 0)]
    assert kernel.ended.status is RunStatus.FINISHED
    assert (kernel.ended.cells, kernel.ended.needed) == ((2,), (0, 2))
    assert (report.run, report.name, report.status) == (began.run, "a", RunStatus.FINISHED)
    assert (report.metrics, report.params, report.cells, report.warnings) == ({"y": 2.0}, 2, 1, ())


def test_the_ledger_comes_once_and_before_the_cell_of_the_run(kernel):
    kernel.run("x = 1")
    kernel.run("y = x + 1", TRACK)
    kernel.run("z = y + 1", replace(TRACK, name="b"))
    kinds = [type(event).__name__ for event in kernel.sink.events if not isinstance(event, RunLogged)]
    one = ["RunBegan", "CellBegan", "CellExecuted", "RunEnded"]
    assert kinds == ["CellExecuted", *one, *one]
    assert [event.cell.index for event in kernel.events(CellExecuted)] == [0, 1, 2]
    assert all(event.cell.status is CellStatus.RUNNING for event in kernel.events(CellBegan))


def test_a_run_without_a_name_is_called_after_the_notebook(kernel):
    assert kernel.run("x = 1", TrackRequest()).name.startswith("train-")


def test_data_that_the_cell_reads_and_what_is_named_is_fingerprinted(kernel):
    kernel.namespace["given"] = np.arange(3)
    report = kernel.run("made = given * 2", replace(TRACK, data=("made",)))
    assert kernel.data == ["given", "made"]
    assert report.datasets == ("given", "made")


def test_data_is_what_it_was_before_the_cell_ran(kernel):
    kernel.run("import numpy as np\nx = np.arange(3)")
    kernel.run("x += 1", TRACK)
    kernel.run("y = x.sum()", replace(TRACK, name="b"))
    first, second = [r.fingerprint.digest for event in kernel.events(RunLogged) for r in event.datasets]
    assert first != second


def test_what_is_switched_off_is_not_captured(kernel):
    kernel.settings = replace(kernel.settings, fingerprints=False, files=False, models=False)
    kernel.namespace["given"] = np.arange(3)
    kernel.run("made = given.sum()", TRACK)
    assert kernel.data == []
    assert kernel.points == [("made", 3.0, 0)]


def test_metrics_can_be_narrowed_and_a_missing_one_is_no_success(kernel):
    kernel.run("a = 1 + len('x')\nb = 2 + len('x')", replace(TRACK, metrics=("b",)))
    assert kernel.points == [("b", 3.0, 0)]
    report = kernel.run("a = str(1)\nc = len('xy')", TrackRequest("b", metrics=("a",)))
    assert report.status is RunStatus.FAILED
    assert report.reason == "--metric a: the cell left no number of that name; it left c"


def test_data_without_a_fingerprint_is_no_success(kernel):
    report = kernel.run("text = str(1)", replace(TRACK, data=("text",)))
    assert (report.status, report.reason) == (
        RunStatus.FAILED,
        "--data text: not a table or array that has a fingerprint",
    )


def test_a_model_without_predict_is_no_success(kernel):
    report = kernel.run("thing = dict()", replace(TRACK, model="thing"))
    assert report.status is RunStatus.FAILED
    assert "--model thing: dict has no predict()" in report.reason


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        ("raise ValueError('bad')", RunStatus.FAILED, "ValueError: bad"),
        ("raise KeyboardInterrupt", RunStatus.KILLED, "interrupted"),
        ("raise SystemExit(3)", RunStatus.FAILED, "SystemExit: 3"),
    ],
)
def test_how_the_cell_ended_is_how_the_run_ends(kernel, error, status, reason):
    report = kernel.run(f"auc = len('ab') / 8\n{error}\nlate = len('a')", TRACK)
    assert (report.status, report.reason) == (status, reason)
    assert (kernel.ended.status, kernel.ended.reason) == (status, reason)
    assert kernel.points == [("auc", 0.25, 0)]


def test_a_secret_in_the_reason_is_masked(kernel):
    report = kernel.run("raise ValueError('postgres://bob:hunter2@db/x')", TRACK)
    assert report.reason == "ValueError: postgres://bob:***@db/x"


def test_secret_parameters_and_tags_are_masked_and_counted(kernel):
    report = kernel.run("x = 1", replace(TRACK, params={"api_key": "abc"}, tags={"password": "tiny"}))
    (began,) = kernel.events(RunBegan)
    assert (began.params["api_key"], began.tags["password"]) == ("***", "***")
    assert report.masked == 2


def test_a_run_given_up_is_killed(kernel):
    kernel.begin("x = 1")
    assert kernel.session.cancel() is False
    kernel.session.begin_run(TRACK)
    assert kernel.session.cancel() is True
    report = kernel.end()
    assert (report.status, report.reason) == (RunStatus.KILLED, "%track off in the cell")


def test_wrong_use_is_refused_before_anything_is_written(kernel):
    with pytest.raises(UsageError, match="none is running"):
        kernel.session.begin_run(TRACK)
    kernel.begin("x = 1")
    with pytest.raises(UsageError, match="--data nothing"):
        kernel.session.begin_run(replace(TRACK, data=("nothing",)))
    assert kernel.sink.events == []
    kernel.session.begin_run(TRACK)
    with pytest.raises(UsageError, match="tracked already"):
        kernel.session.begin_run(TRACK)
    assert kernel.end().status is RunStatus.FINISHED


def test_where_nothing_can_be_kept_no_run_is_open(settings):
    kernel = Kernel(settings)

    def full() -> ListSink:
        raise SpoolError("disk full")

    kernel.session.sink = full
    kernel.mlflow_loaded = True
    kernel.begin("x = 1")
    with pytest.raises(SpoolError):
        kernel.session.begin_run(TRACK)
    assert kernel.session.cell_run is None
    assert kernel.bridge.calls == []
    assert kernel.end() is None


def test_an_end_without_a_beginning_is_nothing(kernel):
    assert kernel.end() is None
    assert kernel.session.ledger.entries == []


def test_cells_from_before_are_known_by_their_source(kernel):
    kernel.session.note_unobserved(
        [(1, "lr = 0.1", "lr = 0.1"), (2, "token = 'abcDEF-123'", "token = 'abcDEF-123'")]
    )
    kernel.namespace["lr"] = 0.1
    kernel.run("y = lr * 2", TRACK)
    before = [event.cell for event in kernel.events(CellExecuted)][:2]
    assert [cell.status for cell in before] == [CellStatus.UNOBSERVED] * 2
    assert before[1].source == "token = '***'"
    assert kernel.merged("params") == {"lr": "0.1"}
    assert kernel.ended.needed == (0, 2)


def test_a_deleted_cell_is_hidden_state(kernel):
    kernel.run("x = 1", cell_id="a")
    kernel.run("y = x + 1", TRACK, cell_id="b", deleted_cells=("a",))
    assert kernel.merged("tags")["nbship.hidden_state"] == "0"


def test_the_users_mlflow_calls_get_the_run_and_lose_it_again(kernel):
    report = kernel.run("import math\nmlflow = None", TRACK)
    assert (report.store_run_id, kernel.bridge.calls) == (None, [])
    kernel.mlflow_loaded = True
    report = kernel.run("raise ValueError", replace(TRACK, name="b"))
    assert report.store_run_id == "store-1"
    assert kernel.events(RunBegan)[1].store_run_id == "store-1"
    assert kernel.bridge.calls == [("open", "b"), ("close", RunStatus.FAILED)]


def test_what_rests_on_the_run_is_kept_beside_it(kernel):
    kernel.run("import random\nrandom.seed(3)\nx = random.random()", TRACK)
    (artifact,) = [
        a for event in kernel.events(RunLogged) for a in event.artifacts if a.path == "nbship/run.json"
    ]
    record = json.loads(kernel.sink.blobs[artifact.blob])
    assert record["seeds"] == [{"call": "random.seed", "value": "3", "cell": 0}]
    assert record["random_state_used"] == ["random"]


def test_environment_and_git_come_later_but_before_the_kernel_ends(settings):
    kernel = Kernel(replace(settings, environment=True))
    kernel.run("x = 1", TRACK)
    kernel.session.close()
    paths = {a.path for event in kernel.events(RunLogged) for a in event.artifacts}
    assert {"nbship/environment.json", "nbship/requirements.txt"} <= paths


# Session runs


def test_the_cell_that_turns_session_tracking_on_belongs_to_it_and_the_one_that_turns_it_off_does_not(kernel):
    kernel.begin("switch on\nloss = len('ab')")
    kernel.session.begin_session_run(TrackRequest("s"))
    kernel.namespace["loss"] = 2
    kernel.end()
    kernel.begin("switch off")
    kernel.session.end_session_run()
    kernel.end()

    assert kernel.ended.cells == (0,)
    assert kernel.ended.status is RunStatus.FINISHED


def test_one_part_that_fails_costs_no_more_than_that_part(kernel):
    class Hostile:
        def __getattr__(self, name):
            raise RuntimeError(name)

        fit = predict = print

    kernel.namespace["thing"] = Hostile()
    report = kernel.run("thing.fit()\nscore = len('abc')", TRACK)

    assert report.status is RunStatus.FINISHED
    assert report.metrics == {"score": 3}
    assert kernel.ended.status is RunStatus.FINISHED


@pytest.mark.parametrize("value", ["hunter2-hunter2", "short", "with space"])
def test_an_option_named_like_a_secret_is_hidden_in_the_source_too(kernel, value):
    kernel.begin(f"%%track a -p password={value}\nx = 1")
    kernel.session.begin_run(TrackRequest("a", params={"password": value}))
    kernel.end()

    assert all(value not in repr(event) for event in kernel.sink.events)


def test_a_session_run_holds_every_cell_and_a_history_of_each_metric(kernel):
    kernel.run("before = 1")
    run = kernel.session.begin_session_run(TrackRequest("s"))
    for number in (1, 2, 3):
        kernel.run(f"auc = float({number}) / len('ab')")
    report = kernel.session.end_session_run()
    assert kernel.points == [("auc", 0.5, 0), ("auc", 1.0, 1), ("auc", 1.5, 2)]
    assert (kernel.ended.run, kernel.ended.cells) == (run.key, (1, 2, 3))
    assert (report.status, report.metrics, report.cells) == (RunStatus.FINISHED, {"auc": 1.5}, 3)


def test_the_first_value_of_a_parameter_stays(kernel):
    kernel.session.begin_session_run(TrackRequest("s"))
    kernel.run("lr = 0.1\ny = lr * 2")
    kernel.run("lr = 0.5\ny = lr * 2")
    assert [e.params for e in kernel.events(RunLogged) if e.params] == [{"lr": "0.1"}]
    assert kernel.session.end_session_run().params == 1


def test_a_tracked_cell_in_a_session_is_a_child_of_it(kernel):
    outer = kernel.session.begin_session_run(TrackRequest("s"))
    kernel.run("y = len('abc')", TRACK)
    assert kernel.events(RunBegan)[1].parent == outer.key
    assert {event.run for event in kernel.events(RunLogged) if event.metrics} == {
        outer.key,
        kernel.events(RunBegan)[1].run,
    }


def test_a_failure_that_a_later_run_of_the_cell_mends_is_forgotten(kernel):
    kernel.session.begin_session_run(TrackRequest("s"))
    kernel.run("raise ValueError('once')", cell_id="a")
    kernel.run("x = 1", cell_id="a")
    assert kernel.session.end_session_run().status is RunStatus.FINISHED


def test_a_failure_that_nothing_mended_fails_the_session(kernel):
    kernel.session.begin_session_run(TrackRequest("s"))
    kernel.run("raise ValueError('once')", cell_id="a")
    kernel.run("x = 1", cell_id="b")
    report = kernel.session.end_session_run()
    assert (report.status, report.reason) == (RunStatus.FAILED, "ValueError: once")


def test_on_twice_and_off_twice_are_refused(kernel):
    with pytest.raises(UsageError, match="not on"):
        kernel.session.end_session_run()
    kernel.session.begin_session_run(TrackRequest("s"))
    with pytest.raises(UsageError, match="on already, as run 's'"):
        kernel.session.begin_session_run(TrackRequest("t"))


def test_a_session_can_be_ended_from_inside_a_cell(kernel):
    kernel.session.begin_session_run(TrackRequest("s"))
    kernel.run("x = len('abc')")
    kernel.begin("%track off")
    report = kernel.session.end_session_run()
    assert kernel.end() is None
    assert report.status is RunStatus.FINISHED
    assert kernel.ended.needed == (0,)


def test_a_session_that_fitted_a_model_can_be_ended_from_inside_a_cell(kernel):
    from sklearn.linear_model import LinearRegression

    kernel.namespace |= {"LinearRegression": LinearRegression, "X": np.arange(4.0).reshape(-1, 1)}
    kernel.session.begin_session_run(TrackRequest("s"))
    kernel.run("m = LinearRegression().fit(X, X[:, 0])\nm = m")
    kernel.begin("%track off")
    report = kernel.session.end_session_run()
    kernel.end()
    assert report.model == "m (LinearRegression)"
    assert report.warnings == ()


# The end of the kernel


def test_a_kernel_that_ends_while_all_is_well_finishes_the_session(kernel):
    kernel.session.begin_session_run(TrackRequest("s"))
    kernel.run("x = 1")
    kernel.session.close()
    assert (kernel.ended.status, kernel.ended.reason) == (RunStatus.FINISHED, "")


def test_a_kernel_that_ends_in_the_middle_of_a_cell_kills_what_is_open(kernel):
    kernel.session.begin_session_run(TrackRequest("s"))
    kernel.begin("x = 1")
    kernel.session.begin_run(TRACK)
    kernel.session.close()
    ends = kernel.events(RunEnded)
    assert [end.status for end in ends] == [RunStatus.KILLED] * 2
    assert all("shut down while" in end.reason for end in ends)
    kernel.session.close()
    assert len(kernel.events(RunEnded)) == 2


def test_a_restart_kills_the_session(kernel):
    kernel.session.begin_session_run(TrackRequest("s"))
    kernel.session.close(restarted=True)
    assert (kernel.ended.status, kernel.ended.reason) == (RunStatus.KILLED, "the kernel was restarted")


# What users' objects may do


def test_an_object_whose_attributes_raise_does_not_leave_the_run_open(kernel):
    kernel.namespace["AttrDict"] = type("AttrDict", (dict,), {"__getattr__": dict.__getitem__})
    report = kernel.run("config = AttrDict(lr=0.1)\nauc = len('xy')", TRACK)
    assert (report.status, report.metrics) == (RunStatus.FINISHED, {"auc": 2.0, "config.lr": 0.1})


def test_an_exception_that_cannot_be_printed_does_not_leave_the_run_open(kernel):
    def refuse(_: object) -> str:
        raise RuntimeError("no text")

    kernel.namespace["Mute"] = type("Mute", (Exception,), {"__str__": refuse})
    report = kernel.run("raise Mute", TRACK)
    assert (report.status, kernel.ended.status) == (RunStatus.FAILED, RunStatus.FAILED)
    assert report.reason.startswith("Mute")


def test_a_secret_option_of_track_does_not_stay_in_the_source(kernel):
    kernel.begin("%%track a -p password=sword-fish7\nx = 1")
    kernel.session.begin_run(replace(TRACK, params={"password": "sword-fish7"}))
    kernel.end()
    assert "sword-fish7" not in repr(kernel.sink.events)


# A notebook that is executed as a step


ASSIGNED = AssignedRun("e" * 32, 1234, parent="f" * 32)


def test_an_assigned_run_has_the_id_the_time_and_the_parent_it_was_given(kernel):
    kernel.session.begin_assigned_run(TrackRequest("train", params={"rows": "3"}), ASSIGNED)
    (began,) = kernel.events(RunBegan)
    assert (began.run, began.started_ms, began.parent) == ("e" * 32, 1234, "f" * 32)
    assert (began.name, began.params, began.cell) == ("train", {"rows": "3"}, None)
    assert began.tags["nbship.scope"] == "session"


def test_every_cell_belongs_to_an_assigned_run(kernel):
    kernel.session.begin_assigned_run(TrackRequest("train"), ASSIGNED)
    kernel.run("rows = 3")
    kernel.run("accuracy = rows / 4")
    ended = kernel.session.conclude_assigned_run(RunStatus.FINISHED)
    assert (ended.run, ended.status, ended.cells, ended.needed) == (
        "e" * 32,
        RunStatus.FINISHED,
        (0, 1),
        (0, 1),
    )
    assert kernel.events(RunEnded) == []  # who executes the notebook writes it
    assert [cell.cell.status for cell in kernel.events(CellExecuted)] == [CellStatus.OK] * 2
    assert ("accuracy", 0.75, 0) in kernel.points


def test_a_tracked_cell_inside_an_assigned_run_is_its_child(kernel):
    kernel.session.begin_assigned_run(TrackRequest("train"), ASSIGNED)
    kernel.run("x = 1", TRACK)
    outer, inner = kernel.events(RunBegan)
    assert inner.parent == outer.run
    assert kernel.ended.run == inner.run
    assert kernel.session.conclude_assigned_run(RunStatus.FINISHED).run == outer.run


def test_a_step_that_ends_in_the_middle_of_a_tracked_cell_ends_that_too(kernel):
    kernel.session.begin_assigned_run(TrackRequest("train"), ASSIGNED)
    kernel.begin("x = 1")
    kernel.session.begin_run(TRACK)
    ended = kernel.session.conclude_assigned_run(RunStatus.KILLED)
    assert kernel.ended.status is RunStatus.KILLED
    assert "ended while the cell was running" in kernel.ended.reason
    assert ended.status is RunStatus.KILLED


def test_a_step_that_is_recorded_no_more_cannot_be_concluded(kernel):
    with pytest.raises(UsageError, match="no step is being recorded here"):
        kernel.session.conclude_assigned_run(RunStatus.FINISHED)


def test_a_step_that_uses_mlflow_has_its_run_in_the_store_at_once(kernel):
    assigned = replace(ASSIGNED, uses_mlflow=True)
    kernel.session.begin_assigned_run(TrackRequest("train"), assigned)
    (began,) = kernel.events(RunBegan)
    assert began.store_run_id == "store-1"
    assert kernel.bridge.calls == [("open", "train")]


def test_parameters_with_the_names_of_secrets_are_masked(kernel):
    kernel.session.begin_assigned_run(TrackRequest("train", params={"api_key": "hunter22"}), ASSIGNED)
    assert "hunter22" not in repr(kernel.sink.events)

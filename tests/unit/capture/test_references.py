from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nbship.capture.profiles import build_profile
from nbship.capture.request import TrackRequest
from nbship.capture.rng import digest_rng
from nbship.capture.session import Session
from nbship.capture.watch import CellIdentity, CellOutcome
from nbship.config import Settings, load_settings
from nbship.errors import SpoolError
from nbship.model.event import Event, RunLogged
from nbship.model.profile import Profile
from nbship.model.report import TrackReport


@dataclass
class ListSink:
    """Keeps events and blobs in lists."""

    events: list[Event] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    full: bool = False

    def append(self, event: Event) -> None:
        self.events.append(event)

    def put_blob(self, data: bytes | Path, suffix: str = "") -> str:
        if self.full:
            raise SpoolError("no space left on device")
        name = f"b{len(self.blobs)}{suffix}"
        self.blobs[name] = data if isinstance(data, bytes) else data.read_bytes()
        return name


class NoBridge:
    def open(self, run, settings, tags) -> None:
        return None

    def close(self, run, status) -> None:
        return None


class Kernel:
    """Feeds tracked cells to a session, and reads what their runs keep."""

    def __init__(self, settings: Settings, **namespace: Any) -> None:
        self.settings = settings
        self.namespace: dict[str, Any] = namespace
        self.sink = ListSink()
        self.session = Session(
            self.namespace,
            settings=lambda: self.settings,
            sink=lambda: self.sink,
            source_name=lambda: None,
            bridge=NoBridge(),
            uses_mlflow=lambda: False,
        )

    def run(self, source: str, request: TrackRequest | None = None) -> TrackReport:
        """Run a tracked cell and forget what earlier ones kept."""
        self.sink.events.clear()
        self.session.cell_began(CellIdentity(), source, source)
        self.session.begin_run(request or TrackRequest(name="a"))
        exec(source, self.namespace)
        report = self.session.cell_ended(CellOutcome())
        assert report is not None
        self.session.settle()
        return report

    @property
    def logged(self) -> list[RunLogged]:
        return [event for event in self.sink.events if isinstance(event, RunLogged)]

    @property
    def files(self) -> dict[str, Any]:
        found = {record.path: record.blob for event in self.logged for record in event.artifacts}
        return {
            path: json.loads(self.sink.blobs[blob])
            for path, blob in found.items()
            if path.endswith(".json") and path != "nbship/run.json"
        }

    @property
    def tags(self) -> dict[str, str]:
        return {key: value for event in self.logged for key, value in event.tags.items()}

    def profile(self, path: str) -> Profile:
        return Profile.from_dict(self.files[f"nbship/{path}.json"])


X = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 2)), columns=["a", "b"])
FRAME = X.assign(late=X["a"] > 0, level="x")
FIT = "model = LogisticRegression().fit(train[columns], train['late'])"


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    for budget in ("_SECONDS_A_DATASET", "_SECONDS_A_RUN"):  # a busy machine is not what is tested
        monkeypatch.setattr(f"nbship.capture.model_references.{budget}", 60.0)
    (tmp_path / "pyproject.toml").touch()
    settings = load_settings(tmp_path, {"environment": False, "git": False, "files": False})
    made = Kernel(settings, LogisticRegression=LogisticRegression, train=FRAME.copy(), columns=["a", "b"])
    yield made
    made.sink.full = False
    made.session.close()


def test_each_table_of_a_run_has_a_profile(kernel):
    kernel.namespace |= {"array": np.zeros((4, 2)), "series": FRAME["a"], "parts": {"test": FRAME.head(9)}}
    report = kernel.run("n = len(train) + len(array) + len(series) + len(parts['test'])")

    assert set(kernel.files) == {f"nbship/profiles/{name}.json" for name in ("train", "array", "parts_test")}
    assert kernel.profile("profiles/train").name == "train"
    assert kernel.profile("profiles/parts_test").name == "parts['test']"
    assert kernel.profile("profiles/parts_test").rows == 9
    digests = {record.name: record.fingerprint.digest for event in kernel.logged for record in event.datasets}
    assert kernel.profile("profiles/train").digest == digests["train"]
    assert report.warnings == ()


def test_profiles_show_the_data_before_the_cell_changed_it(kernel):
    kernel.run("train['a'] = 5.0")
    assert kernel.profile("profiles/train").column("a").maximum < 5


def test_data_that_is_named_has_a_profile_when_the_cell_made_it(kernel):
    kernel.run("made = train.head(7)", TrackRequest("a", data=("made",)))
    assert kernel.profile("profiles/made").rows == 7


def test_versions_of_a_dataset_sort_in_their_order(kernel):
    kernel.session.begin_session_run(TrackRequest(name="s"))
    for _ in range(12):
        kernel.session.cell_began(CellIdentity(), "n = len(train)", "n = len(train)")
        kernel.session.cell_ended(CellOutcome())
        kernel.namespace["train"] = kernel.namespace["train"].iloc[:-1]
    kernel.session.settle()
    paths = sorted(path for path in kernel.files if "profiles" in path)

    assert [kernel.files[path]["rows"] for path in paths] == list(range(300, 288, -1))
    kernel.session.end_session_run()


def test_names_that_differ_in_case_only_are_files_of_their_own(kernel):
    kernel.namespace["Train"] = FRAME.head(3)
    kernel.run("n = len(train) + len(Train)")
    assert len({path.casefold() for path in kernel.files}) == 2


def test_a_model_answers_to_the_tables_that_fit_it(kernel):
    kernel.namespace |= {"test": FRAME.head(50), "other": FRAME[["a"]]}
    kernel.run(f"{FIT}\nscore = model.score(test[columns], test['late']) + len(other)")
    answers = kernel.profile("predictions/train")

    assert [(column.name, column.role) for column in answers.columns] == [
        ("prediction", "prediction"),
        ("probability", "prediction"),
    ]
    assert (answers.name, answers.rows, answers.sampled_from) == ("train", 300, None)
    assert answers.digest == kernel.profile("profiles/train").digest
    assert 0 <= answers.column("probability").minimum < 0.5 < answers.column("probability").maximum <= 1
    assert kernel.profile("predictions/test").rows == 50
    assert "nbship/predictions/other.json" not in kernel.files


def test_what_matters_to_the_model_and_what_it_predicts_is_kept(kernel):
    kernel.run(FIT)
    stored = kernel.files["nbship/importance.json"]

    assert (stored["version"], stored["model"]) == (1, "model (LogisticRegression)")
    assert stored["importance"]["a"] > 0.8
    assert sum(stored["importance"].values()) == pytest.approx(1)
    assert kernel.tags["nbship.target"] == "late"


def test_the_target_may_stand_in_a_variable_and_must_be_a_column(kernel):
    kernel.namespace |= {"TARGET": "late", "y": FRAME["late"]}
    kernel.run("model = LogisticRegression().fit(train[columns], train[TARGET])")
    assert kernel.tags["nbship.target"] == "late"
    kernel.run("model = LogisticRegression().fit(train[columns], y.array)")
    assert "nbship.target" not in kernel.tags


def test_the_model_answers_to_the_data_that_it_learnt_from_though_it_changed_since(kernel):
    kernel.run(f"{FIT}\ntrain['a'] = 1000.0")
    before = kernel.profile("predictions/train").column("probability")
    assert before.minimum < 0.5 < before.maximum


def test_nothing_of_it_disturbs_the_kernel(kernel, capsys):
    class Noisy(LogisticRegression):
        def predict_proba(self, rows):
            print("noise")
            np.random.random()
            return super().predict_proba(rows)

    kernel.namespace["LogisticRegression"] = Noisy
    before = digest_rng()
    report = kernel.run(FIT)

    assert "nbship/predictions/train.json" in kernel.files
    assert digest_rng() == before
    assert capsys.readouterr().out == ""
    assert report.warnings == () or "saved" in report.warnings[0]


def test_a_table_that_the_model_refuses_has_no_predictions(kernel):
    train = kernel.namespace["train"]
    train.loc[0, "a"] = np.nan
    report = kernel.run("model = LogisticRegression().fit(train[columns].dropna(), train['late'][1:])")

    assert set(kernel.files) == {"nbship/profiles/train.json", "nbship/importance.json"}
    assert report.status == "FINISHED"


def test_a_run_without_a_model_has_profiles_only(kernel):
    kernel.run("n = len(train)")
    assert set(kernel.files) == {"nbship/profiles/train.json"}
    kernel.settings = replace(kernel.settings, models=False)
    kernel.run(FIT)
    assert set(kernel.files) == {"nbship/profiles/train.json"}


@pytest.mark.parametrize("switch", ["profiles", "fingerprints"])
def test_what_is_switched_off_is_not_kept(kernel, switch):
    kernel.settings = replace(kernel.settings, **{switch: False})
    kernel.run(FIT)
    found = {path for path in kernel.files if path != "nbship/importance.json"}

    assert found == set()
    record = next(
        json.loads(kernel.sink.blobs[item.blob])
        for event in kernel.logged
        for item in event.artifacts
        if item.path == "nbship/run.json"
    )
    assert record["captured"][switch] is False


def test_a_fault_in_a_profile_is_a_note_and_nothing_else(kernel, monkeypatch):
    class Broken(pd.DataFrame):
        @property
        def shape(self):
            raise OSError("gone")

    monkeypatch.setattr("nbship.capture.datasets.fingerprint", lambda _: _fingerprint_of(FRAME))
    kernel.namespace["train"] = Broken(FRAME)
    report = kernel.run("n = len(train)")

    assert report.status == "FINISHED"
    assert report.warnings == ("no profile of train: OSError: gone",)


def test_a_fault_beside_the_kernel_is_a_note_too(kernel, monkeypatch):
    monkeypatch.setattr("nbship.capture.profiles.build_profile", None)
    kernel.run("n = len(train)")
    said = [warning for event in kernel.logged for warning in event.warnings]
    assert said == ["no profile of train: TypeError: 'NoneType' object is not callable"]


def test_a_full_disk_ends_the_work_beside_the_kernel(kernel):
    kernel.session.cell_began(CellIdentity(), "n = len(train)", "n = len(train)")
    kernel.session.begin_run(TrackRequest(name="a"))
    kernel.sink.full = True
    with pytest.raises(SpoolError):
        kernel.session.cell_ended(CellOutcome())
    kernel.session.settle()
    assert kernel.files == {}


def test_equal_data_under_several_names_is_copied_and_summarised_once(kernel, monkeypatch):
    made = []
    monkeypatch.setattr(
        "nbship.capture.profiles.build_profile",
        lambda *given, **options: made.append(given) or build_profile(*given, **options),
    )
    kernel.namespace |= {"again": FRAME.copy(), "third": FRAME.copy()}
    kernel.run("n = len(train) + len(again) + len(third)")
    names = {path: found["name"] for path, found in kernel.files.items()}
    assert names == {f"nbship/profiles/{name}.json": name for name in ("train", "again", "third")}
    assert len(made) == 1


def test_what_there_is_no_time_for_is_named(kernel, monkeypatch):
    monkeypatch.setattr("nbship.capture.references._SECONDS_LATER", 0.009)
    kernel.namespace |= {f"part{n}": X + n for n in range(9)}
    report = kernel.run(f"n = {' + '.join(f'len(part{n})' for n in range(9))}")

    assert len(kernel.files) == 5
    assert report.warnings == (
        "no profile of part5, part6, part7 and 1 more: one cell's tables are summarised for 0.009 s at most",
    )


def test_of_many_large_tables_a_thousand_rows_each_are_summarised(kernel, monkeypatch):
    monkeypatch.setattr("nbship.capture.references._MOST_PENDING_CELLS", 100)
    monkeypatch.setattr("nbship.capture.references._SECONDS_NOW", 0.0)
    kernel.namespace["long"] = pd.DataFrame({"a": np.arange(5_000.0)})
    kernel.run("n = len(long)")
    profile = kernel.profile("profiles/long")
    assert (profile.rows, profile.sampled_from) == (1_000, 5_000)


def test_predictions_of_a_secret_are_only_counted(kernel):
    kernel.namespace["users"] = X.assign(password=["hunter2hunter2", "correct-horse"] * 150)
    kernel.run("model = LogisticRegression().fit(users[columns], users['password'])")
    answers = kernel.profile("predictions/users")

    assert [(column.name, column.count, column.levels) for column in answers.columns] == [
        ("prediction", 300, ()),
        ("probability", 300, ()),
    ]
    assert answers.notes[0] == "prediction: only counted, since a secret is predicted"
    assert not any(b"hunter2" in blob for name, blob in kernel.sink.blobs.items() if name.endswith(".json"))


def test_predicted_levels_that_are_rare_or_hold_a_secret_are_withheld(kernel):
    kernel.settings = replace(kernel.settings, profile_min_count=10)
    kernel.session.masker.learn("password", "tr0ub4dor&3")
    kernel.namespace["users"] = X.assign(
        kind=np.select([X["a"] > 2.2, X["a"] > 0], ["rare", "tr0ub4dor&3"], "plain")
    )
    kernel.run("model = LogisticRegression(C=1e6).fit(users[columns], users['kind'])")
    (column,) = kernel.profile("predictions/users").columns
    assert [name for name, _ in column.levels] == ["plain"]
    assert column.withheld == 2


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit])
def test_a_run_ends_though_its_model_is_interrupted(kernel, raised):
    class Stopped(LogisticRegression):
        calls = 0

        def predict(self, rows):
            type(self).calls += 1
            if type(self).calls > 1:  # the first is for the signature
                raise raised
            return super().predict(rows)

    kernel.namespace["LogisticRegression"] = Stopped
    report = kernel.run(FIT)
    assert report.status == "FINISHED"
    assert "nbship/profiles/train.json" in kernel.files
    assert any("interrupted" in warning for warning in report.warnings) == (raised is KeyboardInterrupt)


def test_a_large_table_is_summarised_before_its_cell_runs(kernel, monkeypatch):
    monkeypatch.setattr("nbship.capture.references._MOST_PENDING_CELLS", 100)
    monkeypatch.setattr("nbship.capture.references._FEWEST_ROWS", 10)
    kernel.namespace["few"] = FRAME.head(10)
    kernel.session.cell_began(CellIdentity(), "n = len(train) + len(few)", "n = len(train) + len(few)")
    kernel.session.begin_run(TrackRequest(name="a"))
    assert set(kernel.files) == {"nbship/profiles/train.json"}
    kernel.session.cell_ended(CellOutcome())


def _fingerprint_of(value):
    from nbship.hashing import fingerprint

    return fingerprint(value)


def test_the_second_run_over_the_same_data_packs_nothing(kernel, monkeypatch):
    kernel.run("n = len(train)")
    first = kernel.files
    monkeypatch.setattr("nbship.capture.profiles.build_profile", None)
    kernel.run("n = len(train)")
    assert kernel.files == first


def test_rare_levels_are_withheld_where_the_project_says_so(kernel):
    kernel.settings = replace(kernel.settings, profile_min_count=400)
    kernel.run("n = len(train)")
    assert kernel.profile("profiles/train").column("level").levels == ()


def test_arrays_and_pipelines_have_references_too(kernel):
    kernel.namespace |= {"X": X.to_numpy(), "y": X["a"].to_numpy(), "make": make_pipeline}
    kernel.namespace |= {"LinearRegression": LinearRegression, "StandardScaler": StandardScaler}
    kernel.run("pipe = make(StandardScaler(), LinearRegression()).fit(X, y)")

    assert kernel.profile("predictions/X").columns[0].name == "prediction"
    assert kernel.files["nbship/importance.json"]["importance"]["0"] == pytest.approx(1)
    assert [column.name for column in kernel.profile("profiles/X").columns] == ["0", "1"]

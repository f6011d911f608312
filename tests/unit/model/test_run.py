from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbship.model.run import DatasetSummary, Run, RunPage, RunStatus

RUN = Run(
    id="a" * 32,
    name="<b>forest</b>",
    status=RunStatus.FINISHED,
    experiment="prices",
    started_ms=1_700_000_000_001,
    ended_ms=1_700_000_012_346,
    params={"lr": "0.1"},
    metrics={"auc": 0.75},
    datasets=(DatasetSummary("df", "d1", 3), DatasetSummary("x", "d2")),
    tags={"k": "v"},
    artifact_uri="file:///a",
)

CONTRACT = {
    *("id", "name", "status", "experiment", "started", "duration_seconds"),
    *("params", "metrics", "datasets", "tags", "artifact_uri"),
}


def test_the_json_form_is_the_contract():
    data = RUN.to_dict()
    assert set(data) == CONTRACT
    assert data["status"] == "FINISHED"
    assert data["started"] == "2023-11-14T22:13:20.001+00:00"
    assert data["duration_seconds"] == 12.345
    assert data["datasets"] == [
        {"name": "df", "digest": "d1", "rows": 3},
        {"name": "x", "digest": "d2", "rows": None},
    ]


def test_a_run_that_goes_on_has_no_duration():
    going = Run("i", "n", RunStatus.RUNNING, "e", 5)
    assert going.duration_seconds is None
    assert Run.from_dict(json.loads(json.dumps(going.to_dict()))) == going


def test_a_run_survives_json():
    assert Run.from_dict(json.loads(json.dumps(RUN.to_dict()))) == RUN


@given(started=st.integers(0, 4_102_444_800_000), lasted=st.integers(0, 10_000_000_000) | st.none())
def test_times_survive_json_to_the_millisecond(started, lasted):
    ended = None if lasted is None else started + lasted
    run = Run("i", "n", RunStatus.FINISHED, "e", started, ended)
    back = Run.from_dict(run.to_dict())
    assert (back.started_ms, back.ended_ms) == (started, ended)


@pytest.mark.parametrize(
    ("value", "text"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]
)
def test_a_metric_that_json_has_no_number_for_is_text_and_comes_back(value, text):
    run = Run("i", "n", RunStatus.FAILED, "e", 1, metrics={"loss": value})
    data = json.loads(json.dumps(run.to_dict(), allow_nan=False))
    assert data["metrics"] == {"loss": text}
    assert repr(Run.from_dict(data).metrics["loss"]) == repr(value)


def test_a_page_survives_json():
    page = RunPage((RUN,), more=True, tracking_uri="sqlite:///x", waiting=4)
    data = json.loads(json.dumps(page.to_dict()))
    assert set(data) == {"runs", "more", "tracking_uri", "waiting", "total"}
    assert RunPage.from_dict(data) == page


def test_the_json_form_shares_nothing_with_the_run():
    RUN.to_dict()["params"]["lr"] = "changed"
    assert RUN.params == {"lr": "0.1"}

from __future__ import annotations

import dataclasses
import json

import pytest

from nbship.model import event as events
from nbship.model.cell import CellError, CellExecution, CellStatus
from nbship.model.data import ColumnFingerprint, DatasetRecord, FileRecord, Fingerprint
from nbship.model.event import (
    FORMAT_VERSION,
    ArtifactRecord,
    CellBegan,
    CellExecuted,
    MetricPoint,
    ModelRecord,
    ProcessIdentity,
    RunBegan,
    RunEnded,
    RunLogged,
    SessionClosed,
    SessionOpened,
    event_from_json,
    event_to_json,
)
from nbship.model.run import RunStatus

CELL = CellExecution(
    index=3,
    source="x = '<b>ß\u2028'",
    source_hash="00ff",
    status=CellStatus.ERROR,
    execution_count=4,
    cell_id="c",
    tags=("parameters",),
    changed={"x": "str"},
    outputs=({"output_type": "stream", "name": "stdout", "text": "1"},),
    error=CellError("ValueError", "bad", ("line 1",)),
    files_read=(FileRecord("a.csv", None, 3, 4),),
    rng_before={"random": "1"},
)
DATASET = DatasetRecord(
    "df",
    "variable",
    "pandas.DataFrame",
    Fingerprint("d", "a", "table", 2, (2, 1), (ColumnFingerprint("c", "int64", "e"),), 16),
    produced_by=1,
)
EVENTS = [
    SessionOpened("s", ProcessIdentity(1, 2.5, "host"), nbship_version="0.1", source="a.ipynb"),
    CellBegan(CELL),
    CellExecuted(dataclasses.replace(CELL, status=CellStatus.OK, error=None)),
    RunBegan("r", "name", "sqlite:///x", "e", 1, cell=3, tags={"a": "b"}, params={"lr": "0.1"}),
    RunLogged(
        "r",
        params={"a": "1"},
        metrics=(MetricPoint("auc", 0.5, 7, 2),),
        datasets=(DATASET,),
        artifacts=(ArtifactRecord("nbship/run.json", "b1"),),
        model=ModelRecord("b2", "m", "sklearn.X", "sklearn", "1.0", input_example={"inputs": [[1.0]]}),
        warnings=("careful",),
    ),
    RunEnded("r", RunStatus.KILLED, 9, "reason", cells=(3,), needed=(0, 3)),
    SessionClosed(10),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_survives_json(event):
    assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event


def test_every_kind_of_event_is_tried_here():
    assert {type(event) for event in EVENTS} == set(events._KINDS.values())


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_metric_that_is_no_finite_number_survives_json(value):
    event = RunLogged("r", metrics=(MetricPoint("loss", value, 1),))
    back = event_from_json(json.loads(json.dumps(event_to_json(event))))
    assert repr(back.metrics[0].value) == repr(value)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "Party"},
        {"kind": ["RunEnded"]},
        {"kind": "RunEnded", "run": "r"},
        {"kind": "RunEnded", "run": "r", "status": "LOST", "ended_ms": 1},
        {"kind": "RunLogged", "run": "r", "metrics": 3},
        {"kind": "RunLogged", "run": "r", "params": []},
        {"kind": "CellBegan", "cell": None},
        [],
        None,
        "text",
    ],
)
def test_what_is_no_event_is_a_value_error(data):
    with pytest.raises(ValueError, match=r"."):
        event_from_json(data)


def test_a_later_version_that_only_added_fields_is_understood():
    data = event_to_json(EVENTS[-2]) | {"mood": "good"}
    assert event_from_json(data) == EVENTS[-2]
    assert event_to_json(EVENTS[0])["format_version"] == FORMAT_VERSION

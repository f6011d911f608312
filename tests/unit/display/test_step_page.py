from __future__ import annotations

import xml.etree.ElementTree as ET
from html import escape

from nbship.display.step_page import step_bundle
from nbship.model.step import CellState, CellTiming, StepFailure, StepResult, StepState

HOSTILE = "\"'><script>alert(1)</script>"


def result(**parts) -> StepResult:
    return StepResult(**{"name": "train", "state": StepState.COMPLETED, "seconds": 2.0, **parts})


def html(**parts) -> str:
    return step_bundle(result(**parts))["text/html"]


def drawing(text: str) -> ET.Element:
    return ET.fromstring(text[text.index("<svg") : text.index("</svg>") + 6])


def test_a_completed_step_shows_parameters_metrics_notebook_and_run():
    parts = {
        "parameters": {"lr": "0.1", "token": "***"},
        "metrics": {"auc": 0.91234},
        "output_path": "out/train.ipynb",
        "run": "a" * 32,
        "warnings": ("no seed",),
    }
    text = html(**parts)
    for piece in ("✓", "0.1", "***", "0.9123", "out/train.ipynb", "nbship show aaaaaaaa", "note: no seed"):
        assert piece in text
        assert piece in step_bundle(result(**parts))["text/plain"] or piece in ("0.1", "***")


def test_cells_are_boxes_wider_the_longer_they_took():
    cells = (
        CellTiming(1, CellState.COMPLETED, 1.0),
        CellTiming(3, CellState.FAILED, 4.0),
        CellTiming(4, CellState.NOT_RUN),
    )
    found = drawing(html(cells=cells, state=StepState.FAILED))
    widths = [float(rect.attrib["width"]) for rect in found.iter("rect")]
    assert widths[1] > widths[0] > widths[2]
    assert found.attrib["aria-label"] == "Cells: cell 2 completed, 1 s; cell 4 failed, 4 s; cell 5 not run"


def test_a_failure_shows_message_source_and_traceback():
    failure = StepFailure(
        "exception", "ValueError: no rows", 3, 2, "frame.iloc[0]", ("Traceback", "ValueError")
    )
    bundle = step_bundle(result(state=StepState.FAILED, failure=failure))
    assert "ValueError: no rows — cell 4 (In [2])" in bundle["text/html"]
    assert "<pre>frame.iloc[0]</pre>" in bundle["text/html"]
    assert "<pre>Traceback\nValueError</pre>" in bundle["text/html"]
    assert "frame.iloc[0]" in bundle["text/plain"]


def test_many_cells_parameters_and_long_values_stay_small():
    text = html(
        cells=tuple(CellTiming(i, CellState.COMPLETED) for i in range(500)),
        parameters={f"p{i}": "x" * 10_000 for i in range(500)},
    )
    assert len(text) < 20_000
    assert "480 more" in text
    assert "500 of 500 cells" in text


def test_hostile_strings_stay_text():
    failure = StepFailure("exception", HOSTILE, 0, source=HOSTILE, traceback=(HOSTILE,))
    text = html(
        name=HOSTILE,
        failure=failure,
        output_path=HOSTILE,
        parameters={HOSTILE: HOSTILE},
        metrics={HOSTILE: 1.0},
        run=HOSTILE,
        warnings=(HOSTILE,),
    )
    assert "<script" not in text
    assert text.count(escape(HOSTILE)) >= 8

from __future__ import annotations

import nbformat
import pytest

from nbship.model.cell import CellError, CellExecution, CellStatus
from nbship.recording.notebook import ledger_to_html, ledger_to_notebook, newest_and_needed

STREAM = {"output_type": "stream", "name": "stdout", "text": "<script>alert(1)</script>\n"}


def cell(index, *, source="x", key="h", cell_id=None, status=CellStatus.OK, **fields):
    return CellExecution(index, source, key, status, execution_count=index + 1, cell_id=cell_id, **fields)


def indices(cells):
    return [one.index for one in cells]


def test_the_newest_execution_of_each_cell_and_the_needed_ones_stand_in_true_order():
    ledger = [
        cell(3, key="edited", cell_id="A"),
        cell(0, key="first", cell_id="A"),
        cell(1, key="same"),
        cell(2, key="same"),
    ]
    assert indices(newest_and_needed(ledger, ())) == [2, 3]
    assert indices(newest_and_needed(ledger, (0,))) == [0, 2, 3]


def test_the_notebook_is_valid_and_says_of_each_cell_what_it_was():
    ledger = [cell(0, outputs=(STREAM,), started_ms=1000, wall_seconds=2.5, tags=("parameters",))]
    notebook = ledger_to_notebook(ledger, (0,), title="run")
    nbformat.validate(notebook)
    (only,) = notebook["cells"]
    assert only["outputs"] == [STREAM]
    assert only["metadata"] == {
        "tags": ["parameters"],
        "nbship": {
            "index": 0,
            "cell_id": None,
            "status": "ok",
            "needed": True,
            "wall_seconds": 2.5,
            "started": "1970-01-01T00:00:01.000+00:00",
        },
    }
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_a_failure_ends_in_its_error_output_once():
    error = CellError("ValueError", "bad", ("line 1", "line 2"))
    shown = {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": ["shown"]}
    ledger = [
        cell(0, key="a", status=CellStatus.ERROR, error=error),
        cell(1, key="b", status=CellStatus.ERROR, error=error, outputs=(shown,)),
        cell(2, key="c", status=CellStatus.KILLED),
    ]
    first, second, killed = ledger_to_notebook(ledger, ())["cells"]
    assert first["outputs"][-1]["traceback"] == ["line 1", "line 2"]
    assert second["outputs"] == [shown]
    assert killed["outputs"][-1]["ename"] == "KernelDied"


def test_an_output_that_is_none_is_replaced_by_a_note():
    ledger = [cell(0, key="a", outputs=({"output_type": "sorcery"},)), cell(1, key="b", outputs=(STREAM,))]
    notebook = ledger_to_notebook(ledger, ())
    nbformat.validate(notebook)
    assert "no valid notebook output" in notebook["cells"][0]["outputs"][0]["text"]
    assert notebook["cells"][1]["outputs"] == [STREAM]


def test_an_empty_ledger_is_an_empty_notebook():
    nbformat.validate(ledger_to_notebook([], ()))


def test_the_page_stands_alone_and_text_stays_text():
    ledger = [cell(0, source="a < b  # <b>", outputs=(STREAM,))]
    page = ledger_to_html(ledger_to_notebook(ledger, (), title="<i>run"), title="<i>run & co")
    assert "&lt;i&gt;run &amp; co" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "prefers-color-scheme: dark" in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<b>" not in page


def test_an_html_output_keeps_its_meaning():
    frame = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": "<table><tr><td>7</td></tr></table>"},
    }
    page = ledger_to_html(ledger_to_notebook([cell(0, outputs=(frame,))], ()))
    assert "<td>7</td>" in page


def test_a_notebook_that_cannot_be_rendered_has_no_page(caplog):
    assert ledger_to_html({"cells": [{"cell_type": "sorcery"}], "metadata": {}}) is None
    assert "no HTML" in caplog.text


@pytest.mark.parametrize("source", ["", "\x1b[31mred", "\ud800"])
def test_odd_sources_are_kept(source):
    notebook = ledger_to_notebook([cell(0, source=source)], ())
    assert notebook["cells"][0]["source"] == source
    assert ledger_to_html(notebook) is not None

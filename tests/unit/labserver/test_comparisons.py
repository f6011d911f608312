from __future__ import annotations

import pytest
from tests.large_store import make_large_store

from nbship.config import load_settings
from nbship.labserver.wire.comparisons import _numbered
from nbship.model.comparison import DiffLine
from nbship.provenance.line_diff import diff_lines
from nbship.store.connection import sqlite_path

RUNS = 20
HOSTILE = "<img src=x onerror=alert(1)> ünï 'q\" --help"


@pytest.fixture
def store(project):
    """Return the path of the project's store, with 20 runs whose ``auc`` falls."""
    path = sqlite_path(load_settings(project).tracking_uri)
    path.parent.mkdir(parents=True, exist_ok=True)

    def points(ids):
        for number, run in enumerate(ids):
            for step in range(3):
                yield "auc", 1 - number / 100 - step / 1000, run, step

    make_large_store(path, RUNS, points, ("team",))
    return path


def run_id(number):
    return f"{number:032x}"


def ids(*numbers):
    return {"runs": ",".join(run_id(number) for number in numbers)}


async def test_two_runs_are_compared_as_a_pair(ask, store):
    code, found = await ask("GET", "comparison", ids(0, 1))
    assert (code, found["table"], found["missing"]) == (200, None, [])
    pair = found["pair"]
    assert pair["differs"]
    assert [run["id"] for run in pair["runs"]] == [run_id(0), run_id(1)]
    auc = next(metric for metric in pair["metrics"] if metric["name"] == "auc")
    assert (auc["verdict"], auc["delta_text"][0]) == ("worse", "▼")
    assert "auc" in found["text"]


async def test_twenty_runs_are_a_table_with_what_varies(ask, store):
    code, found = await ask("GET", "comparison", ids(*range(RUNS)))
    assert (code, found["pair"]) == (200, None)
    table = found["table"]
    assert len(table["runs"]) == RUNS
    assert table["order"][0] == 0
    auc = next(column for column in table["columns"] if column["name"] == "auc")
    assert (auc["best"], len(auc["texts"])) == (0, RUNS)


async def test_a_run_that_is_gone_is_left_out_and_named(ask, store):
    _, found = await ask("GET", "comparison", {"runs": f"{ids(0, 1)['runs']},{'d' * 32}"})
    assert found["missing"] == ["d" * 32]
    assert len(found["pair"]["runs"]) == 2


async def test_with_one_run_left_the_answer_says_which_is_gone(ask, store):
    code, fault = await ask("GET", "comparison", {"runs": f"{run_id(0)},{'d' * 32}"})
    assert (code, fault["code"]) == (404, "run_not_found")
    assert "d" * 32 in fault["message"]


@pytest.mark.parametrize(
    ("runs", "status"), [("", 404), (run_id(0), 400), (f"{run_id(0)},{run_id(0)}", 400), (HOSTILE, 404)]
)
async def test_what_is_no_two_runs_is_refused(ask, store, runs, status):
    code, _ = await ask("GET", "comparison", {"runs": runs})
    assert code == status


async def test_charts_have_a_form_for_every_front_end(ask, store):
    _, many = await ask("GET", "comparison/figures", ids(*range(RUNS)))
    assert many["figures"]
    for figure in many["figures"]:
        assert set(figure) == {"text/plain", "text/html", "application/vnd.plotly.v1+json"}


async def test_charts_of_two_runs_are_their_histories(ask, store):
    _, two = await ask("GET", "comparison/figures", ids(0, 1))
    kinds = {
        trace["type"]
        for figure in two["figures"]
        for trace in figure["application/vnd.plotly.v1+json"]["data"]
    }
    assert kinds == {"scatter"}


def test_lines_bear_the_numbers_of_both_sources():
    left = [f"line {number}" for number in range(2000)]
    right = [*left[:10], "new", *left[10:1500], "other", *left[1501:]]
    lines = diff_lines("\n".join(left), "\n".join(right))
    for line, at_left, at_right in _numbered(lines):
        if line.sign in " -":
            assert left[at_left - 1] == line.text
        if line.sign in " +":
            assert right[at_right - 1] == line.text


def test_only_what_changed_of_a_line_is_marked():
    from nbship.labserver.wire.comparisons import _cell
    from nbship.model.comparison import CellChange, CellDiff

    cell = _cell(
        CellDiff(
            CellChange.CHANGED, 1, 1, (DiffLine("-", "alpha = 0.1  # x"), DiffLine("+", "alpha = 0.2  # x"))
        )
    )
    changed = [
        "".join(piece["text"] for piece in line["pieces"] if piece["changed"]) for line in cell["lines"]
    ]
    assert changed == ["1", "2"]

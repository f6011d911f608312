from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbship.capture.dataflow import source_hash
from nbship.capture.secrets import Masker
from nbship.capture.watch import CellIdentity, CellOutcome, CellWatch, EndedCell
from nbship.model.cell import CellStatus


class Cell:
    """Runs cells in a namespace as a kernel would, watched."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.namespace: dict[str, Any] = {"exit": 1, "kept": [1]}
        self.watch = CellWatch(self.namespace, Masker(), frozenset({"exit"}))

    def run(self, source: str, identity: CellIdentity | None = None) -> EndedCell:
        watched = self.watch.begin(identity or CellIdentity(), source, source, 0)
        error = None
        try:
            exec(source, self.namespace)
        except BaseException as raised:  # noqa: BLE001 - a kernel takes whatever a cell raises
            error = raised
        return self.watch.end(
            watched, CellOutcome(error, ("\x1b[31mred\x1b[0m",) if error else ()), self.project
        )


@pytest.fixture
def cell(tmp_path) -> Cell:
    return Cell(tmp_path)


def test_a_watched_cell_is_running_and_says_what_it_will_touch(cell):
    identity = CellIdentity(7, "abc", ("parameters",))
    begun = cell.watch.begin(identity, "%%track\ny = kept", "y = kept", 3).execution
    assert (begun.index, begun.status, begun.execution_count) == (3, CellStatus.RUNNING, 7)
    assert (begun.cell_id, begun.tags) == ("abc", ("parameters",))
    assert (begun.reads, begun.writes) == (("kept",), ("y",))
    assert begun.source_hash == source_hash("y = kept")
    assert begun.started_ms > 0
    assert "random" in begun.rng_before


def test_what_was_bound_is_told_with_its_type(cell):
    ended = cell.run("import json\nx = 1\nkept.append(2)\n_private = 3\nexit = 2\nclass A: pass\na = A()")
    assert ended.ok
    changed = ended.execution.changed
    assert changed.keys() - {"A"} == {"json", "x", "a"}
    assert (changed["json"], changed["x"], changed["A"]) == ("module", "int", "type")


def test_time_and_memory_are_measured(cell):
    execution = cell.run("t = sum(range(200_000))").execution
    assert execution.wall_seconds > 0
    assert execution.cpu_seconds > 0


def test_an_exception_is_told_without_colours(cell):
    execution = cell.run("before = 1\nraise ValueError('bad')").execution
    assert execution.status is CellStatus.ERROR
    assert (execution.error.ename, execution.error.evalue) == ("ValueError", "bad")
    assert execution.error.traceback == ("red",)
    assert execution.changed == {"before": "int"}


def test_an_interrupt_is_no_error(cell):
    assert cell.run("raise KeyboardInterrupt").execution.status is CellStatus.INTERRUPTED


def test_files_are_told_by_direction(cell, tmp_path):
    (tmp_path / "in.txt").write_text("x")
    execution = cell.run(
        f"t = open({str(tmp_path / 'in.txt')!r}); t.close()\n"
        f"o = open({str(tmp_path / 'out.txt')!r}, 'w'); o.close()"
    ).execution
    assert [record.path for record in execution.files_read] == ["in.txt"]
    assert execution.files_written == (str(tmp_path / "out.txt"),)


def test_only_a_generator_that_was_used_changes_its_state(cell):
    still = cell.run("x = 1").execution
    assert still.rng_before == still.rng_after
    used = cell.run("import random\nx = random.random()").execution
    assert used.rng_before["random"] != used.rng_after["random"]


def test_secrets_are_masked_and_counted_in_source_and_errors(cell):
    ended = cell.run("password = 'swordfish-7F'\nraise ValueError('tried ' + password)")
    assert ended.masked == 1
    assert "swordfish" not in ended.execution.source
    assert ended.execution.error.evalue == "tried ***"


def test_what_a_secret_variable_holds_is_masked_from_then_on(cell):
    cell.run("import os\napi_key = 'k3y-' + 'abcdef99'")
    ended = cell.run("raise ValueError('k3y-abcdef99 refused')")
    assert ended.execution.error.evalue == "*** refused"


def test_source_that_does_not_parse_is_watched(cell):
    ended = cell.run("def (:")
    assert ended.execution.status is CellStatus.ERROR
    assert ended.execution.error.ename == "SyntaxError"


@pytest.mark.parametrize("source", ["x = '\ud800'", "x = '\u2028<script>'", "", "# \0"])
def test_odd_source_is_watched(cell, source):
    assert cell.run(source).execution.index == 0

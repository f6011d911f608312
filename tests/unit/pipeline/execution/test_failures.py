from __future__ import annotations

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from nbship.model.run import RunStatus
from nbship.model.step import CellState, StepFailure, StepState
from nbship.pipeline.execution.failures import (
    cell_state,
    death_text,
    exception_failure,
    left_early,
    run_status,
    step_state,
)


def error(ename="ValueError", evalue="no rows"):
    return CellExecutionError("", ename, evalue)


def failed(evalue="no rows"):
    trace = ["\x1b[31m---\x1b[39m", "\x1b[0;31mValueError\x1b[0m: no\nrows"]
    cell = nbformat.v4.new_code_cell("raise ValueError")
    cell.outputs = [
        nbformat.v4.new_output("error", ename="OSError", evalue="caught", traceback=["old"]),
        nbformat.v4.new_output("error", ename="ValueError", evalue=evalue, traceback=trace),
    ]
    return cell


def test_an_exception_is_told_in_one_line_and_its_traceback_without_colours():
    failure = exception_failure(error(), failed())
    assert failure.kind == "exception"
    assert failure.message == "ValueError: no rows"
    assert failure.traceback == ("---", "ValueError: no", "rows")


@pytest.mark.parametrize(
    ("evalue", "message"),
    [
        ("", "ValueError"),
        ("\n\n  first\nsecond", "ValueError: first"),
        ("\x1b[31mred\x1b[0m", "ValueError: red"),
        (" \n ", "ValueError"),
        ("a: ", "ValueError: a:"),
    ],
)
def test_a_message_of_many_lines_becomes_its_first(evalue, message):
    assert exception_failure(error(evalue=evalue), failed()).message == message


def test_an_exception_without_an_output_has_no_traceback():
    assert exception_failure(error(), nbformat.v4.new_code_cell("x")).traceback == ()


@pytest.mark.parametrize(
    ("ename", "evalue", "good"),
    [
        ("SystemExit", "", True),
        ("SystemExit", "0", True),
        ("SystemExit", "None", True),
        ("SystemExit", "1", False),
        ("SystemExit", "no data", False),
        ("ValueError", "0", False),
    ],
)
def test_leaving_with_zero_is_no_failure(ename, evalue, good):
    assert left_early(error(ename, evalue)) is good


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, "the kernel died"),
        (-9, "SIGKILL; where memory is short"),
        (137, "SIGKILL; where memory is short"),
        (-11, "killed by signal 11"),
        (3, "exit code 3"),
        (0, "exit code 0"),
    ],
)
def test_a_death_says_what_is_known(code, words):
    assert words in death_text(code)


@pytest.mark.parametrize(
    ("kind", "cell", "step", "run"),
    [
        (None, CellState.COMPLETED, StepState.COMPLETED, RunStatus.FINISHED),
        ("exception", CellState.FAILED, StepState.FAILED, RunStatus.FAILED),
        ("timeout", CellState.TIMED_OUT, StepState.TIMED_OUT, RunStatus.FAILED),
        ("dead kernel", CellState.KILLED, StepState.KILLED, RunStatus.KILLED),
        ("interrupted", CellState.KILLED, StepState.KILLED, RunStatus.KILLED),
        ("start", CellState.FAILED, StepState.FAILED, RunStatus.FAILED),
        ("output", CellState.FAILED, StepState.FAILED, RunStatus.FAILED),
    ],
)
def test_states_follow_from_the_kind_of_failure(kind, cell, step, run):
    failure = None if kind is None else StepFailure(kind, "m")
    assert cell_state(failure) is cell
    assert step_state(failure) is step
    assert run_status(step) is run

from __future__ import annotations

import textwrap
from dataclasses import replace
from types import SimpleNamespace

import nbformat
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from nbship import service
from nbship.errors import UsageError
from nbship.magics.pipeline import PipelineMagics
from nbship.model.pipeline import PipelineReport, StepReport
from nbship.model.step import StepFailure, StepState

WAITING = PipelineReport("churn", "p.toml", (StepReport("load"), StepReport("train")), (("load", "train"),))
DONE = replace(WAITING, steps=tuple(replace(step, state=StepState.COMPLETED) for step in WAITING.steps))
BROKEN = replace(
    WAITING,
    steps=(
        StepReport(
            "load",
            StepState.FAILED,
            failure=StepFailure("exception", "ValueError: no rows", cell=3),
            output_path="out/load.ipynb",
        ),
        StepReport("train", StepState.NOT_RUN, "step load failed"),
    ),
)


@pytest.fixture
def shell():
    made = InteractiveShell.instance()
    made.history_manager.enabled = False
    made.register_magics(
        PipelineMagics(SimpleNamespace(shell=made, tracker=SimpleNamespace(settings=lambda: "s")))
    )
    made.display_pub = CapturingDisplayPublisher(parent=made)
    yield made
    made.history_manager.end_session()
    InteractiveShell.clear_instance()


@pytest.fixture
def calls(monkeypatch):
    """What the magics asked of the service; `calls.reports` is what a run reports, the last one its result."""
    asked = SimpleNamespace(shown=[], run=[], reports=[DONE])

    def show(settings, path, parameters):
        asked.shown.append((settings, path, parameters))
        return WAITING

    def run(settings, path, options, report):
        asked.run.append((settings, path, options))
        for each in asked.reports:
            report(each)
        return asked.reports[-1]

    monkeypatch.setattr(service, "pipeline_show", show, raising=False)
    monkeypatch.setattr(service, "pipeline_run", run, raising=False)
    return asked


@pytest.mark.parametrize("line", ["p.toml", "show p.toml", "show 'p.toml'"])
def test_a_file_alone_is_shown(shell, calls, line):
    shell.run_line_magic("pipeline", line)
    assert calls.shown == [("s", "p.toml", {})]
    assert "<svg" in shell.display_pub.outputs[0]["data"]["text/html"]
    assert "churn not run yet" in shell.display_pub.outputs[0]["data"]["text/plain"]


def test_options_reach_the_service(shell, calls):
    shell.run_line_magic(
        "pipeline",
        "run 'my pipe.toml' --step train --step load --from load -p train.lr=0.1 -p 'train.note=a b' -p a.b.c=1"
        " --force --resume --workers 3",
    )
    ((_, path, options),) = calls.run
    assert path == "my pipe.toml"
    assert options.parameters == {"train": {"lr": "0.1", "note": "a b"}, "a.b": {"c": "1"}}
    assert (options.only, options.start) == (("train", "load"), "load")
    assert (options.force, options.resume, options.workers) == (True, True, 3)


def test_a_run_is_one_output_that_ends_as_the_final_graph(shell, calls):
    running = replace(WAITING, steps=(replace(WAITING.steps[0], state=StepState.RUNNING), WAITING.steps[1]))
    calls.reports = [WAITING, *[running] * 500, DONE]
    shell.run_line_magic("pipeline", "run p.toml")
    first, *rest = shell.display_pub.outputs
    assert rest
    assert len(rest) < 20
    assert all(output["update"] for output in rest)
    assert {output["transient"]["display_id"] for output in rest} == {first["transient"]["display_id"]}
    assert "churn completed" in rest[-1]["data"]["text/plain"]


def test_a_step_that_fails_makes_the_cell_fail_in_one_line_after_the_graph_is_drawn(shell, calls, capsys):
    calls.reports = [WAITING, BROKEN]
    result = shell.run_cell("%pipeline run p.toml\nreached = True")
    assert not result.success
    assert "reached" not in shell.user_ns
    assert str(result.error_in_exec) == (
        "pipeline churn: step load failed: ValueError: no rows (cell 4; out/load.ipynb)"
    )
    assert "churn failed" in shell.display_pub.outputs[-1]["data"]["text/plain"]
    assert "Traceback" not in "".join(capsys.readouterr())


def test_an_interrupted_pipeline_says_how_to_go_on(shell, calls):
    calls.reports = [replace(WAITING, interrupted=True)]
    with pytest.raises(IPythonUsageError, match=r"interrupted. %pipeline run p.toml --resume goes on"):
        shell.run_line_magic("pipeline", "run p.toml")


def test_what_was_drawn_stays_when_the_run_breaks(shell, calls, monkeypatch):
    def run(settings, path, options, report):
        report(WAITING)
        report(DONE)
        raise UsageError("the disk is full")

    monkeypatch.setattr(service, "pipeline_run", run, raising=False)
    with pytest.raises(IPythonUsageError, match="the disk is full"):
        shell.run_line_magic("pipeline", "run p.toml")
    assert "churn completed" in shell.display_pub.outputs[-1]["data"]["text/plain"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "wants one file, got none"),
        ("run", "wants one file, got none"),
        ("run a.toml b.toml", "wants one file, got a.toml b.toml"),
        ("run a.toml --workers x", "invalid int value"),
        ("run a.toml --workers 0", "at least one"),
        ("run a.toml --nonsense", "unrecognized arguments: --nonsense"),
        ("run a.toml -p lr=0.1", r"names no step. Write -p STEP.lr=0.1"),
        ("run a.toml -p train.=0.1", "names no step"),
        ("run a.toml -p lr", "takes KEY=VALUE"),
        ("run 'a.toml", "No closing quotation"),
    ],
)
def test_wrong_use_is_told_in_one_line(shell, calls, line, message):
    with pytest.raises(IPythonUsageError, match=message) as caught:
        shell.run_line_magic("pipeline", line)
    assert "\n" not in str(caught.value)
    assert not calls.run


SETUP = """
from types import SimpleNamespace
from nbship import service
from nbship.magics.pipeline import PipelineMagics
from nbship.model.pipeline import PipelineReport, StepReport
from nbship.model.step import StepFailure, StepState

def run(settings, path, options, report):
    for state in (StepState.WAITING, StepState.RUNNING, StepState.{last}):
        now = PipelineReport("churn", path, (StepReport("load", state),))
        report(now)
    return now

service.pipeline_run = run
shell = get_ipython()
shell.register_magics(PipelineMagics(SimpleNamespace(shell=shell, tracker=SimpleNamespace(settings=lambda: None))))
"""


def executed(last: str) -> tuple[nbformat.NotebookNode, Exception | None]:
    cells = [textwrap.dedent(SETUP.replace("{last}", last)), "%pipeline run p.toml", "after = True"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    try:
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    except CellExecutionError as error:
        return notebook, error
    return notebook, None


def test_an_executed_notebook_keeps_the_final_graph_and_nothing_else():
    notebook, error = executed("COMPLETED")
    assert error is None
    (output,) = notebook.cells[1].outputs
    assert "churn completed" in output["data"]["text/plain"]
    assert "<svg" in output["data"]["text/html"]


def test_an_executed_notebook_stops_at_a_pipeline_that_failed():
    notebook, error = executed("FAILED")
    assert error is not None
    outputs = notebook.cells[1].outputs
    assert "churn failed" in outputs[0]["data"]["text/plain"]
    assert "pipeline churn: step load failed" in str(outputs[1:])
    assert notebook.cells[2].execution_count is None

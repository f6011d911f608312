"""``papermill --engine nbship``: papermill's own reading, options and errors, with this runner under them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from executed_steps import save_notebook
from kernels import make_project
from nbship.config import load_settings
from nbship.recording.status import drain
from nbship.store import reader

PARAMETERS = {0: ["parameters"]}

# papermill and what it loads, at their import and at their work.
pytestmark = [
    pytest.mark.usefixtures("shared_servers"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def project(mlflow_template, tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("engine") / "flights", mlflow_template)


@pytest.fixture
def folder(project, tmp_path, monkeypatch):
    """A folder for notebooks, of a project whose recorder starts once."""
    inside = project.folder / tmp_path.name
    inside.mkdir()
    monkeypatch.chdir(inside)
    return inside


def execute(engine, output="out.ipynb", **options):
    return papermill.execute_notebook("nb.ipynb", output, engine_name=engine, progress_bar=False, **options)


def states(path):
    return [cell.metadata.papermill.status for cell in nbformat.read(path, 4).cells]


def the_run(folder, name):
    settings = load_settings(folder)
    assert drain(settings.spool, wait_seconds=60).drained
    (run,) = [run for run in reader.search(settings.tracking_uri, limit=200).runs if run.name == name]
    return run


def comparable(path):
    """Return an executed notebook without ids, times and paths."""
    node = nbformat.read(path, 4)
    nbformat.validate(node)
    for cell in node.cells:
        cell.pop("id", None)
        cell.metadata.pop("execution", None)
        record = cell.metadata.papermill
        assert all(record[name] for name in ("start_time", "end_time") if cell.cell_type == "code")
        cell.metadata["papermill"] = {"status": record.status, "exception": bool(record.exception)}
    record = node.metadata.papermill
    kept = ("default_parameters", "environment_variables", "input_path", "parameters", "exception", "version")
    node.metadata["papermill"] = {name: record.get(name) for name in kept}
    return node


CELLS = (
    "rows = 3\nname = 'a'",
    "print(rows, name)\nimport sys; print('err', file=sys.stderr)",
    "h = display('x', display_id=True); h.update('y'); rows * 2",
    "from IPython.display import HTML; HTML('<b>ß</b>')",
    "%%html\n<i>magic</i>",
)


@pytest.mark.parametrize("parameters", [None, {"rows": 7, "name": "ü", "more": [1, None, {"a": 0.5}]}])
def test_the_executed_notebook_is_that_of_stock_papermill(folder, parameters):
    save_notebook(folder / "nb.ipynb", *CELLS, tags=PARAMETERS)
    node = execute("nbship", parameters=parameters)
    execute(None, "stock.ipynb", parameters=parameters)
    ours, theirs = comparable("out.ipynb"), comparable("stock.ipynb")
    assert ours.cells == theirs.cells
    assert ours.metadata == theirs.metadata
    assert (ours.nbformat, ours.nbformat_minor) == (theirs.nbformat, theirs.nbformat_minor)
    assert nbformat.from_dict(json.loads(json.dumps(node))) == nbformat.read("out.ipynb", 4)


def test_an_execution_is_a_tracked_run(folder):
    save_notebook(folder / "tracked.ipynb", "rows = 3", "accuracy = rows / 10", tags=PARAMETERS)
    papermill.execute_notebook(
        "tracked.ipynb", "out.ipynb", {"rows": 7}, engine_name="nbship", progress_bar=False
    )
    run = the_run(folder, "tracked")
    assert (run.status, run.params, run.metrics) == ("FINISHED", {"rows": "7"}, {"accuracy": 0.7})
    assert run.tags["nbship.kind"] == "step"
    assert run.tags["nbship.state"] == "completed"
    assert run.tags["mlflow.source.name"] == "tracked.ipynb"


def test_a_failing_cell_is_papermills_error_and_a_failed_run(folder):
    save_notebook(folder / "nb.ipynb", "print('a')", "1 / 0", "print('never')")
    (folder / "nb.ipynb").rename("failing.ipynb")
    with pytest.raises(papermill.PapermillExecutionError) as caught:
        papermill.execute_notebook("failing.ipynb", "out.ipynb", engine_name="nbship", progress_bar=False)
    assert (caught.value.ename, caught.value.exec_count, caught.value.source) == (
        "ZeroDivisionError",
        2,
        "1 / 0",
    )
    node = nbformat.read("out.ipynb", 4)
    marks = [cell for cell in node.cells if "papermill-error-cell-tag" in cell.metadata.get("tags", [])]
    assert len(marks) == 2  # papermill's own, and no others
    assert [cell.metadata.papermill.status for cell in node.cells if cell.cell_type == "code"] == [
        *("completed", "failed", "not run"),
    ]
    run = the_run(folder, "failing")
    assert (run.status, run.tags["nbship.state"]) == ("FAILED", "failed")


def test_a_kernel_that_dies_is_told_truthfully(folder):
    save_notebook(folder / "dying.ipynb", "print('a')", "import os\nos._exit(3)", "print('never')")
    with pytest.raises(DeadKernelError, match=r"the kernel died \(exit code 3\)"):
        papermill.execute_notebook("dying.ipynb", "out.ipynb", engine_name="nbship", progress_bar=False)
    assert states("out.ipynb") == ["completed", "killed", "not run"]
    assert nbformat.read("out.ipynb", 4).metadata.papermill.exception is True
    run = the_run(folder, "dying")
    assert (run.status, run.tags["nbship.state"]) == ("KILLED", "killed")


def test_a_cell_that_takes_too_long_is_told_truthfully(folder):
    save_notebook(folder / "slow.ipynb", "print('a')", "import time\ntime.sleep(60)", "print('never')")
    with pytest.raises(CellTimeoutError, match=r"took longer than 1 s\nimport time"):
        papermill.execute_notebook(
            "slow.ipynb", "out.ipynb", engine_name="nbship", progress_bar=False, execution_timeout=1
        )
    assert states("out.ipynb") == ["completed", "timed out", "not run"]
    run = the_run(folder, "slow")
    assert (run.status, run.tags["nbship.state"]) == ("FAILED", "timed out")


def test_nothing_is_left_for_who_wants_no_file(folder):
    save_notebook(folder / "nb.ipynb", "print('a')")
    node = execute("nbship", None)
    assert node.cells[0].outputs[0].text == "a\n"
    assert [path.name for path in folder.iterdir()] == ["nb.ipynb"]


def test_a_notebook_in_memory_is_executed_too(folder):
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('a')")])
    node.metadata = {
        "kernelspec": {"name": "python3", "display_name": "P", "language": "python"},
        "papermill": {},
    }
    for cell in node.cells:
        cell.metadata = {"tags": [], "papermill": {}}
    if not hasattr(papermill.iorw.papermill_io.get_handler(node), "read"):
        pytest.fail("papermill takes no notebooks in memory any more")
    done = papermill.execute_notebook(node, None, engine_name="nbship", progress_bar=False)
    assert done.cells[0].outputs[0].text == "a\n"


def test_a_bar_is_shown_on_wish_and_moves_to_its_end(folder, capfd):
    save_notebook(folder / "nb.ipynb", "1", "2")
    papermill.execute_notebook("nb.ipynb", "out.ipynb", engine_name="nbship")
    assert "2/2" in capfd.readouterr().err


def test_what_cells_print_goes_to_papermills_log_and_files(folder, caplog):
    save_notebook(folder / "nb.ipynb", "print('to out')\nimport sys; print('to err', file=sys.stderr)")
    out, err = io.StringIO(), io.StringIO()
    with caplog.at_level("INFO", "papermill"):
        execute("nbship", log_output=True, stdout_file=out, stderr_file=err)
    assert (out.getvalue(), err.getvalue()) == ("to out\n", "to err\n")
    assert {"to out", "to err"} <= {record.message for record in caplog.records}


def test_the_command_line_of_papermill_works(folder):
    save_notebook(folder / "by-command.ipynb", "rows = 3", "print(rows)", tags=PARAMETERS)
    words = [sys.executable, "-m", "papermill", "by-command.ipynb", "out-{rows}.ipynb"]
    done = subprocess.run(
        [*words, "--engine", "nbship", "-p", "rows", "9", "--cwd", str(folder.parent)],
        capture_output=True,
        text=True,
        env={**os.environ, "NBSHIP_RECORDER_IDLE_SECONDS": "3"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert nbformat.read("out-9.ipynb", 4).cells[-1].outputs[0].text == "9\n"
    assert the_run(folder, "by-command").params == {"rows": "9"}

"""What papermill's users rely on, with `nbship run`; where it is about equality, stock papermill runs beside it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import warnings

import nbformat
import papermill
import pytest

from executed_steps import Executed, save_notebook
from nbship.pipeline.execution.inject import tags_of

PARAMETERS = {0: ["parameters"]}
BIND = "rows = 10\nname = 'a'"
SHOW = "print(repr(rows), repr(name))"


def stock(folder, *, output="stock.ipynb", **options) -> Executed:
    """Execute ``nb.ipynb`` with stock papermill."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            papermill.execute_notebook("nb.ipynb", output, progress_bar=False, **options)
        except papermill.PapermillExecutionError as error:
            return Executed(1, "", str(error), folder / output)
    return Executed(0, "", "", folder / output)


# Parameters


def test_parameters_are_injected_after_the_tagged_cell_and_again_at_the_next_run(run, folder):
    save_notebook(folder / "nb.ipynb", "import os", BIND, SHOW, tags={1: ["parameters"]})
    first = run("-p", "rows", "5")
    assert first.code == 0
    assert [tags_of(cell) for cell in first.cells] == [[], ["parameters"], ["injected-parameters"], []]
    assert first.printed[-1] == "5 'a'\n"
    second = run("-p", "name", "b", source="out.ipynb", output="again.ipynb")
    assert [tags_of(cell) for cell in second.cells] == [[], ["parameters"], ["injected-parameters"], []]
    assert second.printed[-1] == "10 'b'\n"


def test_parameters_come_first_where_no_cell_is_tagged(run, folder):
    save_notebook(folder / "nb.ipynb", "print(x)")
    done = run("-p", "x", "1")
    assert [tags_of(cell) for cell in done.cells] == [["injected-parameters"], []]
    assert done.printed[-1] == "1\n"


def test_without_parameters_nothing_is_injected(run, folder):
    save_notebook(folder / "nb.ipynb", BIND, SHOW, tags=PARAMETERS)
    assert run().printed == ["", "10 'a'\n"]


TEXTS = [
    "True",
    "False",
    "true",
    "None",
    "3",
    "-3",
    "1_000",
    "3.5",
    "1e-3",
    "inf",
    "text",
    "",
    "[1, 2]",
    "'q'",
]


def test_types_of_p_values_are_papermills_in_a_notebook_that_declares_none(run, folder):
    from papermill.cli import _resolve_type

    names = [f"v{i}" for i in range(len(TEXTS))]
    save_notebook(folder / "nb.ipynb", f"print([{', '.join(names)}])")
    options = [word for name, text in zip(names, TEXTS, strict=True) for word in ("-p", name, text)]
    assert run(*options).printed[-1] == f"{[_resolve_type(text) for text in TEXTS]!r}\n"


def test_declared_types_decide_where_there_are_some(run, folder):
    save_notebook(
        folder / "nb.ipynb",
        "ids: str = ''\nrows: float = 1.0\nflags: list[int] = []",
        "print(repr((ids, rows, flags)))",
        tags=PARAMETERS,
    )
    assert (
        run("-p", "ids", "007", "-p", "rows", "3", "-p", "flags", "[1, 2]").printed[-1]
        == "('007', 3.0, [1, 2])\n"
    )


def test_the_options_for_parameters_win_in_papermills_order(run, folder):
    from papermill.cli import papermill as command

    save_notebook(
        folder / "nb.ipynb", *(f"{letter} = 'default'" for letter in "abcdef"), "print(a, b, c, d, e, f)"
    )
    (folder / "f.yaml").write_text("b: file\nc: file\nd: file\ne: file\nf: file\n")
    encoded = base64.b64encode(b"{a: base64, b: base64}").decode()
    options = [
        "-r",
        "f",
        "raw",
        "-p",
        "e",
        "p",
        "-p",
        "f",
        "p",
        "-y",
        "{d: yaml, e: yaml}",
        "-f",
        "f.yaml",
        "-b",
        encoded,
    ]
    options += ["-y", "{c: later}"]
    save_notebook(
        folder / "nb.ipynb", "a = b = c = d = e = f = 'default'", "print(a, b, c, d, e, f)", tags=PARAMETERS
    )
    ours = run(*options)
    assert ours.printed[-1] == "base64 file later yaml p raw\n"
    with pytest.raises(SystemExit):
        command(["nb.ipynb", "stock.ipynb", "--prepare-only", *options])
    bound = {}
    exec(nbformat.read("stock.ipynb", 4).cells[1].source, bound)
    assert " ".join(bound[letter] for letter in "abcdef") == ours.printed[-1].strip()


def test_paths_are_injected_on_wish(run, folder):
    save_notebook(
        folder / "nb.ipynb", "x = 1", "print(PAPERMILL_INPUT_PATH, PAPERMILL_OUTPUT_PATH)", tags=PARAMETERS
    )
    assert run("--inject-paths").printed[-1] == "nb.ipynb out.ipynb\n"
    one = run("--inject-output-path")
    assert "PAPERMILL_INPUT_PATH" in one.err
    assert one.code == 3


def test_parameters_fill_the_output_path(run, folder):
    save_notebook(folder / "nb.ipynb", "x = 1\nlr = 0.5", "x", tags=PARAMETERS)
    done = run("-p", "x", "7", "-p", "lr", "0.25", output="run-{x}-{lr:.3f}.ipynb")
    assert done.code == 0
    assert (folder / "run-7-0.250.ipynb").exists()
    assert "run-7-0.250.ipynb" in done.out


def test_the_output_lies_beside_the_notebook_unless_it_is_named(folder, shared_servers, capsys):
    from nbship.cli import main

    (folder / "sub").mkdir()
    save_notebook(folder / "sub" / "nb.ipynb", "1")
    assert main(["run", "sub/nb.ipynb", "--no-track"]) == 0
    assert (folder / "sub" / "nb.executed.ipynb").exists()
    capsys.readouterr()


# Cells


def test_a_failing_cell_stops_the_notebook_and_is_marked(run, folder):
    save_notebook(
        folder / "nb.ipynb", "print('before')", "import math\nprint('here')\nmath.sqrt(-1)", "print('after')"
    )
    ours, theirs = run(), stock(folder)
    assert ours.code == 3
    for text in (
        "math domain error",
        "cell 2 (In [2])",
        "    math.sqrt(-1)",
        "Traceback (most recent call last)",
        "out.ipynb",
    ):
        assert text in ours.err
    assert "\x1b" not in ours.err
    assert ours.printed == theirs.printed == ["before\n", "here\n", ""]
    assert [(cell.cell_type, tags_of(cell)) for cell in ours.cells] == [
        (cell.cell_type, tags_of(cell)) for cell in theirs.cells
    ]
    assert ours.states == ["completed", "failed", "not run"]
    assert ours.code_cells[1].outputs[-1].ename == "ValueError"
    assert ours.code_cells[1].metadata.papermill.exception is True
    assert ours.node.metadata.papermill.exception is True


def test_marks_of_an_earlier_failure_go_at_the_next_run(run, folder):
    save_notebook(folder / "nb.ipynb", "x = 1", "assert x == 2", tags=PARAMETERS)
    assert run().code == 3
    again = run("-p", "x", "2", source="out.ipynb", output="again.ipynb")
    assert again.code == 0
    assert [cell.cell_type for cell in again.cells] == ["code"] * 3
    third = run("-p", "x", "3", source="again.ipynb", output="third.ipynb")
    fourth = run("-p", "x", "4", source="third.ipynb", output="fourth.ipynb")
    assert len(third.cells) == len(fourth.cells) == 5


def test_cells_tagged_skip_do_not_run(run, folder):
    save_notebook(folder / "nb.ipynb", "x = 1", "x = 2", "print(x)", tags={1: ["skip"]})
    done = run()
    assert done.printed[-1] == "1\n"
    assert done.states == ["completed", "skipped", "completed"]
    assert done.code_cells[1].execution_count is None


def test_cells_tagged_raises_exception_may_fail(run, folder):
    save_notebook(folder / "nb.ipynb", "1 / 0", "print('on')", tags={0: ["raises-exception"]})
    done = run()
    assert done.code == 0
    assert done.code_cells[0].outputs[0].ename == "ZeroDivisionError"
    assert done.printed[-1] == "on\n"


@pytest.mark.parametrize("call", ["sys.exit()", "sys.exit(0)", "raise SystemExit"])
def test_a_notebook_may_leave_with_zero(run, folder, call):
    save_notebook(folder / "nb.ipynb", "import sys\nprint('a')", call, "print('never')")
    done = run()
    assert done.code == 0
    assert done.states == ["completed", "completed", "not run"]
    assert "never" not in done.text
    assert done.node.metadata.papermill.exception is None


@pytest.mark.parametrize("call", ["sys.exit(1)", "sys.exit('no data')"])
def test_a_notebook_that_leaves_with_anything_else_has_failed(run, folder, call):
    save_notebook(folder / "nb.ipynb", "import sys", call, "print('never')")
    done = run()
    assert done.code == 3
    assert done.states == ["completed", "failed", "not run"]
    assert "SystemExit" in done.err


def test_empty_cells_and_text_are_passed(run, folder):
    path = save_notebook(folder / "nb.ipynb", "", "  \n", "print(1)")
    book = json.loads(path.read_text())
    book["cells"].insert(0, {"cell_type": "markdown", "source": "# T", "metadata": {}, "id": "m"})
    book["cells"].append({"cell_type": "raw", "source": "raw", "metadata": {}, "id": "r"})
    path.write_text(json.dumps(book))
    done = run()
    assert done.code == 0
    assert [cell.metadata.papermill.status for cell in done.cells] == ["completed"] * 5


def test_results_of_an_earlier_execution_do_not_survive(run, folder):
    path = save_notebook(folder / "nb.ipynb", "pass", "raise ValueError", "pass")
    book = json.loads(path.read_text())
    for cell in book["cells"]:
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "old"}]
        cell["execution_count"] = 99
    path.write_text(json.dumps(book))
    done = run()
    assert "old" not in done.text
    assert [cell.execution_count for cell in done.code_cells] == [1, 2, None]


# Outputs

OUTPUTS = """
from IPython.display import HTML, clear_output, display
h = display('first', display_id=True)
print('a'); print('b', end='')
import sys; print('err', file=sys.stderr)
display(HTML('<b>x</b>'))
h.update('second')
display({'application/json': {'a': [1]}, 'text/plain': 'json'}, raw=True)
'last'
"""
CLEARED = "print('gone'); clear_output(); print('kept')"
WAITING = "print('gone'); clear_output(wait=True); print('kept')"
LATER = "h.update('third'); print('after')"


def plain_outputs(executed):
    """Return the outputs of each cell without what differs from run to run."""
    return [
        [{key: value for key, value in output.items() if key != "transient"} for output in cell.outputs]
        for cell in executed.code_cells
    ]


def test_outputs_are_those_of_stock_papermill(run, folder):
    save_notebook(folder / "nb.ipynb", OUTPUTS, CLEARED, WAITING, LATER, "%%html\n<i>magic</i>", "None")
    ours, theirs = run(), stock(folder)
    assert plain_outputs(ours) == plain_outputs(theirs)
    assert ours.code_cells[0].outputs[0].data["text/plain"] == "'third'"
    assert ours.printed[1:3] == ["kept\n", "kept\n"]
    assert [cell.execution_count for cell in ours.code_cells] == [1, 2, 3, 4, 5, 6]
    mine, other = ours.node.metadata, theirs.node.metadata
    assert mine.language_info == other.language_info
    assert mine.kernelspec == other.kernelspec
    assert mine.papermill.keys() >= other.papermill.keys()
    for one, two in zip(ours.code_cells, theirs.code_cells, strict=True):
        assert one.metadata.papermill.keys() == two.metadata.papermill.keys()
        assert one.metadata.papermill.status == two.metadata.papermill.status


def test_widgets_keep_their_state(run, folder):
    pytest.importorskip("ipywidgets")
    cell = "import ipywidgets\nslider = ipywidgets.IntSlider(value=7)\ndisplay(slider)\nslider.value = 9"
    output = "out = ipywidgets.Output()\ndisplay(out)\nwith out:\n    print('inside')"
    save_notebook(folder / "nb.ipynb", cell, output)
    done = run()
    assert done.code == 0, done.err
    states = done.node.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    sliders = [one["state"] for one in states.values() if one["model_name"] == "IntSliderModel"]
    assert [one["value"] for one in sliders] == [9]
    outputs = [one["state"] for one in states.values() if one["model_name"] == "OutputModel"]
    assert outputs[0]["outputs"][0]["text"] == "inside\n"


def test_report_mode_hides_the_code(run, folder):
    save_notebook(folder / "nb.ipynb", "x = 1", "print(x)", tags=PARAMETERS)
    done = run("--report-mode", "-p", "x", "2")
    assert [cell.metadata.jupyter.source_hidden for cell in done.cells] == [True] * 3
    assert done.printed[-1] == "2\n"


def test_what_cells_print_is_passed_on_while_they_run(run, folder):
    save_notebook(folder / "nb.ipynb", "import sys\nprint('to out')\nprint('to err', file=sys.stderr)")
    done = run("--log-output", "--stdout-file", "o.txt", "--stderr-file", "e.txt")
    assert "to out\n" in done.out
    assert "to err\n" in done.err
    assert (folder / "o.txt").read_text() == "to out\n"
    assert (folder / "e.txt").read_text() == "to err\n"


def test_a_log_that_cannot_be_written_is_refused(run, folder):
    save_notebook(folder / "nb.ipynb", "1")
    done = run("--stdout-file", "no/o.txt")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert not done.path.exists()


def test_a_log_whose_disk_is_full_does_not_end_the_notebook(run, folder):
    save_notebook(folder / "nb.ipynb", "print('x' * 100_000, flush=True)", "print('on')")
    done = run("--stdout-file", "/dev/full")
    assert done.code == 0
    assert done.printed[-1] == "on\n"
    assert "note: what the cells print is no longer passed on" in done.out


# Kernels and folders


def test_a_kernel_of_another_name_is_used_with_its_environment(run, folder, kernelspec):
    kernelspec("own", env={"OF_OWN": "yes"})
    save_notebook(folder / "nb.ipynb", "import os\nprint(os.environ.get('OF_OWN'))")
    done = run("--kernel", "own")
    assert done.printed == ["yes\n"]
    assert done.node.metadata.kernelspec == {
        "name": "own",
        "display_name": "Kernel own",
        "language": "python",
    }


def test_an_unknown_kernel_is_wrong_use_and_the_others_are_named(run, folder, kernelspec):
    kernelspec("flights-311")
    save_notebook(folder / "nb.ipynb", "1")
    done = run("--kernel", "flights-312")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "no kernel named 'flights-312' is installed; there is flights-311, python3" in done.err
    assert not done.path.exists()


def test_a_kernel_that_does_not_start_fails_and_is_said(run, folder, kernelspec):
    kernelspec("broken", argv=["/no/such/program", "{connection_file}"])
    kernelspec("quits", argv=[sys.executable, "-c", "raise SystemExit(7)", "{connection_file}"])
    save_notebook(folder / "nb.ipynb", "1")
    for name in ("broken", "quits"):
        done = run("--kernel", name)
        assert done.code == 3
        assert f"the kernel '{name}' did not start" in done.err
        assert done.states == ["not run"]
        assert done.node.metadata.papermill.exception is True


def test_a_kernel_of_another_language_gets_its_parameters(run, folder, kernelspec):
    kernelspec("pretends", language="R")
    save_notebook(folder / "nb.ipynb", "x = 1", "print(x)", tags=PARAMETERS)
    done = run("--kernel", "pretends", "-p", "x", "5")
    assert done.cells[1].source == "# Parameters\nx = 5\n"
    assert done.printed[-1] == "5\n"


def test_the_notebook_runs_where_it_is_told(run, folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "here.py").write_text("x = 'of sub'\n")
    save_notebook(folder / "nb.ipynb", "import os, here\nprint(os.getcwd(), here.x)")
    assert run("--cwd", "sub").printed == [f"{folder / 'sub'} of sub\n"]
    (folder / "here.py").write_text("x = 'of top'\n")
    assert run().printed == [f"{folder} of top\n"]


def test_a_cell_that_takes_too_long_is_ended(run, folder):
    save_notebook(
        folder / "nb.ipynb", "print('quick')", "import time\nprint('slow')\ntime.sleep(60)", "print('never')"
    )
    done = run("--execution-timeout", "0.5")
    assert done.code == 3
    assert "the cell took longer than 0.5 s" in done.err
    assert "cell 2" in done.err
    assert done.states == ["completed", "timed out", "not run"]
    assert done.printed == ["quick\n", "slow\n", ""]


def test_the_time_of_a_cell_is_no_bound_for_the_notebook(run, folder):
    save_notebook(folder / "nb.ipynb", *["import time\ntime.sleep(0.3)"] * 4)
    assert run("--execution-timeout", "1").code == 0


# Streams


def command(folder, *arguments, **options):
    words = [sys.executable, "-P", "-m", "nbship", "run", *arguments, "--no-track"]
    return subprocess.run(words, capture_output=True, cwd=folder, check=False, **options)


def test_notebooks_come_from_stdin_and_go_to_stdout(folder, shared_servers):
    path = save_notebook(folder / "nb.ipynb", "name = 'a'", "print(name, 'ß')", tags=PARAMETERS)
    done = command(
        *(folder, "-", "-", "-p", "name", "ü", "--log-output"),
        input=path.read_bytes(),
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0, done.stderr
    node = nbformat.reads(done.stdout.decode(), 4)
    nbformat.validate(node)
    assert node.cells[-1].outputs[0].text == "ü ß\n"
    assert done.stdout.decode().endswith("}\n")
    assert b"completed" in done.stderr


def test_json_goes_elsewhere_when_the_notebook_goes_to_stdout(run, folder):
    save_notebook(folder / "nb.ipynb", "print(1)")
    done = run("--json", output="-")
    assert json.loads(done.out)["nbformat"] == 4
    assert json.loads(done.err)["state"] == "completed"


def test_a_failing_notebook_on_stdout_is_a_notebook(run, folder):
    save_notebook(folder / "nb.ipynb", "1 / 0")
    done = run(output="-")
    assert done.code == 3
    nbformat.validate(nbformat.reads(done.out, 4))


def test_the_result_is_there_for_machines(run, folder):
    save_notebook(folder / "nb.ipynb", "x = 1", "x", tags=PARAMETERS)
    done = run("--json", "-p", "x", "2")
    found = json.loads(done.out)
    assert (found["state"], found["output_path"], found["parameters"]) == (
        "completed",
        "out.ipynb",
        {"x": "2"},
    )
    assert [cell["state"] for cell in found["cells"]] == ["completed"] * 3


def test_the_output_may_be_the_input(run, folder):
    save_notebook(folder / "nb.ipynb", "print(1)")
    assert run(output="nb.ipynb").printed == ["1\n"]


def test_notebooks_of_older_minor_formats_stay_what_they_are(run, folder):
    path = save_notebook(folder / "nb.ipynb", "x = 1", "1 / 0", tags=PARAMETERS)
    book = json.loads(path.read_text()) | {"nbformat_minor": 2}
    for cell in book["cells"]:
        del cell["id"]
    path.write_text(json.dumps(book))
    done = run("-p", "x", "2")
    assert done.node.nbformat_minor == 2
    assert done.states == ["completed", "completed", "failed"]
    assert not any("id" in cell for cell in json.loads(done.path.read_text())["cells"])


# Secrets

SECRET = 'geheim-ß-77"\\x'
LEAKS = """import os, sys, subprocess, logging
print(key)
print(repr(str(key)), file=sys.stderr)
display({'text/html': f'<b>{key}</b>', 'application/json': {str(key): [str(key)]}}, raw=True)
print([name for name in os.environ if name.startswith("NBSHIP_SECRET")])
key"""


@pytest.mark.parametrize("ending", ["", "raise ValueError(key)"])
def test_a_secret_is_in_no_file_and_no_message(folder, shared_servers, capsys, monkeypatch, ending):
    from nbship.cli import main

    monkeypatch.setenv("THE_KEY", SECRET)
    declared = "from nbship import Secret\nkey: Secret"
    save_notebook(folder / "nb.ipynb", declared, LEAKS, f"n = len(key)\n{ending}", tags=PARAMETERS)
    options = ["--secret", "key=env:THE_KEY", "--log-output", "--stdout-file", "o.txt", "--wait"]
    code = main(["run", "nb.ipynb", "out.ipynb", *options])
    said = capsys.readouterr()
    assert code == (3 if ending else 0), said.err
    assert "geheim" not in said.out + said.err
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [path for path in files if b"geheim" in path.read_bytes()] == []
    assert {"mlflow.db", "ledger.json", "executed.ipynb", "notebook.html"} <= {path.name for path in files}
    done = Executed(code, said.out, said.err, folder / "out.ipynb")
    assert done.printed[2].startswith("***\n")
    assert "[]\n" in done.printed[2]  # nor is it in the environment of the kernel any more
    assert (folder / "o.txt").read_text().startswith("***\n")

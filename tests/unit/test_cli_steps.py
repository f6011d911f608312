"""`nbship run` and `nbship convert` as far as they need no kernel."""

from __future__ import annotations

import argparse
import base64
import json
import signal

import nbformat
import pytest

from nbship.cli.parameters import parameter_options, read_values
from nbship.cli.steps import interruptible
from nbship.errors import UsageError
from step_fakes import notebook

DECLARED = """rows: int = 100  # how many flights
name: str = "all"
rate = 0.5
key: Secret = Secret.from_env("KEY")
target: str"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def save(folder, *cells, name="nb.ipynb", tags=None, **metadata):
    book = notebook(*cells, tags=tags)
    book["metadata"] |= metadata
    (folder / name).write_text(json.dumps(book))
    return folder / name


def declared(folder):
    return save(folder, DECLARED, "rows", tags={0: ["parameters"]})


def values(*arguments):
    parser = argparse.ArgumentParser()
    parameter_options(parser)
    return read_values(parser.parse_args(arguments))


def test_values_of_the_yaml_options_follow_papermills_order(tmp_path):
    (tmp_path / "a.yaml").write_text("a: file\nb: file\nc: file\n")
    (tmp_path / "b.json").write_text('{"b": "second"}')
    encoded = base64.b64encode(b"a: base64\nd: 2024-01-02").decode()
    given = ("-f", str(tmp_path / "a.yaml"), "-y", "c: yaml", "-f", str(tmp_path / "b.json"), "-b", encoded)
    assert values(*given) == {"a": "file", "b": "second", "c": "yaml", "d": "2024-01-02"}
    assert values() == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-b", "%%%"), "--parameters-base64 '%%%' is not base64"),
        (("-b", base64.b64encode(b"\xff").decode()), "is not base64"),
        (("-f", "missing.yaml"), "cannot read the parameters file missing.yaml"),
        (("-y", "3"), "--parameters-yaml must map parameter names to values, got '3'"),
        (("-y", "a: ["), "--parameters-yaml is not YAML"),
    ],
)
def test_values_that_cannot_be_read_are_refused_in_one_line(folder, arguments, words):
    with pytest.raises(UsageError) as caught:
        values(*arguments)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.ipynb",), "there is no notebook missing.ipynb"),
        (("nb.ipynb", "-p", "rows", "many", "-p", "target", "x"), "'rows' takes int, got 'many'"),
        (("nb.ipynb", "-p", "row", "3", "-p", "target", "x"), "no parameter 'row'; did you mean 'rows'?"),
        (("nb.ipynb",), "no default for 'target' (str); pass it, e.g. -p target VALUE"),
        (("nb.ipynb", "-p", "target", "x", "-p", "key", "geheim"), "use --secret key=env:VAR"),
        (("nb.ipynb", "-p", "target", "x", "--secret", "key=geheim"), "NAME=env:VAR or NAME=file:PATH"),
        (("nb.ipynb", "-p", "target", "x", "--secret", "key=env:NO_SUCH_VARIABLE"), "is not set"),
        (("nb.ipynb", "{no}.ipynb", "-p", "target", "x"), "the path {no}.ipynb names 'no'"),
        (("nb.ipynb", "no/out.ipynb", "-p", "target", "x"), "the folder no of the output"),
        (("nb.ipynb", "-p", "target", "x", "--cwd", "no"), "the working directory no does not exist"),
        (("nb.ipynb", "-p", "target", "x", "-t", "a"), "a"),
        (("old.ipynb",), "format 3"),
        (("text.ipynb",), "holds no JSON"),
        (("broken.ipynb",), "the cell tagged 'parameters' (cell 1, line 1) is not valid Python"),
    ],
)
@pytest.mark.parametrize("prepare", [(), ("--prepare-only",)])
def test_wrong_use_is_one_line_and_leaves_nothing(folder, call, arguments, words, prepare):
    declared(folder)
    (folder / "old.ipynb").write_text('{"nbformat": 3, "worksheets": []}')
    (folder / "text.ipynb").write_text("text")
    save(folder, "rows = (", name="broken.ipynb", tags={0: ["parameters"]})
    refused(folder, call, words, *arguments, *prepare)


def refused(folder, call, words, *arguments):
    before = {path.name for path in folder.iterdir()}
    code, out, err = call("run", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert err.startswith("nbship: ")
    assert "geheim" not in err
    assert {path.name for path in folder.iterdir()} - before <= {".nbship"}
    spool = folder / ".nbship" / "spool"
    assert not spool.exists() or list(spool.iterdir()) == []


def test_a_kernel_must_be_installed_to_run_and_not_to_prepare(folder, call):
    save(folder, "x = 1")
    refused(folder, call, "no kernel named 'pyton3' is installed; there is", "nb.ipynb", "-k", "pyton3")
    assert call("run", "nb.ipynb", "out.ipynb", "-k", "pyton3", "--prepare-only", "-p", "x", "2")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nb.ipynb", "-p", "a"),
        ("nb.ipynb", "--timeout", "soon"),
        ("nb.ipynb", "--execution-timeout", "-1"),
    ],
)
def test_arguments_that_do_not_fit_show_the_usage(call, arguments):
    code, out, err = call("run", *arguments)
    assert (code, out) == (2, "")
    assert "usage: nbship run" in err


def test_parameters_are_shown_without_running_anything(folder, call):
    declared(folder)
    code, out, err = call("run", "nb.ipynb", "--help-notebook")
    assert (code, err) == (0, "")
    for word in ("rows", "int", "how many flights", "target", "rate"):
        assert word in out


def test_a_prepared_notebook_has_its_parameters_and_no_results(folder, call):
    declared(folder)
    code, out, err = call(
        *("run", "nb.ipynb", "out-{rows}.ipynb", "--prepare-only", "-p", "rows", "5", "-p", "target", "x"),
        *("--inject-paths", "--report-mode"),
    )
    assert (code, out, err) == (0, "prepared  out-5.ipynb\n", "")
    found = nbformat.read(folder / "out-5.ipynb", 4)
    assert found.cells[1].metadata == {
        "tags": ["injected-parameters"],
        "jupyter": {"source_hidden": True},
    }
    bound = {}
    exec(found.cells[1].source, bound)
    assert (bound["rows"], bound["target"], bound["PAPERMILL_INPUT_PATH"]) == (5, "x", "nb.ipynb")
    assert bound["PAPERMILL_OUTPUT_PATH"] == "out-5.ipynb"
    assert all(cell.metadata.jupyter.source_hidden for cell in found.cells)
    record = found.metadata.papermill
    assert record.keys() == {
        *("default_parameters", "environment_variables", "version"),
        *("input_path", "output_path", "parameters"),
    }
    assert (record.input_path, record.output_path) == ("nb.ipynb", "out-5.ipynb")
    assert all(cell.execution_count is None for cell in found.cells)


def test_a_prepared_notebook_may_be_of_another_language(folder, call):
    spec = {"name": "ir", "display_name": "R", "language": "R"}
    save(folder, "x <- 1", tags={0: ["parameters"]}, kernelspec=spec)
    code, _, err = call("run", "nb.ipynb", "out.ipynb", "--prepare-only", "-p", "x", "5", "-r", "y", "5")
    assert (code, err) == (0, "")
    assert nbformat.read(folder / "out.ipynb", 4).cells[1].source == '# Parameters\nx = 5\ny = "5"\n'


def test_the_language_may_stand_where_jupyter_writes_it(folder, call):
    spec = {"name": "ir", "display_name": "R"}
    save(folder, "x <- 1", kernelspec=spec, language_info={"name": "R"})
    assert call("run", "nb.ipynb", "out.ipynb", "--prepare-only", "-p", "x", "True")[0] == 0
    assert nbformat.read(folder / "out.ipynb", 4).cells[0].source == "# Parameters\nx = TRUE\n"


def test_old_marks_are_gone_from_a_prepared_notebook(folder, call):
    save(folder, "mark", "x = 1", tags={0: ["papermill-error-cell-tag"], 1: ["parameters"]})
    assert call("run", "nb.ipynb", "out.ipynb", "--prepare-only", "-p", "x", "2")[0] == 0
    assert [cell.source for cell in nbformat.read(folder / "out.ipynb", 4).cells] == [
        "x = 1",
        "# Parameters\nx = 2",
    ]


def test_raw_wins_over_p_and_p_over_files_in_notebook_and_paths(folder, call):
    save(folder, "pass")
    given = ("-r", "a", "1", "-p", "a", "2", "-y", "{a: 3, b: 3, c: 3}", "-p", "b", "2")
    code, out, err = call("run", "nb.ipynb", "{a}{b}{c}.ipynb", "--prepare-only", *given)
    assert (code, out, err) == (0, "prepared  123.ipynb\n", "")
    bound = {}
    exec(nbformat.read(folder / "123.ipynb", 4).cells[0].source, bound)
    assert (bound["a"], bound["b"], bound["c"]) == ("1", 2, 3)
    save(folder, "pass", name="nb-1.ipynb")
    assert call("run", "nb-{a}.ipynb", "out.ipynb", "--prepare-only", *given)[0] == 0


def test_a_prepared_notebook_on_the_standard_output_is_alone_there(folder, call):
    save(folder, "x = 1")
    code, out, err = call("run", "nb.ipynb", "-", "--prepare-only", "-p", "x", "2")
    assert (code, err) == (0, "")
    assert json.loads(out)["cells"][0]["source"] == ["# Parameters\n", "x = 2"]


def test_a_notebook_without_parameters_is_offered_some(folder, call):
    path = save(folder, "import math", "rows = 100\nrate = 0.5", "rows * rate")
    before = path.read_bytes()
    code, out, err = call("convert", "nb.ipynb")
    assert (code, err) == (0, "")
    assert "rows" in out
    assert "nothing is written" in out
    assert path.read_bytes() == before
    code, out, _ = call("convert", "nb.ipynb", "--write")
    assert "(written)" in out
    tags = [cell["metadata"].get("tags") for cell in json.loads(path.read_text())["cells"]]
    assert ["parameters"] in tags
    assert "has a parameters cell already" in call("convert", "nb.ipynb")[1]


def test_the_first_signal_asks_and_the_second_ctrl_c_leaves(capsys):
    before = signal.getsignal(signal.SIGTERM)
    with interruptible() as asked:
        assert not asked.is_set()
        signal.raise_signal(signal.SIGTERM)
        assert asked.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) is before
    assert "Ctrl-C once more leaves at once" in capsys.readouterr().err

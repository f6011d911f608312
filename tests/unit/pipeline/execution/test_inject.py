from __future__ import annotations

import datetime as dt
import re

import nbformat
import papermill
import pytest
from papermill.parameterize import parameterize_notebook

from nbship.errors import UsageError
from nbship.pipeline.execution.inject import (
    ERROR_TAG,
    format_path,
    inject,
    notebook_kernel,
    papermill_record,
    plain_parameters,
    tags_of,
    with_error_marks,
    with_hidden_code,
    without_error_marks,
)
from step_fakes import notebook


def sources(book):
    return [cell["source"] for cell in book["cells"]]


def injected(book):
    found = [i for i, cell in enumerate(book["cells"]) if "injected-parameters" in tags_of(cell)]
    assert len(found) == 1
    return found[0]


def test_the_cell_comes_right_after_the_one_tagged_parameters():
    before = notebook("import os", "rows = 1", "rows", tags={1: ["parameters"]})
    after = inject(before, {"rows": 5, "name": "é"})
    assert sources(after) == ["import os", "rows = 1", "# Parameters\nrows = 5\nname = 'é'", "rows"]
    assert after["cells"][2]["metadata"] == {"tags": ["injected-parameters"]}
    assert len(before["cells"]) == 3


def test_the_cell_comes_first_where_nothing_is_tagged():
    assert injected(inject(notebook("a = 1", "a"), {"a": 2})) == 0


def test_the_cell_of_an_earlier_execution_is_replaced_where_it_stands():
    once = inject(notebook("a = 1", "a", tags={0: ["parameters"]}), {"a": 2})
    once["cells"].append(once["cells"].pop(1))  # somebody moved it
    twice = inject(once, {"a": 3})
    assert injected(twice) == 2
    assert sources(twice) == ["a = 1", "a", "# Parameters\na = 3"]


def test_without_values_nothing_changes():
    book = notebook("a = 1")
    assert inject(book, {}) is book


@pytest.mark.parametrize("tags", [{}, {1: ["parameters"]}, {1: ["parameters"], 2: ["injected-parameters"]}])
def test_cells_stand_where_papermill_puts_them(tags):
    book = notebook("import os", "a = 1", "b = 2", tags=tags)
    values = {"a": 2, "b": [1.5, None, True], "c": {"d": "e"}}
    node = nbformat.from_dict(book)
    node.metadata["language_info"] = {"name": "python"}
    node.metadata["papermill"] = {}
    theirs = parameterize_notebook(node, values)
    ours = inject(book, values)
    assert [tags_of(cell) for cell in ours["cells"]] == [list(cell.metadata.tags) for cell in theirs.cells]
    place = injected(ours)
    mine, other = {}, {}
    exec(ours["cells"][place]["source"], mine)
    exec(theirs.cells[place].source, other)
    assert {name: mine[name] for name in values} == {name: other[name] for name in values} == values


def test_cells_of_format_4_5_get_an_id_and_older_ones_none():
    book = notebook("a = 1")
    assert re.fullmatch(r"[0-9a-f]{8}", inject(book, {"a": 2})["cells"][0]["id"])
    assert "id" not in inject(book | {"nbformat_minor": 4}, {"a": 2})["cells"][0]


def test_a_secret_is_named_and_not_written():
    source = inject(notebook("x = 1"), {"a": 1}, ["api_key"])["cells"][0]["source"]
    assert source.splitlines()[2] == 'api_key = __import__("nbship").Secret.from_step("api_key")'


def test_other_languages_are_left_to_papermill():
    book = inject(notebook("x <- 1"), {"x": 2, "on": True}, kernel_name="ir", language="R")
    assert sources(book)[0] == "# Parameters\nx = 2\non = TRUE\n"


def test_a_language_that_papermill_does_not_know_is_refused():
    with pytest.raises(UsageError, match="parameters cannot be given to kernel 'brain'"):
        inject(notebook("x"), {"x": 1}, kernel_name="brain", language="brainfuck")


def test_secrets_for_other_languages_are_refused():
    with pytest.raises(UsageError, match=r"secret parameters \(key\) reach Python kernels only, not 'R'"):
        inject(notebook("x"), {}, ["key"], kernel_name="ir", language="R")


def test_values_without_a_source_are_refused():
    with pytest.raises(UsageError, match="cannot be written as Python source"):
        inject(notebook("x"), {"x": object()})


def test_error_marks_are_papermills_and_go_again():
    book = notebook("a = 1", "1 / 0", "b = 2")
    book["metadata"]["kernelspec"]["display_name"] = "Python 3"
    with_error_marks(book, 1, "ZeroDivisionError: division by zero")
    kinds = [(cell["cell_type"], tags_of(cell)) for cell in book["cells"]]
    assert kinds == [
        ("markdown", [ERROR_TAG]),
        ("code", []),
        ("markdown", [ERROR_TAG]),
        ("code", []),
        ("code", []),
    ]
    assert papermill.execute.ERROR_MARKER_TAG == ERROR_TAG
    assert "ZeroDivisionError" in sources(book)[0]
    assert 'href="#papermill-error-cell"' in sources(book)[0]
    assert 'id="papermill-error-cell"' in sources(book)[2]
    nbformat.validate(nbformat.from_dict(book))
    assert sources(without_error_marks(book)) == ["a = 1", "1 / 0", "b = 2"]


def test_tags_of_strange_metadata_are_none():
    assert tags_of({}) == []
    assert tags_of({"metadata": {"tags": "parameters"}}) == []
    assert tags_of({"metadata": {"tags": ["a", 1]}}) == ["a", "1"]


def test_code_is_hidden_and_text_is_not():
    book = notebook("a = 1")
    book["cells"][0]["metadata"]["jupyter"] = {"outputs_hidden": False}
    book["cells"].append({"cell_type": "markdown", "source": "# A", "metadata": {}})
    found = with_hidden_code(book)
    assert found["cells"][0]["metadata"]["jupyter"] == {"outputs_hidden": False, "source_hidden": True}
    assert found["cells"][1]["metadata"] == {}
    assert "source_hidden" not in book["cells"][0]["metadata"]["jupyter"]


def test_the_kernel_is_the_callers_or_the_notebooks():
    assert notebook_kernel(notebook("x")) == "python3"
    assert notebook_kernel(notebook("x"), "ir") == "ir"
    for metadata in ({}, {"kernelspec": None}, {"kernelspec": {}}):
        with pytest.raises(UsageError, match=r"names no kernel\. Write for example: --kernel python3"):
            notebook_kernel({"metadata": metadata})


def test_paths_are_filled_as_papermill_fills_them():
    assert format_path("a.ipynb", {}) == "a.ipynb"
    assert format_path("{lr:.2f}/{name}.ipynb", {"lr": 0.1, "name": "x"}) == "0.10/x.ipynb"
    assert re.fullmatch(r"[0-9a-f-]{36}\.ipynb", format_path("{pm[run_uuid]}.ipynb", {}))
    assert format_path("{pm[current_datetime_utc]:%Y}", {}) == str(dt.datetime.now(dt.UTC).year)
    assert format_path("{pm[current_datetime_local]:%Y}-{a}", {"a": 1}).endswith("-1")


@pytest.mark.parametrize("path", ["{nowhere}", "{}", "{a.b}", "{a[0]}", "{a", "{a:q}", "{pm[no]}"])
def test_a_path_that_cannot_be_filled_is_refused(path):
    with pytest.raises(UsageError, match="the path "):
        format_path(path, {"a": 1})


def test_metadata_keeps_json_types_and_the_text_of_others():
    values = {"a": 1, "b": [1, (2, 3)], "c": {"d": dt.date(2024, 1, 2)}, "e": {1: 2}, "f": None}
    assert plain_parameters(values) == {
        "a": 1,
        "b": [1, "(2, 3)"],
        "c": {"d": "2024-01-02"},
        "e": "{1: 2}",
        "f": None,
    }


def test_the_record_keeps_what_papermill_wrote_before():
    book = notebook("x")
    record = papermill_record(book, "a.ipynb", None, {"x": 1})
    assert record.keys() == {
        *("default_parameters", "environment_variables", "version"),
        *("input_path", "output_path", "parameters"),
    }
    book["metadata"]["papermill"] = {"version": "2.6.0", "parameters": {"y": 2}, "input_path": "old"}
    assert papermill_record(book, "a", "b", {"x": 1})["version"] == "2.6.0"
    assert papermill_record(book, "a", "b", {"x": 1})["parameters"] == {"x": 1}
    assert papermill_record(book, "a", "b", {})["input_path"] == "a"

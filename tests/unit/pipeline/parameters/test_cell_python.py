from __future__ import annotations

import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from nbship.pipeline.parameters.cell_python import (
    cell_magic,
    cell_tags,
    is_python,
    parse_python,
    plain_python,
    tagged_cell,
)


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n",
        "",
        "%matplotlib inline\nx = 1\n",
        "%time x = f(1)\n",
        "!pip install x\n",
        "!ls {folder}\n",
        "files = !ls *.csv\n",
        "now = %time f()\n",
        "if a:\n    %run b.py\n    !ls\nelse:\n    x = %env HOME\n",
        "x = (7\n     % 4)\n",
        "x = 7 \\\n  % 4\n%time\n",
        "x = '''\n%time\n!ls\n'''\n%time\n",
        "%pip install a \\\n  b\nx = 1\n",
        "x = a != b\n%time\n",
        "x = 'a%b' % c\n%time\n",
        "await f()\n%time\n",
        "# %time\n%time\n",
        "%%time\nx = 1\n",
        "%%bash -s $a\necho hi\n",
        "%%time\n%matplotlib inline\nx = 1\n",
        "a.b = !ls\n",
        "    x = 1\n    %time\n    if x:\n        y = 2\n",
        "\n\n  x = 1\n",
        "d['x'] = !ls\n",
    ],
)
def test_a_cell_is_the_python_that_ipython_makes_of_it(source):
    theirs = TransformerManager().transform_cell(source)
    ours = plain_python(source)
    if cell_magic(source) and "%mat" in source:  # IPython leaves the body to the magic
        assert "run_cell_magic('time'" in ours
        return
    assert ast.dump(ast.parse(ours)) == ast.dump(ast.parse(theirs))


@pytest.mark.parametrize(
    "source", ["x?\ny = 1", "?x\ny = 1", "x.y??\ny = 1", "%time?\ny = 1", "??x.y\ny = 1"]
)
def test_questions_are_no_code(source):
    assert ast.dump(ast.parse(plain_python(source))) == ast.dump(ast.parse("pass\ny = 1"))


def test_lines_stay_where_they_are():
    source = "%time\n!a \\\n b\n\nx = 1\n%b\ny = 2"
    lines = [item.lineno for item in parse_python(plain_python(source)).body if isinstance(item, ast.Assign)]
    assert lines == [5, 7]


def test_windows_line_ends_are_line_ends():
    assert plain_python("x = 1\r\ny = 2\r") == "x = 1\ny = 2\n"


@pytest.mark.parametrize("source", ["x = = 1", "a\x00", "(" * 500, "-" * 100_000 + "1"])
def test_what_is_no_python_is_one_kind_of_error(source):
    with pytest.raises(SyntaxError):
        parse_python(source)


def test_parsing_shows_no_warnings():
    assert len(parse_python('x = "\\d" is 1').body) == 1


@pytest.mark.parametrize(
    ("metadata", "python"),
    [
        ({}, True),
        ({"language_info": {"name": "python"}}, True),
        ({"kernelspec": {"language": "Python", "name": "x"}}, True),
        ({"kernelspec": {"language": "R"}}, False),
        ({"language_info": {"name": "julia"}, "kernelspec": {"language": "python"}}, False),
    ],
)
def test_the_language_of_a_notebook(metadata, python):
    assert is_python({"metadata": metadata, "cells": []}) is python


def test_tags_are_found():
    cells = [{"metadata": {}}, {"metadata": {"tags": ["a"]}}, {"metadata": {"tags": ["parameters", "a"]}}]
    assert tagged_cell({"cells": cells}) == 2
    assert tagged_cell({"cells": cells}, "a") == 1
    assert tagged_cell({"cells": cells}, "b") is None
    assert cell_tags({"metadata": {"tags": "parameters"}}) == ()

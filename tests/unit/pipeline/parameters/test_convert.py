from __future__ import annotations

import contextlib
import copy
import io
import itertools
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbship.errors import UsageError
from nbship.pipeline.parameters.cell_python import plain_python
from nbship.pipeline.parameters.convert import propose
from nbship.pipeline.parameters.declared import read_parameters


def notebook(*sources: str, **metadata: Any) -> dict[str, Any]:
    """Cells of code; those that begin with ``#M`` are Markdown."""
    cells = [_cell(source, number) for number, source in enumerate(sources)]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(source: str, number: int) -> dict[str, Any]:
    if source.startswith("#M"):
        return {"cell_type": "markdown", "source": source[2:], "metadata": {}, "id": f"c{number}"}
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {"tags": ["kept"]},
        "outputs": [],
        "execution_count": number,
        "id": f"c{number}",
    }


def sources(book: dict[str, Any]) -> list[str]:
    return [cell["source"] for cell in book["cells"]]


def test_constants_move_into_a_new_cell_after_the_imports():
    book = notebook(
        "#M# Title",
        "import pandas as pd",
        "#M## Load",
        "path = 'x.csv'  # where from\ndf = pd.read_csv(path)",
        "n_trees = 100\nfit(df, n_trees)",
    )
    found = propose(book)
    assert found.names == ("path", "n_trees")
    assert found.cell_source == "path = 'x.csv'  # where from\nn_trees = 100"
    assert sources(found.notebook) == [
        *("# Title", "import pandas as pd", found.cell_source, "## Load"),
        *("df = pd.read_csv(path)", "fit(df, n_trees)"),
    ]
    new = found.notebook["cells"][2]
    assert (new["metadata"], new["id"], new["execution_count"]) == (
        {"tags": ["parameters"]},
        "parameters",
        None,
    )
    nbformat.validate(found.notebook)
    assert read_parameters(found.notebook).get("path").help == "where from"


def test_the_given_notebook_is_not_changed():
    book = notebook("a = 1\nprint(a)")
    before = copy.deepcopy(book)
    found = propose(book)
    assert book == before
    found.notebook["cells"][0]["metadata"]["tags"].append("x")
    assert book == before


def test_a_cell_of_constants_only_gets_the_tag():
    book = notebook("import x", "# sizes\na = 1  # one\nb: float = 0.5", "print(a, b)")
    found = propose(book)
    assert found.names == ("a", "b")
    assert sources(found.notebook) == sources(book)
    assert found.notebook["cells"][1]["metadata"]["tags"] == ["kept", "parameters"]
    assert found.diff.splitlines()[0] == "cell 2 gets the tag 'parameters'"
    assert "  a = 1  # one" in found.diff


def test_a_second_proposal_has_nothing_to_do():
    first = propose(notebook("a = 1\nprint(a)"))
    second = propose(first.notebook)
    assert (second.names, second.diff, second.cell_source) == ((), "", "")
    assert second.notebook == first.notebook
    assert second.reason == "cell 1 carries the tag 'parameters' already"


def test_the_diff_shows_each_changed_cell():
    found = propose(notebook("import os\nseed = 1", "k = 2", "x = 5\nprint(seed, x)\nk += 1", "print(x)"))
    assert found.diff.splitlines() == [
        *("cell 1", "@@ -1,2 +1 @@", " import os", "-seed = 1", ""),
        *("new cell 2 with the tag 'parameters'", "@@ -0,0 +1,2 @@", "+seed = 1", "+x = 5", ""),
        *("cell 3, now cell 4", "@@ -1,3 +1,2 @@", "-x = 5", " print(seed, x)", " k += 1"),
    ]


def test_an_emptied_cell_goes():
    found = propose(notebook("import os", "start()", "a = 1", "b = 2\nc = 3", "c = 4", "print(a, b)"))
    assert found.names == ("a",)
    book = notebook("import os", "start()", "a = 1\nt = 0", "t += a")
    assert sources(propose(book).notebook) == ["import os", "a = 1", "start()", "t = 0", "t += a"]
    both = notebook("import os", "f()", "# a\na = 1\n# b\nb = 2", "b2 = b\nprint(a)", "c = 0\nc += 1")
    assert propose(both).names == ("a", "b")


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["a = 1\nprint(a)", "a = 2"], id="rebound in a later cell"),
        pytest.param(["a = 1\nprint(a)", "a += 2"], id="changed in a later cell"),
        pytest.param(["a = 1\na = 2\nprint(a)"], id="bound twice"),
        pytest.param(["a = 1\nprint(a)", "del a"], id="deleted"),
        pytest.param(["a = 1\nprint(a)", "for a in range(3): pass"], id="bound by a loop"),
        pytest.param(["a = 1\nprint(a)", "def f():\n    global a\n    a = 2"], id="bound by a function"),
        pytest.param(["a = 1\nprint(a)", "import a"], id="bound by an import"),
        pytest.param(["a = 1"], id="never read"),
        pytest.param(["print(a)", "a = 1"], id="read before only"),
        pytest.param(["a = []", "a.append(1)", "print(a)"], id="a container that is filled"),
        pytest.param(["a = {}\nprint(a)", "a['x'] = 1"], id="a container that is set"),
        pytest.param(["a = f()\nprint(a)"], id="computed"),
        pytest.param(["_a = 1\nprint(_a)"], id="private"),
        pytest.param(["if True:\n    a = 1\nprint(a)"], id="conditional"),
        pytest.param(["a = 1; print(a)"], id="shares its line"),
        pytest.param(["    a = 1\n    print(a)"], id="in an indented cell"),
        pytest.param(["%%time\na = 1\nprint(a)"], id="in the body of a magic"),
        pytest.param(["%time a = 1\nprint(a)"], id="in a line magic"),
        pytest.param(["print(max)", "max = 3\nprint(max)"], id="hides a builtin that is used before"),
        pytest.param(["f()", "from pathlib import Path\na: Path = 'x'\nprint(a)"], id="needs an import"),
        pytest.param(["a = 1\nprint(a)", "a = = 2"], id="a broken cell may bind it"),
        pytest.param(["f()\na = 1", "print(a)"], id="the cell would display another value"),
        pytest.param(["#M only text"], id="no code"),
        pytest.param([], id="no cells"),
    ],
)
def test_what_cannot_become_a_parameter_stays(cells):
    with pytest.raises(UsageError, match="no constant of this notebook can become a parameter"):
        propose(notebook(*cells))


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["f()\na = 1\ng(a)"], id="later in its own cell"),
        pytest.param(["f()\na = 1\ng()", "def h():\n    return a"], id="by a function"),
        pytest.param(["f()\na = 'x'\ng()", "!wget {a}"], id="by a shell line"),
        pytest.param(["f()\na = 'x'\ng()", "%run $a"], id="by a magic"),
        pytest.param(["f()\na = 'x'\ng()", "%%bash -s $a\necho"], id="by a cell magic"),
        pytest.param(["f()\na = 'x'\ng()", "print(f'{a}')"], id="by a formatted text"),
        pytest.param(["f()\na = 'x'\ng()", "%%time\nprint(a)"], id="by the body of a magic"),
        pytest.param(["f()\na = (1,\n     2)  # pair\ng()", "print(a)"], id="over several lines"),
    ],
)
def test_what_is_read_later_becomes_a_parameter(cells):
    found = propose(notebook(*cells))
    assert found.names == ("a",)
    assert found.notebook["cells"][0]["source"] == found.cell_source


def test_comments_right_above_move_along():
    found = propose(notebook("f()\n\n# how many\n# trees\nn = 3  # help\nfit(n)"))
    assert found.cell_source == "# how many\n# trees\nn = 3  # help"
    assert sources(found.notebook)[1] == "f()\n\nfit(n)"


def test_the_end_of_a_long_text_is_no_comment():
    found = propose(notebook('t = """\n# x"""\nn = 3\nfit(n)'))
    assert found.cell_source == "n = 3"


def test_what_stands_between_keeps_a_constant_where_it_is():
    found = propose(notebook("use(globals().get('a'))", "a = 1\nb = 2\nf(a, b)"))
    assert found.names == ("b",)
    assert sources(found.notebook) == ["b = 2", "use(globals().get('a'))", "a = 1\nf(a, b)"]


def test_the_last_value_of_a_cell_stays_what_it_was():
    found = propose(notebook("b = 2\nf(b)\na = 1", "print(a)"))
    assert found.names == ("b",)
    assert sources(found.notebook)[1] == "f(b)\na = 1"


def test_an_annotation_that_can_be_read_there_moves_along():
    found = propose(notebook("from pathlib import Path", "f()\na: Path | None = None\ng(a)"))
    assert found.cell_source == "a: Path | None = None"


def test_other_languages_and_old_formats():
    with pytest.raises(UsageError, match="another language"):
        propose(notebook("a = 1\nprint(a)", language_info={"name": "R"}))
    old = notebook("a = 1\nprint(a)")
    old["nbformat_minor"] = 4
    assert "id" not in propose(old).notebook["cells"][0]


def test_the_id_of_the_new_cell_is_its_own():
    book = notebook("a = 1\nprint(a)", "f()")
    book["cells"][1]["id"] = "parameters"
    assert propose(book).notebook["cells"][0]["id"] == "parameters-1"


LINES = st.sampled_from(
    [
        *(
            "a = 1",
            "b = 'x'",
            "c = [1]",
            "a = 2",
            "b += 'y'",
            "c.append(a)",
            "print(a)",
            "print(b, c)",
            "import math",
        ),
        *(
            "# note",
            "d: int = 4  # d",
            "print(d * 2)",
            "def f():\n    return a",
            "print(f())",
            "del b",
            "print(math.pi)",
        ),
        *(
            "for a in c:\n    print(a)",
            "e = (1,\n     2)",
            "print(e)",
            "max = 5",
            "print(max)",
            "print(len(c))",
        ),
    ]
)


@settings(max_examples=300)
@given(st.lists(st.lists(LINES, min_size=1, max_size=5), min_size=1, max_size=5))
def test_a_proposed_notebook_prints_what_the_notebook_printed(cells):
    book = notebook(*("\n".join(lines) for lines in cells))
    with contextlib.suppress(UsageError):
        assert printed(propose(book).notebook) == printed(book)


def printed(book: dict[str, Any]) -> str:
    """Run all cells as one kernel does, up to the first error; return what they printed, and the error."""
    namespace: dict[str, Any] = {}
    out = io.StringIO()
    code = (plain_python(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code")
    with contextlib.redirect_stdout(out):
        for source in itertools.chain(code):
            try:
                exec(source, namespace)
            except Exception as error:  # noqa: BLE001 - whatever the cell raises is part of what is compared
                return f"{out.getvalue()}{type(error).__name__}"
    return out.getvalue()

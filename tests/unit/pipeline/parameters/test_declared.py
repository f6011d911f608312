# ruff: noqa: DTZ001 - parameters are naive as often as not
from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbship.errors import UsageError
from nbship.model.parameter import Parameter, ParameterSchema
from nbship.pipeline.parameters.declared import parameters_source_of, read_parameters

# papermill 2.7's own inspection finds 8 of these 17 names, two of them with a wrong default.
REALISTIC = '''\
import pandas as pd
from pathlib import Path
a: int = 3
url = "http://x?q=1"
u: int | None = None
lit: Literal["a", "b"] = "a"
b, c = 1, 2
d: pd.Timestamp = pd.Timestamp("2024-01-01")
alias = beta = 5
neg = -1 if a == 1 else 2
s = "has # hash"  # real help
typed = 1  # type: int some help
table = {
    "k": 1,  # first
    "j": 2,
}  # a table
path = Path("data") / "in.csv"
rate = 1e-3
items = [1, 2]
text = """two
lines"""
'''


def notebook(*sources: str, tags: tuple[str, ...] = ("parameters",), **metadata: Any) -> dict[str, Any]:
    """A notebook whose last cell is tagged."""
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for source in sources
    ]
    cells[-1]["metadata"] = {"tags": list(tags)}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}


def read(source: str) -> ParameterSchema:
    return read_parameters(notebook(source))


def one(source: str, name: str = "x") -> Parameter:
    found = read(source).get(name)
    assert found is not None
    return found


def test_all_names_of_a_realistic_cell_are_found():
    schema = read(REALISTIC)
    assert schema.tagged
    assert schema.names == (
        *("a", "url", "u", "lit", "b", "c", "d", "alias", "beta", "neg", "s", "typed", "table", "path"),
        *("rate", "items", "text"),
    )
    assert len(schema.names) == 17


@pytest.mark.parametrize(
    ("name", "type_text", "default", "help_text"),
    [
        ("a", "int", 3, ""),
        ("url", "str", "http://x?q=1", ""),
        ("u", "int or None", None, ""),
        ("lit", "'a' or 'b'", "a", ""),
        ("b", "int", 1, ""),
        ("c", "int", 2, ""),
        ("alias", "int", 5, ""),
        ("beta", "int", 5, ""),
        ("s", "str", "has # hash", "real help"),
        ("typed", "int", 1, "some help"),
        ("table", "dict", {"k": 1, "j": 2}, "a table"),
        ("path", "Path", Path("data/in.csv"), ""),
        ("rate", "float", 0.001, ""),
        ("items", "list", [1, 2], ""),
        ("text", "str", "two\nlines", ""),
    ],
)
def test_types_defaults_and_help_of_a_realistic_cell(name, type_text, default, help_text):
    found = one(REALISTIC, name)
    assert (found.type_text, found.default, found.help) == (type_text, default, help_text)
    assert found.has_default
    assert not found.computed


def test_a_default_that_has_to_be_computed_is_kept_as_source():
    found = one(REALISTIC, "neg")
    assert found.default_source == "-1 if a == 1 else 2"
    assert (found.has_default, found.computed, found.default, found.type_text) == (True, True, None, "any")
    stamp = one(REALISTIC, "d")
    assert (stamp.type_text, stamp.computed) == ("pd.Timestamp", True)
    assert stamp.default_source == 'pd.Timestamp("2024-01-01")'


@pytest.mark.parametrize(
    ("source", "default"),
    [
        ("x = 60 * 60", 3600),
        ("x = -1", -1),
        ("x = 2**10", 1024),
        ("x = 1 + 2j", 1 + 2j),
        ("x = not True", False),
        ("x = set()", set()),
        ("x = frozenset({1})", frozenset({1})),
        ("x = (1, [2, {3: 4}])", (1, [2, {3: 4}])),
        ("x = range(3)", range(3)),
        ("import datetime\nx = datetime.date(2024, 1, 2)", dt.date(2024, 1, 2)),
        ("import datetime as dt\nx = dt.timedelta(days=1)", dt.timedelta(days=1)),
        ("from datetime import datetime\nx = datetime(2024, 1, 2)", dt.datetime(2024, 1, 2)),
        ("from datetime import datetime as D\nx = D(2024, 1, 2, tzinfo=None)", dt.datetime(2024, 1, 2)),
        ("x = [Path('a'), Path('b')]", [Path("a"), Path("b")]),
        ("import numpy as np\nx = np.int64(3)", np.int64(3)),
    ],
)
def test_constants_are_evaluated_without_running_code(source, default):
    found = one(source)
    assert not found.computed
    assert found.default == default
    assert type(found.default) is type(default)


@pytest.mark.parametrize(
    "source",
    [
        "x = open('/etc/passwd')",
        "x = __import__('os').getcwd()",
        "x = [f() for _ in y]",
        "x = {**other}",
        "x = 10 ** 10 ** 10",
        "x = list(range(10 ** 9))",
        "x = date(2024, 13, 1)",
        "x = int('abc')",
        "x = f'{a}'",
        "x = lambda: 1",
        "x = a + 1",
        "x = ...",
    ],
)
def test_what_is_no_constant_is_not_evaluated(source):
    found = one(source)
    assert found.computed
    assert found.default is None
    assert found.default_source == source.removeprefix("x = ")


@pytest.mark.parametrize(
    "source",
    [
        "_x = 1",
        "import x",
        "from y import x",
        "def x(): pass",
        "class x: pass",
        "x()",
        "x += 1",
        "x.y = 1",
        "x['a'] = 1",
        "if True:\n    x = 1",
        "for x in range(3): pass",
        "Mode = Literal['a', 'b']",
        "Number = float | int",
        "Names = list[str]",
    ],
)
def test_what_is_no_parameter(source):
    assert read(source).names == ()


def test_a_declaration_without_value_is_required():
    found = one("x: int")
    assert (found.has_default, found.default_source, found.type_text) == (False, "", "int")


def test_a_declaration_and_a_later_value_are_one_parameter():
    found = one("x: int\ny = 1\nx = 3  # trees")
    assert (found.type_text, found.default, found.help, found.inferred) == ("int", 3, "trees", False)


def test_the_last_assignment_gives_the_default():
    assert read("x = 1\ny = 2\nx = 'a'").names == ("x", "y")
    assert one("x = 1\nx = 'a'").default == "a"


@pytest.mark.parametrize(
    ("source", "sources"),
    [
        ("(x, y) = 1, 'b'", {"x": "1", "y": "'b'"}),
        ("x, (y, z) = 1, (2, 3)", {"x": "1", "y": "2", "z": "3"}),
        ("x, y = pair()", {"x": "pair()[0]", "y": "pair()[1]"}),
        ("x, *y = several()", {"x": "several()", "y": "list(several())"}),
    ],
)
def test_unpacked_names_are_parameters_each(source, sources):
    assert {item.name: item.default_source for item in read(source).parameters} == sources


@pytest.mark.parametrize(
    ("comment", "type_text", "help_text"),
    [
        ("# plain help", "int", "plain help"),
        ("#plain help", "int", "plain help"),
        ("# type: float", "float", ""),
        ("# type: float the help", "float", "the help"),
        ("#type:float the help", "float", "the help"),
        ("# type: List[int] the help", "list[int]", "the help"),
        ("# type: Dict[str, int]  # the help", "dict[str, int]", "the help"),
        ("# type: int | None the help", "int or None", "the help"),
        ("# type: ignore", "int", ""),
        ("# type: ignore[assignment]  # the help", "int", "the help"),
        ("# noqa: E501", "int", ""),
        ("# the help  # noqa", "int", "the help"),
        ("# number of trees (#estimators)", "int", "number of trees (#estimators)"),
    ],
)
def test_trailing_comments_are_read_as_papermill_reads_them(comment, type_text, help_text):
    found = one(f"x = 1  {comment}")
    assert (found.type_text, found.help) == (type_text, help_text)


def test_comments_above_are_no_help():
    assert one("# the trees\nx = 1\n# the end").help == ""


def test_an_annotation_wins_over_a_type_comment():
    found = one("x: float = 1  # type: int the help")
    assert (found.type_text, found.help) == ("float", "the help")


def test_statements_on_one_line_share_its_comment():
    assert [item.help for item in read("x = 1; y = 2  # both").parameters] == ["both", "both"]


def test_magics_and_shell_lines_do_not_break_the_cell():
    schema = read(
        "%matplotlib inline\n!pip install \\\n  x\nx = 1  # one\nfiles = !ls\nnow = %time 3\nx?\n"
        "y = (7\n     % 4)\ntext = '''\n%time\n'''\n"
    )
    assert schema.names == ("x", "files", "now", "y", "text")
    assert schema.get("x") == one("\n\n\nx = 1  # one")
    assert schema.get("files").computed
    assert schema.get("text").default == "\n%time\n"


@pytest.mark.parametrize("magic", ["%%time", "%%track first -p a=1", "\n%%capture out"])
def test_a_magic_that_runs_the_cell_hides_nothing(magic):
    found = read(f"{magic}\na: int = 1  # one")
    assert [(item.name, item.help, item.line) for item in found.parameters] == [
        ("a", "one", 2 + magic.count("\n"))
    ]
    assert parameters_source_of(notebook(f"{magic}\nimport x")).strip() == "import x"


def test_a_cell_in_another_language_declares_nothing():
    assert read("%%bash\na=1") == ParameterSchema(tagged=True)


def test_an_indented_cell_is_read_as_ipython_reads_it():
    assert read("    a = 1\n    b = 2").names == ("a", "b")


def test_the_place_of_a_parameter_is_known():
    schema = read_parameters(notebook("import os", "a = 1\n\nb = 2"))
    assert [(item.cell, item.line) for item in schema.parameters] == [(1, 1), (1, 3)]


def test_the_first_tagged_cell_counts():
    book = notebook("a = 1", "b = 2")
    book["cells"][0]["metadata"]["tags"] = ["other", "parameters"]
    assert read_parameters(book).names == ("a",)
    assert parameters_source_of(book) == "a = 1"


def test_imports_of_earlier_cells_are_known():
    schema = read_parameters(notebook("%time\nfrom datetime import date as Day", "x: Day = Day(2024, 1, 2)"))
    assert schema.get("x").type_text == "date"
    assert schema.get("x").default == dt.date(2024, 1, 2)


def test_named_types_are_followed():
    found = one('Mode = Literal["a", "b"]\nx: Mode = "a"  # how')
    assert (found.type_text, found.annotation, found.help) == ("'a' or 'b'", "Mode", "how")


def test_a_type_that_names_itself_does_not_hang():
    assert one("A = list[A]\nx: A = []").type_text == "list[any]"


def test_none_as_the_default_of_a_typed_parameter_allows_none():
    assert one("x: int = None").type_text == "int or None"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("x: Secret", ""),
        ('x: Secret = "hunter22"', "***"),
        ('x: nbship.Secret = nbship.Secret("hunter22")', "***"),
        ('x: Secret[str] = "hunter22" + "y"', "***"),
        ("x: Secret | None = None", "None"),
        ('x: Annotated[str, Secret] = ""', '""'),
        ('x: Optional[Secret] = Secret.from_env("VAR")', 'Secret.from_env("VAR")'),
        ('import os\nx: Secret = os.environ["VAR"]', 'os.environ["VAR"]'),
        ("from nbship import Secret as S\nx: S = 'hunter22'", "***"),
        ('import os\nx: Secret = os.environ.get("VAR")', 'os.environ.get("VAR")'),
        ('import os\nx: Secret = os.environ.get("VAR", "hunter22")', "***"),
        ('x: Secret = {"a": "hunter22"}["a"]', "***"),
    ],
)
def test_secret_parameters_are_marked_and_their_default_is_hidden(source, shown):
    found = one(source)
    assert found.secret
    assert found.default is None
    assert found.default_source == shown
    assert "hunter22" not in repr(found)


def test_a_name_that_only_sounds_secret_stays_an_ordinary_parameter():
    assert not one('api_key = "x"', "api_key").secret


@pytest.mark.parametrize(
    "metadata", [{"language_info": {"name": "R"}}, {"kernelspec": {"language": "julia"}}]
)
def test_other_languages_declare_nothing_to_us(metadata):
    assert read_parameters(notebook("x <- 1", **metadata)) == ParameterSchema()


def test_without_the_tag_there_is_nothing():
    assert read_parameters(notebook("x = 1", tags=())) == ParameterSchema()
    assert parameters_source_of(notebook("x = 1", tags=())) == ""


def test_a_cell_that_is_no_python_is_named():
    with pytest.raises(UsageError, match=r"cell 2, line 2\) is not valid Python"):
        read_parameters(notebook("", "x = 1\ny = = 2"))


def test_an_empty_cell_declares_nothing():
    assert read("") == ParameterSchema(tagged=True)


def test_reading_parameters_loads_no_heavy_library():
    code = (
        "import sys\n"
        "import nbship.pipeline.parameters.declared, nbship.pipeline.parameters.values, nbship.pipeline.parameters.python_source\n"
        "import nbship.pipeline.parameters.convert, nbship.display.parameter_help\n"
        "heavy = {'numpy', 'pandas', 'papermill', 'nbformat', 'mlflow', 'IPython'} & sys.modules.keys()\n"
        "sys.exit(','.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

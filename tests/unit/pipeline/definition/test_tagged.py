from __future__ import annotations

import asyncio
import contextlib
import io
import json
import random
import textwrap
from pathlib import Path
from typing import Any

import pytest

from nbship.errors import UsageError
from nbship.model.pipeline import Pipeline, PipelineStep
from nbship.pipeline.definition.tagged import read_tagged


def cell(source: str, *tags: str, kind: str = "code") -> dict[str, Any]:
    made: dict[str, Any] = {
        "cell_type": kind,
        "metadata": {"tags": list(tags)} if tags else {},
        "source": textwrap.dedent(source).strip("\n"),
    }
    return (
        {
            **made,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}],
            "execution_count": 7,
        }
        if (kind == "code")
        else made
    )


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": list(cells), "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}


@pytest.fixture
def read(tmp_path: Path):
    """Write a notebook of cells, given as `cell(...)` or as ``("tag", source)``, and read it as a pipeline."""

    def read(*cells: Any, given: dict[str, dict[str, str]] | None = None) -> Pipeline:
        made = [cell(item[1], *item[0].split()) if isinstance(item, tuple) else item for item in cells]
        path = tmp_path / "flights.ipynb"
        path.write_text(json.dumps(notebook(*made)))
        return read_tagged(path, given or {})

    return read


def flow(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """Return step to the artifacts that it reads."""
    return {step.name: step.inputs for step in pipeline.steps}


def sources(step: PipelineStep) -> list[str]:
    return [item["source"] for item in step.content["cells"]]


def tagged_source(step: PipelineStep, tag: str) -> str:
    found = [item["source"] for item in step.content["cells"] if tag in item["metadata"].get("tags", ())]
    return found[0] if found else ""


def test_variables_cross_from_the_last_writer_to_each_reader(read):
    pipeline = read(
        ("", "import pandas as pd"),
        ("step:prepare", "frame = pd.DataFrame({'a': [1]})\nlimit = 3"),
        ("", "late = frame[frame.a < limit]"),
        ("step:train", "model = late.mean()"),
        ("step:report", "print(model, limit)"),
    )
    prepare, train, report = pipeline.steps
    assert pipeline.name == "flights"
    assert flow(pipeline) == {
        "prepare": (),
        "train": ("prepare.late",),
        "report": ("prepare.limit", "train.model"),
    }
    folder = ".nbship/pipelines/flights/artifacts"
    assert prepare.outputs == {name: f"{folder}/{name}" for name in ("prepare.late", "prepare.limit")}
    assert (train.outputs, report.outputs) == ({"train.model": f"{folder}/train.model"}, {})
    assert pipeline.dependencies(report) == ("prepare", "train")
    assert report.notebook == "flights.ipynb"


def test_a_step_notebook_is_shared_cells_load_own_cells_save(read):
    pipeline = read(
        ("", "import math"),
        ("parameters", "n = 3"),
        ("step:a", "x = n"),
        ("", "y = x + 1"),
        ("step:b", "z = math.sqrt(x + y)"),
        ("skip", "boom()"),
        ("step:c", "print(z)"),
    )
    b = pipeline.steps[1]
    assert sources(b) == [
        "import math",
        "n = 3",
        (
            "# What earlier steps left for this one.\n"
            'x, y = __import__("nbship.pipeline.borders", fromlist=["load"]).load(\n'
            '    ".nbship/pipelines/flights/artifacts",\n    "a.x",\n    "a.y",\n)'
        ),
        "z = math.sqrt(x + y)",
        (
            "# What later steps read.\n"
            '__import__("nbship.pipeline.borders", fromlist=["save"]).save(\n'
            '    ".nbship/pipelines/flights/artifacts",\n    "b",\n    z=z,\n)'
        ),
    ]
    assert [item["id"] for item in b.content["cells"]] == [
        "cell-1",
        "cell-2",
        "nbship-load",
        "cell-5",
        "nbship-save",
    ]
    assert all(item["outputs"] == [] and item["execution_count"] is None for item in b.content["cells"])


def test_the_step_notebooks_are_valid_and_the_same_each_time(read):
    import nbformat

    cells = [("step:a", "x = 1"), cell("# Title", kind="markdown"), ("step:b", "print(x)")]
    first, second = read(*cells), read(*cells)
    assert first == second
    for step in first.steps:
        nbformat.validate(nbformat.from_dict(step.content))


def test_text_belongs_to_the_code_below_it(read):
    pipeline = read(
        cell("# Flights", kind="markdown"),
        ("", "import math"),
        cell("## Prepare", kind="markdown"),
        ("step:a", "x = 1"),
        cell("## Train", kind="markdown"),
        ("step:b", "print(x)"),
        cell("The end", kind="markdown"),
    )
    a, b = pipeline.steps
    assert sources(a)[:4] == ["# Flights", "import math", "## Prepare", "x = 1"]
    assert sources(b)[-3:] == ["## Train", "print(x)", "The end"]


def test_independent_steps_do_not_wait_for_each_other(read):
    pipeline = read(
        ("step:a", "frame = [3, 1]"),
        ("step:b", "for i in frame:\n    print(i)\nframe.index(1)"),
        ("step:c", "for i in frame:\n    total = i\nprint(sorted(frame), i)"),
    )
    assert flow(pipeline) == {"a": (), "b": ("a.frame",), "c": ("a.frame", "b.i")}
    pipeline = read(
        ("step:a", "frame = [3, 1]"),
        ("step:b", "for i in frame:\n    print(i)\nframe.index(1)"),
        ("step:c", "for i in frame:\n    total = i"),
    )
    assert [pipeline.dependencies(step) for step in pipeline.steps] == [(), ("a",), ("a",)]
    assert all(step.after == () for step in pipeline.steps)


@pytest.mark.parametrize(
    "change",
    [
        "rows.append(2)",
        "rows[0] = 5",
        "rows += [3]",
        "other = rows\nother.append(2)",
        "def grow(items):\n    items.append(1)\ngrow(rows)",
        "def grow(items):\n    items.append(1)\ndef both(a, b):\n    grow(items=b)\nboth(1, rows)",
        "if rows:\n    rows = []",
        "add(4)",
        "fill(rows)",
    ],
)
def test_what_a_step_changes_is_saved_again_by_it(read, change):
    pipeline = read(
        ("", "def fill(items):\n    items[0] = 9\ndef add(item):\n    rows.append(item)"),
        ("step:a", "rows = [1]"),
        ("step:b", change),
        ("step:c", "print(rows)"),
    )
    assert flow(pipeline) == {"a": (), "b": ("a.rows",), "c": ("b.rows",)}


@pytest.mark.parametrize(
    "look",
    [
        "rows.index(1)",
        "print(rows)\nlen(rows)",
        "copied = rows.copy()\ncopied.append(1)",
        "def fresh(items):\n    items = list(items)\n    items.append(1)\nfresh(rows)",
        "total = sum(row for row in rows)",
    ],
)
def test_what_a_step_only_looks_at_stays_with_its_maker(read, look):
    pipeline = read(("step:a", "rows = [1]"), ("step:b", look), ("step:c", "print(rows)"))
    assert flow(pipeline)["c"] == ("a.rows",)


def test_two_names_of_one_object_are_refused_where_they_would_become_two(read):
    steps = [("step:a", "rows = [1]"), ("step:b", "late = rows"), ("step:c", "late.append(2)")]
    with pytest.raises(
        UsageError, match=r"late and rows are one object since step b, step c changes it as late"
    ):
        read(*steps, ("step:d", "print(rows)"))
    assert flow(read(*steps, ("step:d", "print(late)")))["d"] == ("c.late",)
    assert flow(read(*steps[:2], ("step:c", "late = late + [2]"), ("step:d", "print(rows)")))["d"] == (
        "a.rows",
    )
    within = read(steps[0], ("step:b", "late = rows\nlate.append(2)"), ("step:d", "print(rows)"))
    assert flow(within)["d"] == ("b.rows",)


def test_a_generator_of_random_numbers_goes_from_step_to_step(read):
    pipeline = read(
        ("", "import numpy as np\nrng = np.random.default_rng(0)"),
        ("step:a", "x = rng.normal()"),
        ("step:b", "y = rng.normal()"),
        ("step:c", "print(x, y)"),
    )
    assert flow(pipeline) == {"a": (), "b": ("a.rng",), "c": ("a.x", "b.y")}


def test_a_variable_of_the_shared_cells_crosses_once_a_step_changed_it(read):
    pipeline = read(
        ("", "settings = {}\nlimit = 3"),
        ("step:a", "settings['a'] = limit"),
        ("step:b", "print(settings, limit)"),
    )
    assert flow(pipeline) == {"a": (), "b": ("a.settings",)}
    assert "save_kept(" in tagged_source(pipeline.steps[0], "nbship-save")
    assert "load_bound(" in tagged_source(pipeline.steps[1], "nbship-load")


def test_functions_of_shared_cells_bring_what_they_read(read):
    pipeline = read(
        ("", "def report():\n    return head(frame)\ndef head(rows):\n    return rows[:n]"),
        ("parameters", "n = 3\nm = 4"),
        ("step:a", "frame = [1]"),
        ("step:b", "print(report())"),
        given={"b": {"n": "5"}},
    )
    assert flow(pipeline) == {"a": (), "b": ("a.frame",)}
    assert pipeline.steps[1].parameters == {"n": 5}


def test_cells_of_definitions_belong_to_every_step_wherever_they_stand(read):
    pipeline = read(
        ("step:a", "x = 1"),
        ("step:b", '"""Tools."""\nfrom math import sqrt\ndef root(value):\n    return sqrt(value)'),
        ("", "y = root(x)"),
        (
            "step:c",
            "%matplotlib inline\nimport json\ntry:\n    import orjson\nexcept ImportError:\n    orjson = None",
        ),
        ("", "print(json.dumps(root(y)))"),
    )
    a, _, c = pipeline.steps
    assert "def root" in sources(a)[0]
    assert "import json" in sources(a)[1]
    assert flow(pipeline) == {"a": (), "b": ("a.x",), "c": ("b.y",)}
    assert '("root",)' in tagged_source(a, "nbship-save")
    assert sources(c)[-1] == "print(json.dumps(root(y)))"


@pytest.mark.parametrize(
    "definition",
    [
        "def scale(value, by=x):\n    return value * by",
        "def scale(value):\n    return value\nprint('mixed')",
    ],
)
def test_a_function_that_must_stay_in_its_step_cannot_be_used_in_another(read, definition):
    with pytest.raises(UsageError, match=r"scale\(\) is defined in step a and used in step b: move it above"):
        read(("step:a", "x = 2"), ("", definition), ("step:b", "print(scale(3))"))


def test_a_function_of_two_meanings_is_not_moved(read):
    pipeline = read(
        ("", "def f():\n    return 1"),
        ("step:a", "x = f()"),
        ("step:b", "def f():\n    return 2"),
        ("", "print(f(), x)"),
    )
    assert "return 2" not in "".join(sources(pipeline.steps[0]))


def test_an_import_of_one_step_is_repeated_in_the_steps_that_use_it(read):
    pipeline = read(
        ("step:a", "import numpy as np, os.path\nfrom math import sqrt, pi as half\nx = np.zeros(1)"),
        ("step:b", "np.random.seed(0)\nprint(np.sum(x), os.sep, half)"),
        ("step:c", "print(np, sqrt)"),
    )
    assert flow(pipeline) == {"a": (), "b": ("a.x",), "c": ()}
    _, b, c = pipeline.steps
    assert (
        tagged_source(b, "nbship-imports")
        == "from math import pi as half\nimport numpy as np\nimport os.path"
    )
    assert tagged_source(c, "nbship-imports") == "import numpy as np\nfrom math import sqrt"


def test_a_variable_with_the_name_of_a_builtin_crosses(read):
    pipeline = read(
        ("", "def total():\n    return sum + 1"),
        ("step:a", "input = [1]\nsum = 4\nmax(input)"),
        ("step:b", "print(input, total(), max([1]))"),
    )
    assert flow(pipeline) == {"a": (), "b": ("a.input", "a.sum")}


def test_what_is_deleted_does_not_cross(read):
    pipeline = read(
        ("step:a", "x = 1\ny = 2"),
        ("step:b", "del x\nz = y"),
        ("step:c", "try:\n    print(x)\nexcept NameError:\n    print(z)"),
    )
    assert flow(pipeline)["c"] == ("b.z",)


def test_a_name_that_may_have_no_value_is_saved_and_loaded_with_care(read):
    pipeline = read(
        ("step:a", "rows = []\nfor row in rows:\n    last = row"),
        ("step:b", "for row in rows:\n    pass\nprint(row)"),
    )
    a, b = pipeline.steps
    assert (
        'save_bound(\n    ".nbship/pipelines/flights/artifacts",\n    "a",\n    (),\n    globals(),\n    "row",'
        in (tagged_source(a, "nbship-save"))
    )
    assert "(rows,) = " in tagged_source(b, "nbship-load")
    assert "globals().update(" in tagged_source(b, "nbship-load")


def test_magics_are_no_obstacle(read):
    pipeline = read(
        ("", "%matplotlib inline\n!ls"),
        ("step:a", "%%time\nx = 1"),
        ("", "%%bash\necho $x"),
        ("", "%time y = x\nfiles = !ls\nx?"),
        ("step:b", "print(x, y, files)"),
    )
    assert flow(pipeline)["b"] == ("a.files", "a.x", "a.y")


def test_steps_that_touch_one_file_keep_their_order(read):
    pipeline = read(
        (
            "",
            "from pathlib import Path\nOUT = Path('out')\nDATA = 'data.csv'\ndef store(rows):\n    rows.to_csv(DATA)",
        ),
        ("step:a", "(OUT / 'a.json').write_text('1')"),
        ("step:b", "text = (OUT / 'a.json').read_text()"),
        ("step:c", "frame = [1]\nstore(frame)"),
        ("step:d", "print(open(DATA).read())"),
        ("step:e", "(OUT / 'e.json').write_text('1')"),
        ("step:f", "with open('a.json', 'w') as file:\n    file.write('x')"),
    )
    assert {step.name: step.after for step in pipeline.steps} == {
        "a": (),
        "b": ("a",),
        "c": (),
        "d": ("c",),
        "e": (),
        "f": ("a", "b"),
    }


def test_a_step_takes_the_parameters_that_it_uses(read):
    cells = [
        ("parameters", "rows = 10\ndepth: int = 3\nseed = 1\nunused = 0"),
        ("", "import random\nrandom.seed(seed)\nhalf = rows // 2"),
        ("step:a", "x = half"),
        ("step:b", "y = depth + x"),
    ]
    pipeline = read(*cells, given={"a": {"rows": "20", "seed": "5"}, "b": {"depth": "4"}})
    assert [step.parameters for step in pipeline.steps] == [{"rows": 20, "seed": 5}, {"depth": 4}]
    for given, message in [
        ({"a": {"depth": "1"}}, "step a does not use the parameter 'depth'. Steps that do: b"),
        ({"a": {"unused": "1"}}, "step a does not use the parameter 'unused'. Steps that do: no step does"),
        ({"b": {"dept": "1"}}, "no parameter 'dept'. Did you mean depth?"),
        ({"b": {"depth": "x"}}, "step b: 'depth' takes int"),
    ]:
        with pytest.raises(UsageError) as caught:
            read(*cells, given=given)
        assert message in str(caught.value)


def test_a_required_parameter_is_asked_of_the_steps_that_use_it(read):
    cells = [("parameters", "n: int"), ("step:a", "x = 1"), ("step:b", "print(x, n)")]
    assert read(*cells, given={"b": {"n": "1"}}).steps[1].parameters == {"n": 1}
    with pytest.raises(UsageError, match="step b: the notebook gives no default for 'n'"):
        read(*cells)


@pytest.mark.parametrize(
    ("made", "what"),
    [
        ("v = open('a.txt')", "an open file"),
        ("from pathlib import Path\nv = Path('a').open()", "an open file"),
        ("v = (row for row in [1])", "a generator"),
        ("from threading import Lock\nv = Lock()", "a lock"),
        ("import sqlite3 as db\nv: object = db.connect(':memory:')", "a database connection"),
        ("import subprocess\nv = subprocess.Popen(['ls'])", "a running process"),
    ],
)
def test_what_cannot_be_saved_is_refused_before_anything_runs(read, made, what):
    with pytest.raises(
        UsageError, match=rf"v is {what}, made in step a and used in step b.*above the first step"
    ):
        read(("step:a", made), ("step:b", "print(v)"))
    read(("step:a", made), ("step:b", "print('v')"))
    read(("", made), ("step:a", "print(v)"), ("step:b", "print(v)"))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([("", "x = 1")], "has no steps: give the first cell of each step a tag such as step:train"),
        ([("step:a step:b", "x = 1")], "cell 1 is tagged as a part of a and of b"),
        ([("step:1", "x = 1")], "cell 1: step '1' has no usable name"),
        ([("step:", "x = 1")], "cell 1: step '' has no usable name"),
        ([("step:a", "x = 1"), ("step:b", "y = 1"), ("step:a", "z = 1")], "on both sides of step b (cell 3)"),
        ([("step:a", "x = ("), ("step:b", "y = 1")], "cell 1, line 1 is not valid Python"),
        ([("step:a", "import os\nos.chdir('..')\nx = 1")], "cell 1 changes the current folder"),
        ([("step:a", "x = 1"), ("", "%cd data")], "cell 2 changes the current folder"),
        ([("step:a", "import os"), ("step:b", "y = 1")], "step a has nothing to do"),
        (
            [("step:a", "print(y)"), ("step:b", "y = 1")],
            "step a reads y, which is made further down, in step b",
        ),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(read, cells, message):
    with pytest.raises(UsageError) as caught:
        read(*cells)
    assert message in str(caught.value)
    assert "flights.ipynb" in str(caught.value)


def test_a_notebook_in_another_language_is_refused(tmp_path):
    content = notebook(cell("x <- 1", "step:a"))
    content["metadata"]["kernelspec"] = {"name": "ir", "language": "R", "display_name": "R"}
    (tmp_path / "r.ipynb").write_text(json.dumps(content))
    with pytest.raises(UsageError, match="no Python notebook"):
        read_tagged(tmp_path / "r.ipynb", {})


SHARED = """
import random
rng = random.Random(1)
counts = {}
a, b, c, d = [1], [2, 2], [3], [4, 1]
def grow(q):
    q.append(9)
def swap(q, w):
    q[0], w[0] = w[0], q[0]
def touch():
    a.append(8)
def peek():
    return list(b) + c
def replace(n):
    global c
    c = [n]
"""
STATEMENTS = (
    """
X = [N] | X = Y + Z | X = list(Y) | X.append(N) | X[0] = N | X += [N] | grow(X) | swap(X, Y) | touch() | X = peek()
print(X) | X, Y = Y, X | X = [k + N for k in Y] | X.sort() | replace(N) | X.extend(Y[:2]) | i = 0 | max = N
if len(Y) > N: X = [N] | for i in range(N): X = Y + [i] | for k in Y[:3]: X.append(k) | [X.append(k) for k in range(N)]
counts['X'] = len(Y) | print(sorted(counts.items())) | print(rng.random()) | X.append(rng.randint(0, 9))
X = sorted(Y, key=lambda k: (k, len(Z))) | X = (lambda q: q + [N])(Y) | print(max if type(max) is int else 0)
""".strip()
    .replace("\n", " | ")
    .split(" | ")
)


def random_steps(seed: int) -> list[tuple[str, str]]:
    """Return cells of steps of one to four random statements; the last one shows every variable."""
    draw = random.Random(seed)
    cells = [("", SHARED), ("step:s0", "i = 1")]
    for step in range(1, draw.randint(3, 6)):
        chosen = draw.choices(STATEMENTS, k=draw.randint(1, 4))
        for letter in "XYZ":
            chosen = [text.replace(letter, draw.choice("abcd")) for text in chosen]
        cells.append(
            (f"step:s{step}", "\n".join(text.replace("N", str(draw.randint(0, 4))) for text in chosen))
        )
    return [*cells, ("step:end", "print(a, b, c, d, counts, i)")]


def printed_by(sources: list[str]) -> str:
    """Execute cells in a namespace of their own, without a kernel."""
    out, namespace = io.StringIO(), {"__name__": "__main__"}
    with contextlib.redirect_stdout(out):
        for source in sources:
            exec(source, namespace)
    return out.getvalue()


def without_notes(text: str) -> str:
    return "".join(line for line in text.splitlines(True) if "saved by" not in line)


@pytest.mark.parametrize("seeds", [range(start, start + 25) for start in range(0, 100, 25)], ids=str)
def test_steps_of_random_programs_print_what_the_whole_program_prints(read, tmp_path, monkeypatch, seeds):
    monkeypatch.chdir(tmp_path)
    for seed in seeds:
        cells = random_steps(seed)
        pipeline = read(*cells)
        found = [without_notes(printed_by(sources(step))) for step in pipeline.steps]
        assert "".join(found) == printed_by([source for _, source in cells]), f"seed {seed}"


CELLS = [
    ("", "import numpy as np\nimport pandas as pd"),
    ("parameters", "rows = 60\nlimit = 0.1"),
    (
        "",
        """
        rng = np.random.default_rng(0)
        class Split:
            def __init__(self, cut):
                self.cut = cut
        def flag(table):
            table["late"] = table["delay"] > limit
        """,
    ),
    (
        "step:prepare",
        """
        frame = pd.DataFrame({"delay": rng.normal(size=rows), "day": pd.date_range("2013-01-01", periods=rows)})
        frame["carrier"] = pd.Categorical(["AA", "UA", "DL"] * (rows // 3))
        split = Split(rows // 2)
        history = ["prepared"]
        key = lambda column: column.upper()
        """,
    ),
    (
        "step:train",
        """
        from sklearn.linear_model import LogisticRegression
        flag(frame)
        X = np.column_stack([frame["delay"], rng.normal(size=rows)])
        model = LogisticRegression().fit(X[: split.cut], frame["late"][: split.cut])
        history.append("trained")
        """,
    ),
    (
        "step:report",
        """
        import json
        by_carrier = frame.groupby("carrier", observed=True)["delay"].mean()
        result = json.dumps({
            "accuracy": model.score(X[split.cut :], frame["late"][split.cut :]),
            "coefficients": model.coef_.tolist(),
            "carriers": {key(name): value for name, value in by_carrier.items()},
            "history": history, "noise": rng.normal(), "is_split": isinstance(split, Split),
            "columns": [str(dtype) for dtype in frame.dtypes], "last": frame["day"].iloc[-1].isoformat(),
        })
        print(result)
        """,
    ),
]


async def run(content: dict[str, Any], folder: Path) -> str:
    """Execute a notebook in a kernel of its own and return what its cells printed."""
    import nbformat
    from nbclient import NotebookClient

    made = nbformat.from_dict(content)
    client = NotebookClient(
        made, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    await client.async_execute()
    outputs = [output for item in made.cells if item.cell_type == "code" for output in item.outputs]
    return "".join(output.text for output in outputs if output.output_type == "stream")


@pytest.mark.slow
def test_steps_in_kernels_of_their_own_give_what_the_whole_notebook_gives(read, tmp_path):
    pipeline = read(*CELLS)
    whole = notebook(*[cell(source, *tags.split()) for tags, source in CELLS])
    for number, item in enumerate(whole["cells"]):
        item.update(id=f"c{number}", outputs=[], execution_count=None)
    whole["nbformat_minor"] = 5

    async def in_order() -> dict[str, str]:
        return {step.name: await run(step.content, tmp_path) for step in pipeline.steps}

    async def both() -> tuple[str, dict[str, str]]:
        return await asyncio.gather(run(whole, tmp_path), in_order())

    expected, printed = asyncio.run(both())
    assert printed["report"].splitlines()[-1] == expected.splitlines()[-1]
    assert json.loads(expected.splitlines()[-1])["is_split"] is True
    assert "split: saved by cloudpickle (__main__.Split)" in printed["prepare"]

from __future__ import annotations

import pytest

from nbship.config import load_settings
from nbship.model.preview import PreviewedCell, PreviewParameter
from nbship.service.preview import captured, preview_cell

SETUP = PreviewedCell("import pandas as pd\nimport numpy as np\nalpha = 0.1\nseed = 7")
DATA = PreviewedCell("table = pd.read_csv('data/prices.csv')\n\ndef split(frame):\n    return frame[:seed]")
TRAIN = PreviewedCell(
    "%%track ridge\nfrom sklearn.linear_model import Ridge\ntrain = split(table)\n"
    "model = Ridge(alpha=alpha).fit(train, target)\nrmse = float(np.sqrt(((model.predict(train) - target) ** 2).mean()))\nrmse"
)


def test_a_cell_is_foreseen_with_what_the_cells_above_give_it():
    seen = preview_cell(TRAIN, [SETUP, DATA])
    assert seen.tracked
    assert seen.problem == ""
    assert seen.parameters == (PreviewParameter("alpha", "0.1", 0), PreviewParameter("seed", "7", 0))
    assert seen.reads == ("table",)
    assert seen.unset == ("target",)
    assert seen.writes == ("model", "rmse", "train")
    assert seen.metrics == ("rmse",)
    assert (seen.model, seen.trained_on) == ("model", "train")
    assert seen.needed == (0, 1)


def test_files_that_are_written_out_are_told():
    assert preview_cell(DATA, [SETUP]).files == ("data/prices.csv",)


def test_constants_of_the_cell_itself_are_parameters_of_it():
    assert preview_cell(PreviewedCell("n = 3\nm = n * 2")).parameters == (PreviewParameter("n", "3", None),)


def test_every_constant_of_a_cell_tagged_as_parameters_counts():
    tagged = PreviewedCell("unused = 1", tags=("parameters",))
    assert [one.name for one in preview_cell(PreviewedCell("f()"), [tagged]).parameters] == ["unused"]


def test_secrets_are_counted_where_they_stand_and_never_told():
    above = PreviewedCell("api_key = 'c0ffee-1234-beef'")
    seen = preview_cell(
        PreviewedCell("%%track\npassword = 'hunter2hunter2'\nuse(api_key, password)"), [above]
    )
    assert seen.secret_lines == (2,)
    assert seen.secrets == 2
    assert {one.value for one in seen.parameters} == {"***"}
    assert "hunter2" not in repr(seen)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("", "it is empty"),
        ("# only a comment", "it is empty"),
        ("%%track a\nx = = 1", "it does not parse in line 2"),
        ("%%time\n\nfor\n", "it does not parse in line 3"),
        ("%%bash\nls -l", "it is %%bash"),
        ("\x00", "it does not parse"),
        ("(" * 5000, "it does not parse"),
    ],
)
def test_what_cannot_be_foreseen_is_said_plainly(source, problem):
    assert preview_cell(PreviewedCell(source), [SETUP]).problem.startswith(problem)


@pytest.mark.parametrize(
    "source", ["!ls\n%matplotlib inline\nx = 1\nx", "%%time\nx = 1", "await f()", "y?\n"]
)
def test_magics_are_no_obstacle(source):
    assert preview_cell(PreviewedCell(source)).problem == ""


def test_a_broken_cell_above_is_no_obstacle():
    assert preview_cell(
        PreviewedCell("b = a"), [PreviewedCell("a = ("), PreviewedCell("%%html\n<p>")]
    ).unset == ("a",)


@pytest.mark.parametrize(
    ("source", "metrics"),
    [
        ("auc = roc_auc_score(y, p)\nauc", ("auc",)),
        ("model.score(x, y)", ("score",)),
        ("table = pd.read_csv('a.csv')\ntable.head()", ()),
        ("df.round(2)", ()),
        ("parts = train_test_split(x, y)\na, b = train_test_split(x)", ()),
        ("scores = {'a': f(x), 'b': g(x)}", ("scores",)),
        ("better = a > b", ()),
        ("fig, ax = plt.subplots()", ()),
        ("names = [n for n in x]\ntext = f'{x}'\nlast = x[-1]", ()),
        ("%timeit f(x)", ()),
        ("round(loss, 3)", ("loss",)),
    ],
)
def test_metrics_are_guessed_from_the_look_of_what_makes_them(source, metrics):
    assert preview_cell(PreviewedCell(source)).metrics == metrics


def test_what_is_captured_follows_the_settings(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.nbship]\nprofiles = false\n")
    found = {one.setting: one for one in captured(load_settings(tmp_path)) if one.setting}
    assert (found["profiles"].on, found["profiles"].origin) == (False, "pyproject.toml [tool.nbship]")
    assert (found["models"].on, found["models"].origin) == (True, "default")
    assert found.keys() == {"fingerprints", "profiles", "files", "models", "environment", "git"}

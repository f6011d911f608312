from __future__ import annotations

import sys

import pytest

from nbship.pipeline.kernels.preload import NEVER_PRELOADED, modules_to_preload


def preload(*sources: str) -> tuple[str, ...]:
    return modules_to_preload(
        {"cells": [{"cell_type": "code", "source": source, "outputs": []} for source in sources]}
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import json, numpy as np, pandas", ("numpy", "pandas")),
        ("import os, json.decoder, xml.dom", ()),
        ("from sklearn.linear_model import LogisticRegression", ("sklearn.linear_model",)),
        ("from sklearn import svm, clone", ("sklearn", "sklearn.svm")),
        ("import matplotlib.pyplot as plt", ("matplotlib.pyplot",)),
        ("from numpy import *", ("numpy",)),
        ("if True:\n    import numpy", ()),
        ("try:\n    import numpy\nexcept ImportError:\n    pass", ()),
        ("def f():\n    import numpy", ()),
        ("from . import thing", ()),
        ("import not_installed_anywhere", ()),
        ("from __future__ import annotations", ()),
        ("x = 'import numpy'", ()),
        ("import numpy\nthis is no python", ()),
        ("", ()),
    ],
)
def test_imports_that_nothing_guards(source, expected):
    assert preload(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nimport numpy",
        "!pip list\nimport numpy",
        "import numpy\njson?",
        "%%time\nimport numpy",
        "%%track name -p a=1\n%load_ext nbship\nimport numpy",
        '%%capture out\nimport numpy\ntext = """\n%not a magic\n"""',
        "if True:\n    %time x = 1\nimport numpy",
    ],
)
def test_lines_for_the_shell_do_not_hide_imports(source):
    assert preload(source) == ("numpy",)


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%writefile x.py", "%%timeit", "%%script python"])
def test_cells_that_are_not_run_as_the_notebook_s_python_count_for_nothing(magic):
    assert preload(f"{magic}\nimport numpy") == ()


def test_all_cells_count_once_and_in_order():
    cells = [
        {"cell_type": "code", "source": ["import pandas\n", "import numpy"]},
        {"cell_type": "markdown", "source": "import ast"},
        {"cell_type": "code", "source": "import numpy"},
    ]
    assert modules_to_preload({"cells": cells}) == ("numpy", "pandas")


def test_modules_of_the_user_s_own_folders_are_never_preloaded(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert preload("import mine, numpy") == ("numpy",)


def test_packages_installed_anywhere_on_the_path_are(tmp_path, monkeypatch):
    folder = tmp_path / "site-packages"
    (folder / "installed_one").mkdir(parents=True)
    (folder / "installed_one" / "__init__.py").write_text(
        "raise RuntimeError('nothing is imported to find out')"
    )
    (folder / "installed_one" / "part.py").write_text("")
    monkeypatch.syspath_prepend(folder)
    assert preload("from installed_one import part, thing") == ("installed_one", "installed_one.part")
    assert "installed_one" not in sys.modules


@pytest.mark.parametrize("name", sorted(NEVER_PRELOADED))
def test_modules_that_must_not_be_forked_are_left_out_with_all_below_them(name):
    assert preload(f"import {name}, numpy", f"import {name}.part") == ("numpy",)


def test_what_is_above_such_a_module_is_not():
    assert preload("from sklearn.experimental import enable_halving_search_cv") == ()
    assert preload("import sklearn.ensemble, tqdm") == ("sklearn.ensemble", "tqdm")


def test_nothing_is_imported_to_find_out():
    before = set(sys.modules)
    preload("import sklearn.svm", "from scipy import optimize, stats")
    assert {"sklearn.svm", "scipy.optimize", "scipy.stats"}.isdisjoint(set(sys.modules) - before)

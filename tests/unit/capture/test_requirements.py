import importlib.util
import os
import pickle
import subprocess
import sys
from importlib import metadata

import cloudpickle
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from nbship.capture.requirements import distribution_of, model_requirements

X = np.random.default_rng(0).normal(size=(50, 3))
Y = (X[:, 0] > 0).astype(int)


def pins(*names):
    return {
        f"{metadata.metadata(name)['Name']}=={metadata.version(name).partition('+')[0]}" for name in names
    }


@pytest.mark.parametrize("kind", [LogisticRegression, RandomForestClassifier, HistGradientBoostingClassifier])
def test_a_scikit_learn_model_needs_its_numerical_base_and_what_loads_it(kind):
    model = kind().fit(X, Y)
    found = model_requirements(cloudpickle.dumps(model), model)
    assert set(found.pinned) == pins("cloudpickle", "joblib", "mlflow", "numpy", "scikit-learn", "scipy")
    assert list(found.pinned) == sorted(found.pinned, key=str.lower)
    assert found.unpinned == ()


def test_further_modules_are_pinned_on_request():
    assert pins("pandas") <= set(model_requirements(pickle.dumps(1), 1, ["pandas"]).pinned)


def test_a_pickle_is_read_from_a_file(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(pd.Series([1])))
    assert pins("numpy", "pandas") <= set(model_requirements(path, None).pinned)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("sklearn.tree._tree", "scikit-learn"),
        ("yaml", "PyYAML"),
        ("dateutil", "python-dateutil"),
        ("six", "six"),
        ("typing_extensions", "typing_extensions"),
        ("pandas._libs.lib", "pandas"),
        ("google.protobuf.message", "protobuf"),
        ("mlflow", "mlflow"),
    ],
)
def test_the_distribution_of_a_module_is_the_one_that_installed_its_file(module, name):
    pytest.importorskip(module)
    found = distribution_of(module)
    assert found is not None
    assert (found[0].lower(), found[1]) == (name.lower(), metadata.version(name))


@pytest.mark.parametrize("module", ["json", "sys", "nbship", "not_loaded_at_all", __name__])
def test_a_module_of_no_distribution_has_none(module):
    assert distribution_of(module) is None


def test_a_local_label_of_a_version_is_left_out():
    torch_version = metadata.version("torch") if importlib.util.find_spec("torch") else ""
    if "+" not in torch_version:
        pytest.skip("no torch with a local version label is installed")
    pytest.importorskip("torch")
    found = model_requirements(pickle.dumps(1), 1, ["torch"])
    assert f"torch=={torch_version.partition('+')[0]}" in found.pinned


def test_a_local_module_that_the_pickle_names_is_reported(tmp_path, monkeypatch):
    (tmp_path / "own_models.py").write_text("class Own: ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    own = importlib.import_module("own_models")
    found = model_requirements(pickle.dumps(own.Own()), own.Own())
    assert found.unpinned == ("own_models",)
    assert not any("own" in line for line in found.pinned)


def site(folder, version):
    (folder / "upgraded.py").write_text(f"__version__ = '{version}'\n")
    info = folder / f"upgraded-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: upgraded\nVersion: {version}\n")
    (info / "RECORD").write_text(f"upgraded.py,,\nupgraded-{version}.dist-info/METADATA,,\n")
    return info


def test_an_upgrade_after_the_import_does_not_change_the_version_that_is_named(tmp_path):
    site(tmp_path, "1.0")
    code = f"""
import sys, pathlib, shutil
sys.path.insert(0, {str(tmp_path)!r})
import upgraded
from nbship.capture.requirements import distribution_of
(pathlib.Path({str(tmp_path)!r}) / "upgraded-1.0.dist-info").rename({str(tmp_path / "upgraded-2.0.dist-info")!r})
info = pathlib.Path({str(tmp_path / "upgraded-2.0.dist-info")!r})
(info / "METADATA").write_text("Metadata-Version: 2.1\\nName: upgraded\\nVersion: 2.0\\n")
print(distribution_of("upgraded"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "('upgraded', '1.0')", done.stderr


def test_a_wrong_version_attribute_of_an_old_installation_is_not_believed(tmp_path, monkeypatch):
    info = site(tmp_path, "1.0")
    (tmp_path / "upgraded.py").write_text("__version__ = 'development'\n")
    os.utime(info, (1, 1))
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module("upgraded")
    try:
        assert distribution_of("upgraded") == ("upgraded", "1.0")
    finally:
        del sys.modules["upgraded"]


def test_what_is_no_pickle_is_refused():
    with pytest.raises(ValueError, match="not a pickle"):
        model_requirements(b"\x80\x05\x8c", None)


def test_finding_requirements_imports_nothing():
    code = """
import sys, pickle, numpy
from nbship.capture.requirements import model_requirements
before = set(sys.modules)
assert model_requirements(pickle.dumps(numpy.zeros(3)), 1).pinned
print(sorted(name for name in set(sys.modules) - before if name.partition(".")[0] in {"mlflow", "pandas", "sklearn"}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_versions_are_those_of_this_kernel():
    assert distribution_of("sklearn") == ("scikit-learn", sklearn.__version__)

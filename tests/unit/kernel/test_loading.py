from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux")

_LOAD = """
import json, sys
from nbship.kernel.loading import load
loaded = load(sys.argv[1:])
print(json.dumps([loaded.harmful, sorted(loaded.ahead), [name for name in sys.argv[1:] if name in sys.modules]]))
"""


def load(*modules: str) -> tuple[dict[str, str], list[str], list[str]]:
    """Return what is harmful, what is there before the notebook's folder, and which of the modules are imported."""
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, *modules], stdout=subprocess.PIPE, text=True, check=True
    )
    harmful, ahead, imported = json.loads(done.stdout)
    return harmful, ahead, imported


def test_a_module_that_minds_being_imported_early_is_named_with_the_reason(site_folder):
    harmful, _, _ = load(
        "asking_one", "logging_one", "quiet_one", "threaded_one", "warning_one", "writing_one"
    )
    assert harmful["asking_one"] == "asks for the shell when it is imported"
    assert harmful["writing_one"] == "writes when it is imported: hello from the import"
    assert "old" in harmful["warning_one"]
    assert harmful["threaded_one"].startswith("starts threads")
    assert {"logging_one", "quiet_one"}.isdisjoint(harmful)


def test_threads_that_end_before_a_fork_do_no_harm():
    harmful, _, imported = load("numpy", "pandas", "scipy.linalg")
    assert harmful == {}
    assert imported == ["numpy", "pandas", "scipy.linalg"]


def test_a_module_that_fails_is_left_to_the_notebook(site_folder):
    harmful, _, imported = load("failing_one", "leaving_one", "not_there", "quiet_one")
    assert harmful == {}
    assert imported == ["quiet_one"]


def test_a_name_that_is_an_attribute_is_not_imported_as_a_module(site_folder):
    package = site_folder / "both"
    package.mkdir()
    (package / "__init__.py").write_text("def thing(): return 1")
    (package / "thing.py").write_text("")
    (package / "other.py").write_text("")
    _, _, imported = load("both.other", "both.thing")
    assert imported == ["both.other"]


def test_what_comes_before_the_folder_of_the_notebook_leaves_out_what_every_kernel_has(site_folder):
    _, ahead, _ = load("quiet_one")
    assert "quiet_one" in ahead
    assert "nbship" not in ahead  # it is there already when `load` begins
    assert {"json", "zmq", "traitlets"}.isdisjoint(ahead)

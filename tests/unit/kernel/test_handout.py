from __future__ import annotations

import sys

from nbship.kernel.handout import EnvironmentChanges, arguments, shadowing


def test_changes_of_the_environment_are_done_to_another():
    changes = EnvironmentChanges(
        {"SAME": "1", "CHANGED": "1", "REMOVED": "1"}, {"SAME": "1", "CHANGED": "2", "NEW": "3"}
    )
    assert changes.applied({"OTHER": "0", "CHANGED": "1", "REMOVED": "1"}) == {
        "OTHER": "0",
        "CHANGED": "2",
        "NEW": "3",
    }


def test_arguments_are_those_of_the_launcher(tmp_path):
    import ipykernel_launcher

    found = arguments(tmp_path / "kernel.json", ["--extra"])
    assert found == [ipykernel_launcher.__file__, "-f", str(tmp_path / "kernel.json"), "--extra"]


def test_modules_and_packages_of_a_folder_shadow(tmp_path):
    (tmp_path / "joblib.py").touch()
    (tmp_path / "scipy").mkdir()
    (tmp_path / "scipy" / "__init__.py").touch()
    (tmp_path / "fast.cpython-311-x86_64-linux-gnu.so").touch()
    (tmp_path / "pandas").mkdir()  # a folder of data: an installed package comes before it
    (tmp_path / "mine.py").touch()
    names = frozenset({"joblib", "scipy", "pandas", "fast", "numpy"})
    assert shadowing(str(tmp_path), names) == ["fast", "joblib", "scipy"]


def test_settings_that_matplotlib_reads_from_the_folder_count_as_its_own(tmp_path):
    (tmp_path / "matplotlibrc").touch()
    assert shadowing(str(tmp_path), frozenset({"matplotlib", "numpy"})) == ["matplotlib"]
    assert shadowing(str(tmp_path), frozenset({"numpy"})) == []


def test_a_folder_that_cannot_be_read_shadows_nothing(tmp_path):
    assert shadowing(str(tmp_path / "gone"), frozenset(sys.stdlib_module_names)) == []

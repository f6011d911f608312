from __future__ import annotations

from nbship.model.comparison import FactDiff, PackageDiff
from nbship.provenance.environment_diff import diff_packages, diff_settings, equal_packages

OLD = {
    "python": {"version": "3.11.7", "implementation": "CPython"},
    "platform": {"system": "Linux", "machine": "x86_64", "release": "6.1", "usable_cpu_count": 2},
    "distributions": {"numpy": "2.1", "pandas": "2.2", "attrs": "1"},
    "loaded": {},
    "variables": {"JPY_PARENT_PID": "1", "OMP_NUM_THREADS": "2", "CUDA_TOKEN": "***"},
}


def changed(**parts):
    return {**OLD, **parts}


def test_equal_environments_do_not_differ():
    assert diff_packages(OLD, OLD) == diff_settings(OLD, OLD) == ()
    assert equal_packages(OLD, OLD) == 3


def test_packages_are_told_by_name_with_python_first():
    new = changed(python={"version": "3.12.1"}, distributions={"numpy": "2.2", "pandas": "2.2", "zlib": "1"})
    assert diff_packages(OLD, new) == (
        PackageDiff("Python", "3.11.7", "3.12.1"),
        PackageDiff("attrs", "1", None),
        PackageDiff("numpy", "2.1", "2.2"),
        PackageDiff("zlib", None, "1"),
    )
    assert equal_packages(OLD, new) == 1


def test_the_version_that_was_loaded_counts():
    assert diff_packages(OLD, changed(loaded={"numpy": "2.0"})) == (PackageDiff("numpy", "2.1", "2.0"),)


def test_settings_that_matter_are_told_and_those_of_the_kernel_are_not():
    new = changed(
        platform={"system": "Darwin", "machine": "arm64", "release": "9", "usable_cpu_count": 8},
        variables={"JPY_PARENT_PID": "2", "CUDA_TOKEN": "***", "PYTHONHASHSEED": "0"},
    )
    assert diff_settings(OLD, new) == (
        FactDiff("platform", "Linux x86_64", "Darwin arm64"),
        FactDiff("CPUs", "2", "8"),
        FactDiff("$OMP_NUM_THREADS", "2", None),
        FactDiff("$PYTHONHASHSEED", None, "0"),
    )


def test_another_interpreter_is_named():
    assert (
        diff_packages(OLD, changed(python={"version": "3.11.7", "implementation": "PyPy"}))[0].right
        == "3.11.7 (PyPy)"
    )


def test_an_environment_without_parts_is_compared_by_what_it_has():
    assert {package.name for package in diff_packages(OLD, {"distributions": 3})} == {
        "Python",
        "numpy",
        "pandas",
        "attrs",
    }

from __future__ import annotations

import pytest

from model_sources import write_wheel
from nbship.packaging.lock import LockRequest
from nbship.packaging.lock_parts import (
    direct_needs,
    keep_needed,
    missing_from,
    pins,
    requirements_text,
    split_heavy,
    without,
)

HERE = LockRequest(())


@pytest.fixture
def lock(tmp_path):
    return (
        write_wheel(tmp_path, "joblib"),
        write_wheel(tmp_path, "numpy"),
        write_wheel(tmp_path, "pandas", requires=["numpy", "dates", 'zones; sys_platform == "win32"']),
        write_wheel(tmp_path, "dates", requires=["six"]),
        write_wheel(tmp_path, "six"),
        write_wheel(tmp_path, "scikit-learn", requires=["numpy>=1", "Joblib", 'plots; extra == "docs"']),
        write_wheel(tmp_path, "plots"),
        write_wheel(tmp_path, "zones"),
    )


def names(wheels):
    return [wheel.name for wheel in wheels]


def test_what_roots_need_is_kept_in_the_order_of_the_lock(lock):
    assert names(keep_needed(lock, ["scikit-learn==1.0"], HERE)) == ["joblib", "numpy", "scikit-learn"]


def test_extras_are_needed_where_they_are_asked_for(lock):
    assert "plots" in names(keep_needed(lock, ["scikit-learn[docs]"], HERE))


def test_what_only_a_dropped_distribution_needed_goes_with_it(lock):
    left = without(lock, {"pandas"}, ["pandas", "scikit-learn"], HERE)
    assert names(left) == ["joblib", "numpy", "scikit-learn"]


def test_needs_of_another_platform_are_no_needs(lock):
    assert "zones" not in names(keep_needed(lock, ["pandas"], HERE))
    assert direct_needs(lock[2], "linux/arm64", "3.11") == ("dates", "numpy")


def test_what_is_missing_is_named_as_it_was_asked_for(lock):
    without_numpy = [wheel for wheel in lock if wheel.name != "numpy"]
    assert missing_from(without_numpy, ["scikit-learn"], HERE) == ("numpy>=1",)
    assert missing_from(lock, ["scikit-learn", "pandas"], HERE) == ()


def test_large_distributions_are_apart(lock):
    heavy, other = split_heavy(lock)
    assert names(heavy) == ["numpy", "pandas", "scikit-learn"]
    assert sorted(names(heavy) + names(other)) == sorted(names(lock))


def test_a_lock_is_written_with_its_hashes_in_one_order(lock):
    text = requirements_text(lock)
    assert text == requirements_text(reversed(lock))
    assert f"numpy==1.0 \\\n    --hash=sha256:{lock[1].sha256}\n" in text
    assert pins(lock[:2]) == ("joblib==1.0", "numpy==1.0")

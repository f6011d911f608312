from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nbship.errors import PackagingError
from nbship.packaging.oci.wheels import unpack_wheels


def unpacked(folder: Path, *wheels: Any) -> set[str]:
    unpack_wheels(wheels, folder)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_packages_metadata_and_licences_stay_what_serves_development_goes(
    tmp_path: Path, make_wheel: Any
) -> None:
    kept = {
        "pkg/__init__.py",
        "pkg/core.so",
        "pkg/core.pyi",
        "pkg/testing/__init__.py",
        "pkg-1.0.dist-info/METADATA",
        "pkg-1.0.dist-info/licenses/LICENSE",
        "pkg-1.0.dist-info/entry_points.txt",
    }
    dropped = {
        "pkg/core.pyx",
        "pkg/include/core.h",
        "pkg/libcore.a",
        "pkg/tests/__init__.py",
        "pkg/sub/tests/data/big.npz",
        "pkg/__pycache__/core.cpython-310.pyc",
        "pkg-1.0.dist-info/RECORD",
        "pkg-1.0.dist-info/direct_url.json",
        "pkg-1.0.data/scripts/pkg",
        "pkg-1.0.data/headers/pkg.h",
    }
    wheel = make_wheel("pkg", dict.fromkeys([*kept, *dropped], b""))
    assert unpacked(tmp_path / "site", wheel) == kept


def test_libraries_and_data_of_the_data_folder_go_where_the_packages_are(
    tmp_path: Path, make_wheel: Any
) -> None:
    names = [
        "pkg-1.0.data/purelib/pkg/a.py",
        "pkg-1.0.data/platlib/pkg/b.so",
        "pkg-1.0.data/data/share/c.txt",
    ]
    assert unpacked(tmp_path / "site", make_wheel("pkg", dict.fromkeys(names, b""))) == {
        "pkg/a.py",
        "pkg/b.so",
        "share/c.txt",
    }


@pytest.mark.parametrize(
    "line",
    [
        b"from .tests.runner import TestRunner",
        b"from . import tests",
        b"    from pkg.tests import (runner,",
        b"import os, pkg.tests.runner",
    ],
)
def test_tests_that_a_package_itself_imports_stay_and_others_go(
    tmp_path: Path, make_wheel: Any, line: bytes
) -> None:
    files = {"pkg/__init__.py": line, "pkg/tests/runner.py": b"", "pkg/sub/tests/test_sub.py": b""}
    assert unpacked(tmp_path / "site", make_wheel("pkg", files)) == {"pkg/__init__.py", "pkg/tests/runner.py"}


def test_tests_that_are_only_spoken_of_go(tmp_path: Path, make_wheel: Any) -> None:
    files = {
        "pkg/__init__.py": b'"""See the tests.\n\nimport nothing\n"""\ntests = 1',
        "pkg/tests/test_a.py": b"",
    }
    assert unpacked(tmp_path / "site", make_wheel("pkg", files)) == {"pkg/__init__.py"}


def test_programs_of_packages_stay_programs(tmp_path: Path, make_wheel: Any) -> None:
    wheel = make_wheel("pkg", {"pkg/bin/run": b"", "pkg/a.py": b""}, modes={"pkg/bin/run": 0o755})
    unpack_wheels([wheel], tmp_path / "site")
    assert (tmp_path / "site/pkg/bin/run").stat().st_mode & 0o777 == 0o555
    assert (tmp_path / "site/pkg/a.py").stat().st_mode & 0o777 == 0o444


def test_of_two_wheels_with_one_file_the_first_by_name_wins_in_any_order(
    tmp_path: Path, make_wheel: Any
) -> None:
    wheels = [make_wheel(name, {"shared/__init__.py": name.encode()}) for name in ("beta", "alpha")]
    for number, order in enumerate((wheels, wheels[::-1])):
        unpack_wheels(order, tmp_path / str(number))
        assert (tmp_path / str(number) / "shared/__init__.py").read_bytes() == b"alpha"


@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "pkg/../../evil.py", "pkg\\..\\evil.py"])
def test_a_file_that_would_land_elsewhere_is_refused(tmp_path: Path, make_wheel: Any, name: str) -> None:
    with pytest.raises(PackagingError, match="land outside"):
        unpack_wheels([make_wheel("pkg", {name: b""})], tmp_path / "site")
    assert not (tmp_path / "evil.py").exists()


def test_a_wheel_that_is_not_the_locked_one_is_refused(tmp_path: Path, make_wheel: Any) -> None:
    wheel = replace(make_wheel("pkg", {"pkg.py": b""}), sha256="0" * 64)
    with pytest.raises(PackagingError, match="not the wheel that was locked"):
        unpack_wheels([wheel], tmp_path / "site")


def test_a_wheel_that_is_gone_or_damaged_says_to_package_again(tmp_path: Path, make_wheel: Any) -> None:
    wheel = make_wheel("pkg", {"pkg.py": b"x" * 100})
    damaged = tmp_path / "damaged.whl"
    damaged.write_bytes(b"PK damaged")
    import hashlib

    digest = hashlib.sha256(damaged.read_bytes()).hexdigest()
    with pytest.raises(PackagingError, match="is damaged"):
        unpack_wheels([replace(wheel, path=damaged, sha256=digest)], tmp_path / "site")
    with pytest.raises(PackagingError, match=r"cannot read the wheel .* No such file"):
        unpack_wheels([replace(wheel, path=tmp_path / "gone.whl")], tmp_path / "site")

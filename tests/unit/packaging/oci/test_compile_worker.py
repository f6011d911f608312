from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from nbship.packaging.oci import compile_worker
from nbship.packaging.oci.compile_worker import compile_source


def test_python_takes_the_file_as_checked_bytecode(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("VALUE = 1\n")
    compile_source(str(tmp_path), "m.py")
    target = Path(importlib.util.cache_from_source(str(tmp_path / "m.py")))
    assert target.read_bytes()[4:8] == b"\3\0\0\0"
    show = "import m; print(m.VALUE, m.__cached__, m.f.__code__.co_filename if hasattr(m, 'f') else '')"
    command = [sys.executable, "-B", "-v", "-c", show]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"# {target} matches {tmp_path / 'm.py'}" in done.stderr
    (tmp_path / "m.py").write_text("VALUE = 2\n")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("2 ")


def test_a_source_that_does_not_compile_is_left(tmp_path: Path) -> None:
    for name, content in {
        "old.py": b"print 1",
        "null.py": b"a\0b",
        "coded.py": b"# coding: nonsense\n",
    }.items():
        (tmp_path / name).write_bytes(content)
        compile_source(str(tmp_path), name)
    assert not (tmp_path / "__pycache__").exists()


def test_it_runs_as_a_script_with_nothing_but_the_standard_library(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("VALUE = 1\n")
    command = [sys.executable, "-S", "-I", str(compile_worker.__file__), str(tmp_path)]
    subprocess.run(command, input=b"m.py\n", check=True)
    assert list(tmp_path.glob("__pycache__/m.*.pyc"))

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nbship.errors import PackagingError
from nbship.packaging.oci.bytecode import Compiler, _shares, compile_folder, find_compiler, has_bytecode

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def no_memory():
    find_compiler.cache_clear()
    yield
    find_compiler.cache_clear()


def bytecode_of(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.pyc")}


def sources(root: Path, count: int) -> Path:
    for number in range(count):
        path = root / f"opt/pkg/m{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"shared_name = {number}\ndef f{number % 7}(argument): return shared_name, argument\n"
        )
    return root


def test_this_python_compiles_for_itself() -> None:
    found = find_compiler(MINOR)
    assert found is not None
    assert found.program == sys.executable
    assert has_bytecode(MINOR)


@pytest.mark.usefixtures("no_memory")
def test_another_python_is_looked_for_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_compiler("3.99") is None
    program = tmp_path / "python3.98"
    program.write_text("#!/bin/sh\necho CPython 3.98.1\n")
    program.chmod(0o755)
    shim = tmp_path / "python3.97"
    shim.write_text("#!/bin/sh\necho no such version >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert find_compiler("3.98") == Compiler(str(program), "3.98.1")
    assert not has_bytecode("3.97")


def test_one_process_or_three_the_bytes_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = find_compiler(MINOR)
    assert compiler is not None
    found = []
    for cores in (1, 3):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        monkeypatch.setenv("PYTHONHASHSEED", str(cores))
        root = sources(tmp_path / str(cores), 160)
        compile_folder(root, compiler)
        found.append(bytecode_of(root))
    assert found[0] == found[1]
    assert len(found[0]) == 160
    assert b"/opt/pkg/m5.py" in next(data for name, data in found[0].items() if "/m5." in name)
    assert not any(str(tmp_path).encode() in data for data in found[0].values())


def test_shares_follow_from_the_sources_alone() -> None:
    sources = [("a.py", 10), ("b.py", 1 << 20), ("c.py", 5), ("d.py", 2 << 20), ("e.py", 1)]
    assert list(_shares(sources)) == [["a.py", "b.py"], ["c.py", "d.py"], ["e.py"]]
    assert list(_shares([])) == []


def test_a_compiler_that_fails_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match="could not compile bytecode"):
        compile_folder(sources(tmp_path, 1), Compiler("/bin/false", "3.11.0"))

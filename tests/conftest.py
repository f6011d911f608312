"""What every test stands on: an environment of its own, and real components or an honest skip."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRE_VARIABLE = "NBSHIP_REQUIRE"

COMPONENTS: dict[str, tuple[str, ...]] = {
    "browser": ("chromium",),
    "docker": ("containerd", "dockerd", "runc"),
    "git": ("git",),
    "node": ("node",),
    "oci": ("runc", "skopeo", "umoci"),
    "postgres": ("initdb", "pg_ctl", "postgres"),
    "registry": ("docker-registry",),
}
"""The programs of each component."""

# Debian keeps the server programs of PostgreSQL off the PATH, and those of Docker off that of plain users.
_ELSEWHERE = ("/usr/lib/postgresql/*/bin", "/usr/sbin")

_OWNED = ("JPY_", "MLFLOW_", "_MLFLOW_", "NBSHIP_")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a misspelt component: it would turn into a skip that nobody notices."""
    unknown = sorted(_required() - COMPONENTS.keys())
    if unknown:
        known = ", ".join(sorted(COMPONENTS))
        raise pytest.UsageError(
            f"{REQUIRE_VARIABLE} names {', '.join(unknown)}; known components are {known}"
        )


@pytest.fixture(scope="session")
def require() -> Callable[[str], dict[str, Path]]:
    """Return a function that takes a component and returns its programs: ``require("postgres")["initdb"]``.

    Where a program is missing, the test skips with the reason, or fails if ``NBSHIP_REQUIRE`` (names separated by
    commas) lists the component.
    """
    return _require


@pytest.fixture(scope="session")
def give_up() -> Callable[[str, str], NoReturn]:
    """Return a function that skips for a component which has its programs and still cannot run: ``give_up(name, why)``.

    It fails instead, as ``require`` does, if ``NBSHIP_REQUIRE`` lists the component.
    """
    return _give_up


@pytest.fixture(scope="session", autouse=True)
def _clean_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's settings out of the tests, and the tests out of the user's home."""
    home = tmp_path_factory.mktemp("home")
    kernels = tempfile.mkdtemp(prefix="nk")  # not a folder of pytest: paths of sockets are short
    with pytest.MonkeyPatch.context() as patch:
        for name in _owned_variables():
            patch.delenv(name)
        for name, value in _own_environment(home).items():
            patch.setenv(name, value)
        patch.setenv("NBSHIP_KERNEL_FOLDER", kernels)
        yield
    shutil.rmtree(kernels, ignore_errors=True)


@pytest.fixture(autouse=True)
def _restored_variables() -> Iterator[None]:
    """Undo what a test leaves behind: ``mlflow.set_tracking_uri`` writes the environment."""
    before = {name: os.environ[name] for name in _owned_variables()}
    yield
    for name in _owned_variables():
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs a command and gives exit code, output and error output."""

    def run(*arguments: str) -> tuple[int, str, str]:
        from nbship.cli import main

        try:
            code = main(arguments)
        except SystemExit as left:
            code = left.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def _require(component: str) -> dict[str, Path]:
    found = {program: _find(program) for program in COMPONENTS[component]}
    missing = [program for program, path in found.items() if path is None]
    if missing:
        _give_up(component, f"{component} is not on this machine: no {', '.join(missing)}")
    return {program: path for program, path in found.items() if path is not None}


def _give_up(component: str, reason: str) -> NoReturn:
    if component in _required():
        pytest.fail(f"{reason}, and {REQUIRE_VARIABLE} wants it")
    pytest.skip(reason)


def _find(program: str) -> Path | None:
    elsewhere = (str(folder) for pattern in _ELSEWHERE for folder in sorted(Path("/").glob(pattern[1:])))
    # Beside this Python: pip can bring Node, and an environment need not be activated.
    places = [str(Path(sys.executable).parent), os.environ.get("PATH", ""), *elsewhere]
    found = shutil.which(program, path=os.pathsep.join(places))
    return Path(found) if found else None


def _required() -> set[str]:
    return {name.strip() for name in os.environ.get(REQUIRE_VARIABLE, "").split(",")} - {""}


def _owned_variables() -> list[str]:
    return [name for name in os.environ if name.startswith(_OWNED) and name != REQUIRE_VARIABLE]


def _own_environment(home: Path) -> dict[str, str]:
    return {
        "GIT_AUTHOR_EMAIL": "author@example.org",
        "GIT_AUTHOR_NAME": "Author",
        "GIT_COMMITTER_EMAIL": "author@example.org",
        "GIT_COMMITTER_NAME": "Author",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter" / "config"),
        "JUPYTER_DATA_DIR": str(home / "jupyter" / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "jupyter" / "runtime"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        # A recorder or kernel server that a test has started does not outlive it for long.
        "NBSHIP_KERNEL_IDLE_SECONDS": "20",
        "NBSHIP_RECORDER_IDLE_SECONDS": "10",
        # Threads of scikit-learn that spin while they wait make a busy machine ten times slower.
        "OMP_WAIT_POLICY": "passive",
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
    }

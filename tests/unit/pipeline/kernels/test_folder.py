from __future__ import annotations

import os
import subprocess
import sys

import pytest

from nbship.pipeline.kernels.folder import (
    FOLDER_VARIABLE,
    KernelUnavailableError,
    plain_address,
    runtime_folder,
)
from warm_kernels import private_servers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux")


def test_it_is_private_to_the_user(monkeypatch):
    with private_servers() as folder:
        monkeypatch.setenv(FOLDER_VARIABLE, str(folder / "new"))
        assert runtime_folder().stat().st_mode & 0o777 == 0o700
        (folder / "new").rmdir()


def test_it_is_in_the_folder_of_the_session_where_there_is_one(monkeypatch):
    with private_servers() as folder:
        monkeypatch.delenv(FOLDER_VARIABLE)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
        assert runtime_folder() == folder / "nbship"
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder / "gone"))
        assert runtime_folder().name == f"nbship-{os.getuid()}"


def test_a_folder_that_others_may_enter_is_refused():
    with private_servers() as folder:
        folder.chmod(0o755)
        with pytest.raises(KernelUnavailableError, match="not a private folder"):
            runtime_folder()


def test_a_link_is_refused():
    with private_servers() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        (folder / "real").mkdir(mode=0o700)
        (folder / "link").symlink_to(folder / "real")
        monkeypatch.setenv(FOLDER_VARIABLE, str(folder / "link"))
        with pytest.raises(KernelUnavailableError, match="not a private folder"):
            runtime_folder()


def test_a_path_too_long_for_sockets_is_refused(monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, "/tmp/" + "x" * 70)
    with pytest.raises(KernelUnavailableError, match="too long"):
        runtime_folder()


def test_addresses_of_plain_kernels_differ_and_those_of_dead_processes_are_removed():
    with private_servers() as folder:
        done = subprocess.run(
            [sys.executable, "-c", "import os; print(os.getpid())"], stdout=subprocess.PIPE, check=True
        )
        left = folder / f"plain-{int(done.stdout)}-0-1"
        left.touch()
        own = folder / f"plain-{os.getpid()}-0-1"
        own.touch()
        assert plain_address() != plain_address()
        assert [path.name for path in folder.glob("plain-*")] == [own.name]

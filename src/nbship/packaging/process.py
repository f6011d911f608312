"""The files of an image as a plain process, for machines without an engine and for the smoke test.

Public: ``start_process(root, bundle_folder, environment, port) -> RunningProcess``.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil

from nbship.errors import PackagingError
from nbship.model.bundle import BUNDLE_FILE
from nbship.packaging.local_python import interpreter_path, make_environment
from nbship.packaging.ports import LOOPBACK, answers_ready, choose_port

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["STOP_SECONDS", "RunningProcess", "start_process"]

STOP_SECONDS = 35.0
"""How long a server may take to answer what it was asked already."""

LOG = "server.log"

_SITE = "opt/nbship/site"
_RUNTIME = "opt/nbship/runtime"
_POLL_SECONDS = 0.02
_KILL_SECONDS = 5.0
_GLANCES = 5

_INHERITED = frozenset({"HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ"})
_INHERITED_KINDS = ("LC_", "MKL_", "OMP_", "OPENBLAS_")
"""What a server may see of the caller's environment: nothing that may hold a secret."""

_GONE = (psutil.Error, ProcessLookupError, FileNotFoundError)

# The children of this process. Somebody has to take notice of their end, or they stay as zombies.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(slots=True)
class RunningProcess:
    """A server as a process of this machine; it lives on when the Python that started it ends.

    Attributes
    ----------
    folder
        Its private folder, with virtual environment and log.
    temporary
        Whether `stop` removes the folder.
    """

    folder: Path
    port: int
    pid: int
    temporary: bool = False
    started: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.port}"

    def is_alive(self) -> bool:
        """Say whether the process lives; a zombie does not, nor another process that got the same id."""
        return self._process() is not None

    def stderr_tail(self, limit: int = 4000) -> str:
        """Return the last characters that the server wrote to its error output, beginning with a whole line."""
        try:
            with (self.folder / LOG).open("rb") as file:
                file.seek(max(file.seek(0, os.SEEK_END) - limit, 0))
                text = file.read().decode(errors="replace")
                cut = file.tell() > limit
        except OSError:
            return ""
        return (text.partition("\n")[2] or text if cut else text).strip()

    def wait_ready(self, timeout_seconds: float = 60.0) -> float:
        """Wait until the server is ready, and return the seconds from its start.

        Raises
        ------
        PackagingError
            When it ends, or is not ready in time; the message has what it wrote.
        """
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if answers_ready(self.port) and self._listens():
                return time.monotonic() - self.started
            if not self.is_alive():
                raise PackagingError(f"the server ended before it was ready{self._code()}{self._words()}")
            time.sleep(_POLL_SECONDS)
        raise PackagingError(f"the server was not ready after {timeout_seconds:g} s{self._words()}")

    def stop(self, timeout_seconds: float = STOP_SECONDS) -> bool:
        """Ask the server to end, wait for it, and say whether it ended by itself; else it was killed.

        One that has ended already is no error.
        """
        process = self._process()
        if process is not None:
            with suppress(*_GONE):
                process.terminate()
        by_itself = self._ended_within(timeout_seconds)
        if not by_itself:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)  # it leads a session of its own
            self._ended_within(_KILL_SECONDS)
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)
        return by_itself

    def _ended_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_alive():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _process(self) -> psutil.Process | None:
        """Return the process, if it lives: it has the id, and was started with the interpreter in the folder."""
        child = _children.get(self.pid)
        if child is not None and child.poll() is not None:
            return None
        with suppress(*_GONE):
            process = psutil.Process(self.pid)
            # The id of a child that was not waited for is nobody else's.
            if child is not None or _command(process)[:1] == [str(interpreter_path(self.folder))]:
                return process
        return None

    def _listens(self) -> bool:
        """Say whether it is this server that answers, and not another that was quicker to take the port."""
        process = self._process()
        if process is None:
            return False
        with suppress(*_GONE):
            return any(
                connection.laddr.port == self.port and connection.status == "LISTEN"
                for connection in process.net_connections("tcp")
            )
        return False

    def _code(self) -> str:
        child = _children.get(self.pid)
        if child is None:
            return ""
        with suppress(
            subprocess.TimeoutExpired
        ):  # a process has no command line a moment before it has an exit code
            child.wait(timeout=1)
        return "" if child.returncode is None else f" (exit code {child.returncode})"

    def _words(self) -> str:
        text = self.stderr_tail()
        return f"; it wrote:\n{text}" if text else "; it wrote nothing"


def start_process(
    root: Path,
    bundle_folder: Path,
    environment: Mapping[str, str],
    port: int | None = None,
    *,
    folder: Path | None = None,
) -> RunningProcess:
    """Start the server of an image as a process of its own session, and return at once.

    Parameters
    ----------
    root
        Holds ``opt/nbship/site`` and ``opt/nbship/runtime`` of the image. It must stay as long as the process.
    bundle_folder
        The bundle, which may be in `root` too.
    environment
        Variables ``NBSHIP_SERVE_…``; what is missing is set to fit a process that only this machine can reach.
    port
        None takes a free one.
    folder
        A private folder for environment and log; None makes a temporary one, which `RunningProcess.stop` removes.

    Raises
    ------
    PackagingError
        When the port is in use, files are missing, this machine has no Python of that version, or the disk is full.
    """
    manifest = _read_manifest(bundle_folder)
    missing = [place for place in (_SITE, _RUNTIME) if not (root / place).is_dir()]
    if missing:
        raise PackagingError(
            f"{root} has no {' and no '.join(missing)}: it is not the root of an image of nbship"
        )
    chosen = choose_port(port)
    place = folder or Path(tempfile.mkdtemp(prefix="nbship-serve-"))
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        interpreter = make_environment(place.resolve(), str(json.loads(manifest).get("python", "")))
        variables = _variables(root, bundle_folder, manifest, place, chosen) | dict(environment)
        pid = _launch(interpreter, place, {**_inherited(), **variables, "NBSHIP_SERVE_PORT": str(chosen)})
    except (OSError, PackagingError) as error:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)
        if isinstance(error, PackagingError):
            raise
        raise PackagingError(f"the server cannot be started: {error}") from error
    return RunningProcess(place.resolve(), chosen, pid, temporary=folder is None)


def _read_manifest(bundle_folder: Path) -> bytes:
    try:
        data = (bundle_folder / BUNDLE_FILE).read_bytes()
        json.loads(data)
    except (OSError, ValueError) as error:
        raise PackagingError(f"{bundle_folder} is no bundle: {error}. Package the run again.") from error
    return data


def _variables(root: Path, bundle_folder: Path, manifest: bytes, place: Path, port: int) -> dict[str, str]:
    """Return what the configuration of the image would set, for a process."""
    paths = (root.resolve() / _RUNTIME, root.resolve() / _SITE)
    return {
        "NBSHIP_SERVE_BUNDLE": str(bundle_folder.resolve()),
        "NBSHIP_SERVE_BUNDLE_SHA256": hashlib.sha256(manifest).hexdigest(),
        "NBSHIP_SERVE_HOST": LOOPBACK,
        "NBSHIP_SERVE_LOG_DIR": str(place.resolve() / "predictions"),
        "NBSHIP_SERVE_PORT": str(port),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONUNBUFFERED": "1",
    }


def _inherited() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name in _INHERITED or name.startswith(_INHERITED_KINDS)
    }


def _launch(interpreter: Path, place: Path, environment: dict[str, str]) -> int:
    descriptor = os.open(place / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as log:
        child = subprocess.Popen(
            [str(interpreter), "-m", "nbship.serving"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=place,
            env=environment,
            start_new_session=True,  # neither the end of a kernel nor the signals meant for it reach the server
        )
    _children[child.pid] = child
    return child.pid


def _command(process: psutil.Process) -> list[str]:
    """Return the command line; Linux shows none for a moment while a program takes a process over, or leaves it."""
    for _ in range(_GLANCES):
        command: list[str] = process.cmdline()
        if command:
            return command
        time.sleep(_POLL_SECONDS)
    return []


@atexit.register
def _let_go() -> None:
    """Tell `subprocess` that servers outlive this process on purpose, or it warns of each."""
    for child in _children.values():
        child.returncode = child.poll() or 0

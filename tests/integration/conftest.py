"""Real stores and real processes for the tests of the recording."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

KERNEL = Path(__file__).with_name("spool_kernel.py")


def wait_until(condition: Callable[[], object], seconds: float = 60.0, what: str = "the condition") -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not come true within {seconds} s")
        time.sleep(0.02)


@pytest.fixture(scope="session")
def eventually() -> Callable[..., None]:
    """Return a function that waits until a condition is true, and fails the test when it stays false."""
    return wait_until


@pytest.fixture(scope="session")
def mlflow_template(tmp_path_factory) -> Path:
    """Return a SQLite database with MLflow's tables and no runs; making one takes seconds, copying none."""
    from nbship.store.connection import connect

    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


@pytest.fixture
def tracking_uri(mlflow_template, tmp_path) -> str:
    """Return the URI of an empty local store of the test's own."""
    shutil.copy(mlflow_template, tmp_path / "mlflow.db")
    return f"sqlite:///{tmp_path / 'mlflow.db'}"


@dataclass
class Spool:
    """A spool with its processes: kernels that write, and the recorder; all end with the test."""

    path: Path
    tracking_uri: str
    processes: list[subprocess.Popen] = field(default_factory=list)

    def kernel(self, mode: str, session: str, **options: str) -> subprocess.Popen:
        """Start a process that records a run as a kernel would; see spool_kernel.py for the modes."""
        environment = {**os.environ, **{f"KERNEL_{key.upper()}": value for key, value in options.items()}}
        uri = options.get("uri", self.tracking_uri)
        command = [sys.executable, str(KERNEL), str(self.path), uri, session, mode]
        return self._start(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def recorder(self, *options: str, **environment: str) -> subprocess.Popen:
        self.path.mkdir(exist_ok=True)
        command = [sys.executable, "-P", "-m", "nbship.recording.recorder", str(self.path), *options]
        log = (self.path / "recorder.log").open("ab")
        with log:
            return self._start(
                command, env={**os.environ, **environment}, stdout=log, stderr=log, cwd=self.path
            )

    def log(self) -> str:
        return (self.path / "recorder.log").read_text()

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
        self._stop_launched()

    def _start(self, command: list[str], **options) -> subprocess.Popen:
        process = subprocess.Popen(command, **options)
        self.processes.append(process)
        return process

    def _stop_launched(self) -> None:
        """End the recorder that the code under test may have started by itself."""
        from nbship.recording.status import spool_status

        pid = spool_status(self.path).recorder_pid
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: spool_status(self.path).recorder_pid is None, 30, "the recorder's end")


@pytest.fixture
def spool(tmp_path, tracking_uri) -> Iterator[Spool]:
    started = Spool(tmp_path / "spool", tracking_uri)
    yield started
    started.stop()


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Postgres:
    """A PostgreSQL server on a loopback port, in a temporary folder, under a user that is not root."""

    programs: dict[str, Path]
    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def uri(self) -> str:
        # The driver is named: what SQLAlchemy takes by default depends on its version.
        return f"postgresql+psycopg2://nbship@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        if os.geteuid() == 0:
            user = pwd.getpwnam(_unprivileged())
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._run(
            "initdb",
            "-D",
            self._data,
            "-U",
            "nbship",
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        )
        options = f"-p {self.port} -h 127.0.0.1 -k '' -c fsync=off"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs[program]), *arguments]
        who = {"user": _unprivileged(), "group": pwd.getpwnam(_unprivileged()).pw_gid, "extra_groups": []}
        extra = who if os.geteuid() == 0 else {}
        # Not captured through pipes: the server inherits them and would keep them open.
        output = self.folder.parent / f"{program}.log"
        with output.open("ab") as log:
            done = subprocess.run(
                command, check=False, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", **extra
            )
        assert done.returncode == 0, output.read_text()


def _unprivileged() -> str:
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgres(require, tmp_path_factory) -> Iterator[Postgres]:
    """Return a running PostgreSQL server."""
    programs = require("postgres")
    # Not in pytest's own folder: that is closed to other users, and PostgreSQL does not run as root.
    with tempfile.TemporaryDirectory(prefix="nbship-postgres-") as base:
        Path(base).chmod(0o711)
        folder = Path(base) / "server"
        folder.mkdir()
        server = Postgres(programs, folder)
        server.create()
        yield server
        server.stop()


@dataclass
class MlflowServer:
    """A real `mlflow server`; `stop` and `start` make an outage."""

    backend: str
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "mlflow",
            "server",
            "--backend-store-uri",
            self.backend,
            "--workers",
            "1",
        ]
        command += [
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--artifacts-destination",
            str(self.folder),
        ]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )
        wait_until(self.answers, 120, "the mlflow server's first answer")

    def stop(self) -> None:
        if self.process is not None:
            # The server starts workers of its own; the whole session of ours goes.
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
            wait_until(lambda: not self.answers(), 30, "the mlflow server's end")

    def answers(self) -> bool:
        assert self.process is None or self.process.poll() is None, (self.folder / "server.log").read_text()
        try:
            with urllib.request.urlopen(f"{self.uri}/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


@pytest.fixture(scope="session")
def team_server(postgres, tmp_path_factory) -> Iterator[MlflowServer]:
    """Return a running `mlflow server` on PostgreSQL: the setting of a team."""
    server = MlflowServer(postgres.uri, tmp_path_factory.mktemp("mlflow-server"))
    server.start()
    yield server
    server.stop()

from __future__ import annotations

import hashlib
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from nbship.errors import PackagingError
from nbship.packaging.process import RunningProcess, start_process
from stand_in_server import get, make_root

STARTED_ELSEWHERE = """
from pathlib import Path
from nbship.packaging.process import start_process
root = Path({root!r})
running = start_process(root, root / "opt/nbship/model", {{}}, folder=Path({folder!r}))
running.wait_ready()
print(running.port, running.pid, flush=True)
"""


@pytest.fixture
def root(tmp_path) -> Path:
    return make_root(tmp_path / "root")


def start(root: Path, mode: str = "", **options) -> RunningProcess:
    environment = {"NBSHIP_SERVE_TEST": mode, **options.pop("environment", {})}
    return start_process(root, root / "opt/nbship/model", environment, **options)


def await_path(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.01)


def test_the_server_is_ready_and_answers(root):
    with start(root) as running:
        seconds = running.wait_ready()
        seen = get(running.url)
    assert 0 < seconds < 60
    assert seen["environment"]["NBSHIP_SERVE_HOST"] == "127.0.0.1"
    assert seen["environment"]["NBSHIP_SERVE_BUNDLE"] == str(root / "opt/nbship/model")


def test_the_bundle_is_pinned_by_its_digest(root):
    with start(root) as running:
        running.wait_ready()
        told = get(running.url)["environment"]["NBSHIP_SERVE_BUNDLE_SHA256"]
    assert told == hashlib.sha256((root / "opt/nbship/model/bundle.json").read_bytes()).hexdigest()


def test_what_the_caller_sets_wins(root):
    with start(root, environment={"NBSHIP_SERVE_BUNDLE_SHA256": "0" * 64}) as running:
        running.wait_ready()
        assert get(running.url)["environment"]["NBSHIP_SERVE_BUNDLE_SHA256"] == "0" * 64


def test_neither_secrets_nor_packages_of_the_user_reach_the_server(root, monkeypatch):
    for name in (
        "AWS_SECRET_ACCESS_KEY",
        "HOMEBREW_GITHUB_API_TOKEN",
        "MLFLOW_TRACKING_PASSWORD",
        "PYTHONPATH",
    ):
        monkeypatch.setenv(name, "/secret")
    with start(root) as running:
        running.wait_ready()
        seen = get(running.url)
        prefix = running.folder / "venv"
    assert "/secret" not in str(seen)
    assert seen["prefix"] == str(prefix)
    assert [str(root / "opt/nbship/runtime"), str(root / "opt/nbship/site")] == seen["path"][1:3]
    assert not [entry for entry in seen["path"] if "-packages" in entry and not entry.startswith(str(prefix))]


def test_what_it_keeps_is_private(root):
    with start(root) as running:
        running.wait_ready()
        assert stat.S_IMODE(running.folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((running.folder / "server.log").stat().st_mode) == 0o600


def test_a_temporary_folder_goes_with_the_server(root):
    with start(root) as running:
        running.wait_ready()
        assert running.folder.is_dir()
    assert not running.folder.exists()
    assert not running.is_alive()


def test_a_port_in_use_is_told_with_its_user(root):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PackagingError, match=rf"port {port} is in use by .*process {os.getpid()}"):
            start(root, port=port)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_does_not_exist_is_refused(root, port):
    with pytest.raises(PackagingError, match=f"no port {port}"):
        start(root, port=port)


def test_a_server_that_ends_tells_why(root):
    with start(root, "fail") as running, pytest.raises(PackagingError) as told:
        running.wait_ready()
    assert "exit code 3" in str(told.value)
    assert "the model is not what its bundle says" in str(told.value)


def test_a_server_that_never_gets_ready_is_not_waited_for_for_ever(root):
    with start(root, "never") as running:
        with pytest.raises(PackagingError, match=r"not ready after 1\.5 s; it wrote:\nserving"):
            running.wait_ready(timeout_seconds=1.5)
        assert running.is_alive()


def test_another_server_on_the_port_is_not_taken_for_this_one(root, tmp_path):
    with (
        start(root, "late", folder=tmp_path / "service") as running,
        HTTPServer(("127.0.0.1", running.port), _AlwaysReady) as other,
        ThreadPoolExecutor(2) as pool,
    ):
        pool.submit(other.serve_forever, 0.01)
        ready = pool.submit(running.wait_ready, 30)
        await_path(running.folder / "predictions")
        (running.folder / "predictions" / "go").touch()
        with pytest.raises(PackagingError, match="Address already in use"):
            ready.result()
        other.shutdown()


class _AlwaysReady(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def test_stopping_lets_a_request_finish(root):
    with start(root) as running, ThreadPoolExecutor(2) as pool:
        running.wait_ready()
        logs = running.folder / "predictions"
        answer = pool.submit(get, f"{running.url}/hold")
        await_path(logs / "held")
        stopped = pool.submit(running.stop, 30)
        (logs / "release").touch()
        assert answer.result()["prefix"]
        assert stopped.result() is True


def test_a_server_that_does_not_listen_to_reason_is_killed(root):
    running = start(root, "deaf")
    running.wait_ready()
    assert running.stop(timeout_seconds=0.3) is False
    assert not running.is_alive()


def test_stopping_what_has_ended_is_no_error(root):
    running = start(root)
    running.wait_ready()
    assert running.stop() is True
    assert running.stop() is True


def test_a_stranger_with_the_same_process_id_is_left_alone(tmp_path):
    running = RunningProcess(tmp_path, 8080, os.getpid())
    assert not running.is_alive()
    assert running.stop(timeout_seconds=1) is True


def test_a_zombie_does_not_live(root):
    running = start(root)
    running.wait_ready()
    # Seen from a process that did not start it, and has no way to reap it.
    seen = RunningProcess(running.folder, running.port, running.pid)
    os.kill(running.pid, signal.SIGKILL)
    os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)
    from nbship.packaging import process

    child = process._children.pop(running.pid)
    assert not seen.is_alive()
    child.wait()
    running.stop()


def test_the_server_outlives_a_process_group_that_is_killed(root, tmp_path):
    code = STARTED_ELSEWHERE.format(root=str(root), folder=str(tmp_path / "service"))
    shell = subprocess.Popen(
        [sys.executable, "-c", f"{code}\nimport signal\nsignal.pause()"],
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    with shell:
        port, pid = map(int, shell.stdout.readline().split())
        os.killpg(shell.pid, signal.SIGKILL)
    running = RunningProcess(tmp_path / "service", port, pid)
    assert running.is_alive()
    assert get(running.url)["prefix"]
    assert running.stop() is True
    assert not running.is_alive()


def test_the_server_outlives_the_kernel_of_a_notebook(root, tmp_path):
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel()
    try:
        told: list[str] = []
        code = STARTED_ELSEWHERE.format(root=str(root), folder=str(tmp_path / "service"))
        client.execute_interactive(
            code, timeout=60, output_hook=lambda message: told.append(message["content"].get("text", ""))
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
        manager.cleanup_resources()
    port, pid = map(int, "".join(told).split())
    running = RunningProcess(tmp_path / "service", port, pid)
    assert running.is_alive()
    assert get(running.url)["prefix"]
    assert running.stop() is True


def test_a_bundle_for_another_python_is_refused_and_leaves_nothing(tmp_path, monkeypatch):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    root = make_root(tmp_path / "root", python="3.1")
    with pytest.raises(PackagingError, match=r"no python3\.1 on PATH"):
        start(root)
    assert not list(temporary.iterdir())


def test_a_folder_that_is_no_root_is_refused(root, tmp_path):
    with pytest.raises(PackagingError, match="opt/nbship/site and no opt/nbship/runtime"):
        start_process(tmp_path / "nowhere", root / "opt/nbship/model", {})


def test_a_folder_that_is_no_bundle_is_refused(root, tmp_path):
    with pytest.raises(PackagingError, match="is no bundle"):
        start_process(root, tmp_path, {})

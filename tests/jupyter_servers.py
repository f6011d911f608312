"""Running servers of JupyterLab and Notebook 7 with nothing but a wheel of this checkout."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

__all__ = ["BUILT", "Front", "environment", "free_port", "install_wheel", "start_front", "stop_front"]

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "src" / "nbship" / "labextension" / "package.json"
START_SECONDS = 120


def install_wheel(folder: Path) -> Path:
    """Build the wheel with the panel as it was built last, and return a prefix into which it alone was installed."""
    wheels, prefix = folder / "wheels", folder / "installed"
    variables = {**os.environ, "SKIP_JUPYTER_BUILDER": "1"}
    pip = [sys.executable, "-m", "pip"]
    _call([*pip, "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "-w", str(wheels)], variables)
    (wheel,) = wheels.glob("*.whl")
    _call(
        [*pip, "install", "--no-deps", "--ignore-installed", "--prefix", str(prefix), str(wheel)], variables
    )
    return prefix


def _call(command: list[str], variables: dict[str, str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class Front:
    """A running server: `kind` is ``lab`` or ``notebook``; `folder` is what it serves."""

    kind: str
    url: str
    token: str
    folder: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def address(self, path: str = "", *, reset: bool = True) -> str:
        """Return the address of a notebook of the folder, or of the start page; with the page as new unless it says not."""
        where = (
            {"lab": "lab/tree", "notebook": "notebooks"}[self.kind]
            if path
            else {"lab": "lab", "notebook": "tree"}[self.kind]
        )
        mark = "&reset" if self.kind == "lab" and reset else ""
        return f"{self.url}/{where}{f'/{quote(path)}' if path else ''}?token={self.token}{mark}"

    def ask(self, path: str, **query: str) -> Any:
        """Return what the extension answers, as the panel would get it."""
        return self.fetch(f"nbship/{path}?{urlencode(query)}")

    def fetch(self, path: str, method: str = "GET") -> Any:
        """Return what the server answers to whom has the token."""
        wanted = urllib.request.Request(f"{self.url}/{path}", method=method)
        wanted.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(wanted, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def end_kernels(self) -> None:
        """End what the notebooks of a test have started."""
        if self.process.poll() is None:
            for session in self.fetch("api/sessions"):
                self.fetch(f"api/sessions/{session['id']}", "DELETE")


def start_front(kind: str, options: list[str], log: Path, variables: dict[str, str]) -> Front:
    """Start a server; the first options are its port and its folder."""
    token = secrets.token_hex(16)
    command = [
        sys.executable, "-m", "jupyter", kind, "--no-browser", "--allow-root", "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}", "--LabApp.news_url=None", *options,
    ]  # fmt: skip
    port, served = (option.partition("=")[2] for option in options[:2])
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=served,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while not _answers(f"{url}/api/status?token={token}"):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    return Front(kind, url, token, Path(served), process)


def environment(prefix: Path, folder: Path) -> dict[str, str]:
    """Return the variables by which Jupyter finds the wheel, and keeps everything of its own in a folder."""
    (packages,) = prefix.glob("lib/python*/site-packages")
    settings = folder / "settings"
    notifications = settings / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    notifications.parent.mkdir(parents=True)
    notifications.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    own = {
        "PYTHONPATH": str(packages),
        "JUPYTER_PATH": str(prefix / "share" / "jupyter"),
        "JUPYTER_CONFIG_PATH": str(prefix / "etc" / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    return {**os.environ, **own}


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def stop_front(process: subprocess.Popen[bytes]) -> None:
    """End a server with all that it has started."""
    for number, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 10)):
        if process.poll() is None:
            os.killpg(process.pid, number)
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                continue

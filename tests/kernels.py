"""Real kernels in a project folder, driven the way front ends drive them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

from nbship.config import load_settings
from nbship.model.run import Run
from nbship.recording.status import drain
from nbship.store import reader

TIMEOUT_SECONDS = 120


@dataclass
class Reply:
    """What a front end saw of one cell."""

    status: str
    outputs: list[dict[str, Any]] = field(default_factory=list)
    ename: str | None = None
    payload: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(out["text"] for out in self.outputs if out["output_type"] == "stream")

    @property
    def plain(self) -> str:
        return "\n".join(out["data"].get("text/plain", "") for out in self.outputs if "data" in out)

    @property
    def html(self) -> str:
        return "\n".join(out["data"].get("text/html", "") for out in self.outputs if "data" in out)


class Kernel:
    """A kernel and its client; `run` waits for the end of a cell."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder), env=environment)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT_SECONDS)

    @property
    def pid(self) -> int:
        return int(self.manager.provisioner.pid)

    def send(self, code: str, metadata: dict[str, Any] | None = None) -> str:
        """Send a cell, with the metadata that JupyterLab would send, and return the id of the message."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message = self.client.session.msg("execute_request", content, metadata=metadata or {})
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run(self, code: str, metadata: dict[str, Any] | None = None) -> Reply:
        """Run a cell to its end."""
        return self.collect(self.send(code, metadata))

    def collect(self, msg_id: str, until: Callable[[Reply], bool] = lambda _: False) -> Reply:
        """Gather a cell's output until it ends, or until `until` says so."""
        reply = Reply("unknown")
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            message = self.client.get_iopub_msg(timeout=TIMEOUT_SECONDS)
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind == "stream":
                reply.outputs.append(
                    {"output_type": "stream", "name": content["name"], "text": content["text"]}
                )
            elif kind in ("display_data", "execute_result"):
                reply.outputs.append({"output_type": kind, "data": content["data"]})
            elif kind == "error":
                reply.ename = content["ename"]
                reply.outputs.append({"output_type": "error", **content})
            if until(reply):
                return reply
        shell = self.client.get_shell_msg(timeout=TIMEOUT_SECONDS)
        while shell["parent_header"].get("msg_id") != msg_id:
            shell = self.client.get_shell_msg(timeout=TIMEOUT_SECONDS)
        reply.status = shell["content"]["status"]
        reply.payload = shell["content"].get("payload", [])
        return reply

    def close(self) -> None:
        """Shut down as a front end does."""
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_wait_time = 30
            self.manager.shutdown_kernel(now=False)


@dataclass
class Project:
    """A project folder with a store of its own."""

    folder: Path
    environment: dict[str, str]
    kernels: list[Kernel] = field(default_factory=list)

    @property
    def spool(self) -> Path:
        return self.folder / ".nbship" / "spool"

    @property
    def tracking_uri(self) -> str:
        return load_settings(self.folder).tracking_uri

    def kernel(self, *, load: bool = True) -> Kernel:
        kernel = Kernel(self.folder, self.environment)
        self.kernels.append(kernel)
        if load:
            reply = kernel.run("%load_ext nbship")
            assert reply.status == "ok", reply
        return kernel

    def runs(self, wait_seconds: float = 60) -> list[Run]:
        """Return all runs, oldest first, after everything has arrived."""
        status = drain(self.spool, wait_seconds=wait_seconds)
        assert status.drained, status
        return list(reversed(reader.search(self.tracking_uri, limit=200).runs))

    def run(self, name: str, wait_seconds: float = 60) -> Run:
        """Return the one run of that name, after everything has arrived."""
        found = [run for run in self.runs(wait_seconds) if run.name == name]
        assert len(found) == 1, found
        return found[0]

    def artifact(self, run: Run, path: str) -> str:
        return reader.download_artifact_text(self.tracking_uri, run, path)

    def wait_for_status(self, name: str, status: str, seconds: float) -> Run:
        """Wait until the run has a status, without starting or waking anything."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = [run for run in reader.search(self.tracking_uri, limit=200).runs if run.name == name]
            if found and found[0].status == status:
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"run {name} did not become {status} within {seconds} s; runs: {found}")

    def close(self) -> None:
        """Shut every kernel down."""
        for kernel in self.kernels:
            kernel.close()
        self.kernels.clear()


def make_project(folder: Path, store_template: Path) -> Project:
    """Return a project in a new folder, with a copy of an initialised store."""
    home = folder / ".nbship"
    home.mkdir(parents=True)
    (home / "mlflow.db").write_bytes(store_template.read_bytes())
    return Project(folder, {**os.environ, "NBSHIP_RECORDER_IDLE_SECONDS": "3"})

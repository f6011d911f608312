"""IPython's kernel, made ready before it is known for whom."""

from __future__ import annotations

import json
import sys
import uuid
from typing import TYPE_CHECKING, Any

from ipykernel.kernelapp import IPKernelApp
from tornado import ioloop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["SpareKernelApp", "write_connection_file"]

_PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


class SpareKernelApp(IPKernelApp):
    """A kernel whose own code of the user (extensions, startup files) waits until folder and environment are known."""

    def init_extensions(self) -> None:
        """Wait for `run_startup_code`."""

    def init_code(self) -> None:
        """Wait for `run_startup_code`."""

    def run_startup_code(self) -> None:
        """Do the part of the start that can see folder and environment."""
        super().init_extensions()
        super().init_code()
        sys.stdout.flush()
        sys.stderr.flush()

    def on_readable(self, descriptor: int, callback: Callable[[], None]) -> None:
        """Call back from the kernel's own loop, in its main thread, whenever a descriptor can be read."""
        ioloop.IOLoop.current().add_handler(descriptor, lambda *_: callback(), ioloop.IOLoop.READ)

    def forget(self, descriptor: int) -> None:
        """Undo `on_readable`."""
        ioloop.IOLoop.current().remove_handler(descriptor)


def write_connection_file(folder: Path) -> dict[str, Any]:
    """Write the connection file of a kernel whose sockets are in `folder`; return what it says."""
    info: dict[str, Any] = {name: number for number, name in enumerate(_PORTS, start=1)}
    info |= {"ip": str(folder / "s"), "key": uuid.uuid4().hex, "transport": "ipc"}
    info |= {"signature_scheme": "hmac-sha256", "kernel_name": "python3"}
    (folder / "kernel.json").write_text(json.dumps(info), encoding="utf-8")
    return info

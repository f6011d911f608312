"""A fork server for kernels: ``python -m nbship.kernel.server --listener FD --idle-seconds S MODULE ...``.

It is started by `nbship.pipeline.kernels.start` in a folder of its own, with a listening socket, and ends by itself. What it
says goes to the file ``log`` there.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import socket
import sys
from pathlib import Path

from nbship.kernel.children import BecameKernelError
from nbship.pipeline.kernels.folder import KernelUnavailableError
from nbship.pipeline.kernels.home import REFUSED, SOCKET, locked

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Serve until the end; in a forked kernel this does not return."""
    options = _parse(arguments)
    folder = Path.cwd()
    _leave_folder(folder)
    started_with = dict(os.environ)
    # A kernel takes this for whoever started it, and ends when that process does.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    became = _serve(socket.socket(fileno=options.listener), folder, options, started_with)
    if became is not None:
        from nbship.kernel.spare import live  # noqa: PLC0415 - loaded already, by the server

        live(*became, started_with)
    _clear(folder)
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nbship.kernel.server", allow_abbrev=False)
    parser.add_argument("--listener", type=int, required=True)
    parser.add_argument("--idle-seconds", type=float, required=True)
    parser.add_argument("--without", action="append", default=[], metavar="MODULE=REASON")
    parser.add_argument("modules", nargs="*")
    return parser.parse_args(arguments)


def _leave_folder(folder: Path) -> None:
    """Take the folder off the path of modules, as the kernel's launcher does."""
    if sys.path and sys.path[0] in ("", str(folder)):
        del sys.path[0]


def _serve(
    listener: socket.socket, folder: Path, options: argparse.Namespace, started_with: dict[str, str]
) -> tuple[socket.socket, Path] | None:
    """Serve until the end; return what a kernel needs, in a kernel."""
    from nbship.kernel import spare  # noqa: F401, PLC0415 - for the kernels, which inherit it
    from nbship.kernel.loading import NotForkableError, load  # noqa: PLC0415 - after the path was put right
    from nbship.kernel.service_loop import KernelServer  # noqa: PLC0415

    left_out = dict(item.split("=", 1) for item in options.without)
    try:
        loaded = load([name for name in options.modules if name not in left_out])
        os.close(os.pidfd_open(os.getpid()))
    except (NotForkableError, OSError) as error:
        _refuse(listener, folder, str(error))
        return None
    if loaded.harmful:
        _start_over(listener, options, {**left_out, **loaded.harmful}, started_with)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = KernelServer(listener, folder, loaded, left_out, options.idle_seconds)
    became = None
    try:
        server.run()
    except BecameKernelError as kernel:
        # Handled here and no longer: an exception that is being handled would be the context of every one of the user's.
        became = kernel.control, kernel.home
    finally:
        server.close()
    return became


def _start_over(
    listener: socket.socket,
    options: argparse.Namespace,
    left_out: dict[str, str],
    environment: dict[str, str],
) -> None:
    """Begin again in the same process, without the modules that a kernel has to import by itself."""
    listener.set_inheritable(True)
    head = sys.orig_argv[: sys.orig_argv.index("-m") + 2]
    command = [*head, "--listener", str(listener.fileno()), "--idle-seconds", str(options.idle_seconds)]
    for name, reason in left_out.items():
        command += ["--without", f"{name}={reason}"]
    os.execve(sys.executable, [*command, *options.modules], environment)  # noqa: S606 - this very program


def _refuse(listener: socket.socket, folder: Path, reason: str) -> None:
    """Leave word that there can be no server of this kind."""
    (folder / REFUSED).write_text(reason, encoding="utf-8")
    listener.close()


def _clear(folder: Path) -> None:
    """Remove the folder, unless a successor uses it already or it holds a refusal."""
    with contextlib.suppress(KernelUnavailableError), locked(folder.parent):
        if not (folder / SOCKET).exists() and not (folder / REFUSED).exists():
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

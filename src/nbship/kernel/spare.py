"""The life of a forked kernel: ready, handed out, at work, at its end."""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import signal
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any, NoReturn

from nbship.kernel.handout import EnvironmentChanges, arguments, put_on
from nbship.pipeline.kernels import wire

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from pathlib import Path

    from nbship.kernel.app import SpareKernelApp

__all__ = ["live"]

_LAST_WORDS_SECONDS = 1.0


def live(control: socket.socket, home: Path, started_with: Mapping[str, str]) -> NoReturn:
    """Be a kernel from the fork to the exit.

    Parameters
    ----------
    control
        Connection to the server: ``{"ready": {...}}`` goes out, the handout comes in, ``{"done": true}`` goes out.
    home
        The kernel's folder.
    started_with
        The environment variables of the server when it began.
    """
    code = 1
    try:
        _become_fresh()
        _Spare(control, home, started_with).run()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:  # noqa: BLE001 - the last stop of this process: say what happened, then leave
        traceback.print_exc(file=sys.__stderr__)
    finally:
        _end(code)


class _Spare:
    """A kernel that waits for its handout."""

    def __init__(self, control: socket.socket, home: Path, started_with: Mapping[str, str]) -> None:
        from nbship.kernel.app import SpareKernelApp, write_connection_file  # noqa: PLC0415 - kernels only

        self._control = control
        self._inbox = wire.Inbox()
        self._file = home / "kernel.json"
        self._info = write_connection_file(home)
        sys.argv = arguments(self._file, [])
        self._app: SpareKernelApp = SpareKernelApp.instance()
        self._app.initialize(["-f", str(self._file), "--HistoryManager.hist_file=:memory:"])
        self._changes = EnvironmentChanges(started_with, os.environ)

    def run(self) -> None:
        """Work until the kernel is asked to end."""
        self._app.on_readable(self._control.fileno(), self._heard)
        self._control.sendall(wire.encode({"ready": self._info}))
        self._app.start()  # type: ignore[no-untyped-call]
        # Its last act is to wait for output to be sent, by a thread that functions of `atexit` are about to stop.
        self._app.control_thread.join(_LAST_WORDS_SECONDS)

    def _heard(self) -> None:
        data = self._control.recv(wire.CHUNK_BYTES)
        if not data:
            os._exit(0)  # the server has gone before anybody asked for this kernel
        for message in self._inbox.feed(data):
            self._answer(self._taken(message))
            self._app.forget(self._control.fileno())
            self._control.close()

    def _taken(self, handout: Mapping[str, Any]) -> dict[str, Any]:
        try:
            sys.argv[:] = arguments(self._file, handout["extra_arguments"])
            sys.orig_argv[:] = [
                sys.executable,
                *_interpreter_options(),
                "-m",
                "ipykernel_launcher",
                *sys.argv[1:],
            ]
            put_on(handout, self._changes)
            self._app.run_startup_code()
        except (OSError, ValueError) as error:
            return {"failed": f"{type(error).__name__}: {error}"}
        return {"done": True}

    def _answer(self, message: dict[str, Any]) -> None:
        self._control.sendall(wire.encode(message))


def _interpreter_options() -> list[str]:
    return sys.orig_argv[1 : sys.orig_argv.index("-m")] if "-m" in sys.orig_argv else []


def _become_fresh() -> None:
    """Undo what a process has from its parent and a started one has not."""
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    gc.enable()
    _draw_anew()


def _draw_anew() -> None:
    """Give global generators other numbers than those of the kernels before and after this one.

    `random` and `tempfile` notice a fork by themselves. A generator that some other library keeps for itself is left as
    the import made it: it may have been given a seed on purpose.
    """
    if (numpy_random := sys.modules.get("numpy.random")) is not None:
        numpy_random.seed()
    if (torch := sys.modules.get("torch")) is not None:
        torch.default_generator.seed()  # that of a GPU is made at its first use
    if (processes := sys.modules.get("multiprocessing.process")) is not None:
        processes.current_process().authkey = os.urandom(32)


def _end(code: int) -> NoReturn:
    """Leave as the interpreter does where somebody can see it, without the slow taking apart of every module."""
    try:
        # In the interpreter's order: threads, then functions of `atexit`.
        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - no public name
        atexit._run_exitfuncs()  # noqa: SLF001 - no public name
        _drop_user_objects()
        _flush_files()
    except BaseException:  # noqa: BLE001 - code of the user ran; the process leaves all the same
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)


def _drop_user_objects() -> None:
    """Let objects of the notebook go, so that their finalizers run."""
    main = sys.modules.get("__main__")
    if main is not None:
        vars(main).clear()
    gc.collect()


def _flush_files() -> None:
    """Write what is still in the buffers of files that nobody closed."""
    for item in gc.get_objects():
        if issubclass(type(item), io.IOBase):
            with contextlib.suppress(Exception):  # closed, or a class of the user's own
                item.flush()
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()

"""What the panel in JupyterLab asks of a kernel, as JSON: whether tracking is on, and to switch it.

The panel evaluates ``__import__("nbship.magics.panel", fromlist=["panel"]).status()`` and its kind as a user expression
of a silent, empty request: nothing shows in the notebook, no name of the user's is touched, no count goes up. The
answers display themselves as ``application/json``, so that nobody has to read text that is meant for people.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

from nbship.errors import NbshipError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.magics.extension import Extension
    from nbship.model.report import TrackReport

__all__ = ["Answer", "load", "status", "turn_off", "turn_on"]


@dataclass(frozen=True, slots=True)
class Answer:
    """How tracking stands in this kernel.

    Attributes
    ----------
    state
        ``not_loaded``, ``off``, ``on`` (the session is a run) or ``step`` (the notebook is executed as a step).
    run, name
        The run's own id and name, while it is on or a step.
    ended
        Of `turn_off`: how the session's run ended.
    message
        What went wrong; empty where nothing did.
    """

    state: str
    pid: int
    spool: str = ""
    run: str | None = None
    name: str | None = None
    ended: dict[str, Any] | None = None
    message: str = ""

    def _repr_json_(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __repr__(self) -> str:
        return f"nbship: {self.message or self.state}"


def status() -> Answer:
    """Tell how tracking stands; loads nothing."""
    extension = _extension()
    return Answer("not_loaded", os.getpid()) if extension is None else _answer(extension)


def load() -> Answer:
    """Load the extension, as ``%load_ext nbship`` does."""
    return _done(lambda _: None)


def turn_on(name: str | None = None) -> Answer:
    """Begin a run for every cell from here on, as ``%track on`` does; nothing where there is one already."""

    def begin(extension: Extension) -> None:
        from nbship.capture.request import TrackRequest  # noqa: PLC0415 - loaded with the extension

        if extension.tracker.session.session_run is None:
            extension.tracker.session.begin_session_run(TrackRequest(name=name))

    return _done(begin)


def turn_off() -> Answer:
    """End that run, as ``%track off`` does; nothing where there is none, or for a step."""

    def end(extension: Extension) -> dict[str, Any] | None:
        session = extension.tracker.session
        if session.session_run is None or extension.tracker.step is not None:
            return None
        return _report(extension.tracker.identified(session.end_session_run()))

    return _done(end)


def _done(step: Callable[[Extension], dict[str, Any] | None]) -> Answer:
    shell = get_ipython()  # type: ignore[no-untyped-call,unused-ignore]
    try:
        if _extension() is None:
            shell.extension_manager.load_extension("nbship")
        extension = _extension()
        assert extension is not None
        ended = step(extension)
    except (NbshipError, OSError) as error:
        known = _extension()
        before = Answer("not_loaded", os.getpid()) if known is None else _answer(known)
        return Answer(before.state, before.pid, before.spool, before.run, before.name, message=str(error))
    return _answer(extension, ended)


def _extension() -> Extension | None:
    shell, module = get_ipython(), sys.modules.get("nbship.magics.extension")  # type: ignore[no-untyped-call,unused-ignore]
    if shell is None or module is None or not module.is_loaded(shell):
        return None
    found: Extension = module.loaded(shell)
    return found


def _answer(extension: Extension, ended: dict[str, Any] | None = None) -> Answer:
    tracker = extension.tracker
    run = tracker.session.session_run
    state = "step" if tracker.step is not None else "off" if run is None else "on"
    name, key = (None, None) if run is None else (run.name, run.key)
    try:
        spool = str(tracker.settings().spool)
    except NbshipError as error:  # a setting that cannot be used
        return Answer(state, os.getpid(), "", key, name, ended, str(error))
    return Answer(state, os.getpid(), spool, key, name, ended)


def _report(report: TrackReport) -> dict[str, Any]:
    return {
        "run": report.run,
        "name": report.name,
        "status": str(report.status),
        "reason": report.reason,
        "cells": report.cells,
        "warnings": list(report.warnings),
    }

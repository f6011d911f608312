"""``nbship doctor``: what works on this machine, and where each setting came from."""

from __future__ import annotations

import importlib.metadata
import platform
import sqlite3
import sys
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.config import shown_uri
from nbship.display.page import counted
from nbship.errors import EngineError
from nbship.recording.status import SpoolStatus, spool_status
from nbship.store.sqlite_read import connect_to_read

if TYPE_CHECKING:
    from nbship.config import Settings

__all__ = ["Check", "Diagnosis", "diagnose"]

_TIMEOUT_SECONDS = 3.0
_PACKAGES = (
    "ipython",
    "ipykernel",
    "mlflow",
    "nbclient",
    "jupyterlab",
    "papermill",
    "pandas",
    "scikit-learn",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `ok` is None for what is merely not there."""

    name: str
    ok: bool | None
    found: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that ``nbship doctor`` says."""

    checks: tuple[Check, ...]
    settings: tuple[tuple[str, str, str], ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is broken."""
        return all(check.ok is not False for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        checks = [{"name": c.name, "ok": c.ok, "found": c.found, "hint": c.hint} for c in self.checks]
        settings = [{"name": name, "value": value, "origin": origin} for name, value, origin in self.settings]
        return {"healthy": self.healthy, "checks": checks, "settings": settings}


def diagnose(settings: Settings) -> Diagnosis:
    """Look at Python, packages, the store, the queue and every setting."""
    checks = [
        Check("python", ok=True, found=f"{platform.python_version()} at {sys.executable}"),
        *(_package(name) for name in _PACKAGES),
        _home(settings),
        _store(settings.tracking_uri),
        *_spool(spool_status(settings.spool)),
        _warm_kernels(),
        _engine(),
        *_served(settings),
    ]
    return Diagnosis(tuple(checks), tuple(settings.rows()))


def _package(name: str) -> Check:
    try:
        return Check(name, ok=True, found=importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Check(name, ok=None, found="not installed", hint=f"pip install {name}, if you want it")


def _home(settings: Settings) -> Check:
    origin = settings.origins.get("home", "default")
    hint = "" if origin == "default" else f"{origin}; make it writable to keep runs beside the notebooks"
    return Check("home", ok=True if origin == "default" else None, found=str(settings.home), hint=hint)


def _store(uri: str) -> Check:
    if uri.startswith("sqlite:///"):
        return _sqlite(uri, Path(uri.removeprefix("sqlite:///")))
    if uri.startswith(("http://", "https://")):
        return _server(uri)
    return Check(
        "store", ok=None, found=shown_uri(uri), hint="not looked at: only SQLite files and servers are"
    )


def _sqlite(uri: str, path: Path) -> Check:
    if not path.exists():
        return Check("store", ok=None, found=uri, hint="not there yet; the first tracked cell makes it")
    try:
        with closing(connect_to_read(path)) as connection:
            count = connection.execute("select count(*) from runs").fetchone()[0]
    except sqlite3.Error as error:
        return Check("store", ok=False, found=uri, hint=f"{error}; is this a database of MLflow?")
    return Check("store", ok=True, found=f"{uri}, {count} runs")


def _server(uri: str) -> Check:
    shown = shown_uri(uri)
    try:
        # The scheme was looked at by the caller.
        with urllib.request.urlopen(f"{uri.rstrip('/')}/version", timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            return Check(
                "store", ok=True, found=f"{shown}, MLflow {answer.read(40).decode(errors='replace')}"
            )
    except (HTTPException, ValueError) as error:
        return Check("store", ok=False, found=shown, hint=f"{shown_uri(str(error))}; is this an address?")
    except OSError as error:
        hint = f"{error}; runs wait in the queue until it answers"
        return Check("store", ok=False, found=shown, hint=hint)


def _warm_kernels() -> Check:
    from nbship.pipeline.kernels.managers import servers  # noqa: PLC0415
    from nbship.pipeline.kernels.spec import FORKS_SAFELY  # noqa: PLC0415 - loads jupyter_client

    if not FORKS_SAFELY:
        return Check(
            "warm kernels", ok=None, found="not on this platform", hint="notebooks start in plain kernels"
        )
    running = servers()
    kernels = sum(len(server.kernels) for server in running)
    found = (
        f"{counted(len(running), 'server')}, {counted(kernels, 'kernel')} at work"
        if running
        else "none running"
    )
    return Check("warm kernels", ok=True, found=found)


def _engine() -> Check:
    """Tell whether models can be served in containers; images are built without one."""
    from nbship.packaging.engine import Engine  # noqa: PLC0415 - seldom wanted

    try:
        with closing(Engine.connect(_TIMEOUT_SECONDS)) as engine:
            return Check("containers", ok=True, found=f"engine {engine.version} for {engine.platform}")
    except EngineError as error:
        hint = f"{error} Models are served as processes meanwhile; images are built without an engine."
        return Check("containers", ok=None, found="no engine", hint=hint)


def _served(settings: Settings) -> list[Check]:
    """Tell what this project serves, and that has ended by itself."""
    from nbship.packaging.services import list_services  # noqa: PLC0415 - seldom wanted

    if not (settings.home / "services").is_dir():
        return []
    models = list_services(settings.home)
    failed = [model for model in models if model.state == "failed"]
    found = ", ".join(f"{model.name} {model.state}" for model in models) or "nothing"
    hint = "; ".join(f"{model.name}: {model.reason}, nbship stop {model.name} clears it" for model in failed)
    return [Check("served", ok=not failed, found=found, hint=hint)]


def _spool(status: SpoolStatus) -> list[Check]:
    waiting = (
        "empty"
        if status.drained
        else f"{counted(status.events, 'event')} from {counted(status.sessions, 'kernel')} waiting"
    )
    recorder = f", recorder pid {status.recorder_pid}" if status.recorder_pid else ""
    hint = "" if status.drained else "nbship sync --wait brings them to the store"
    checks = [Check("queue", ok=True if status.drained else None, found=waiting + recorder, hint=hint)]
    checks += [
        Check("store outage", ok=False, found=shown_uri(outage.tracking_uri), hint=outage.text)
        for outage in status.outages
    ]
    checks += [
        Check("set aside", ok=False, found=path, hint="unreadable; kept for you to look at or delete")
        for path in status.set_aside
    ]
    return checks

"""The circumstances of a run, described beside the kernel: together they take longer than a small cell."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from nbship.capture import manifest
from nbship.capture.git import snapshot_git
from nbship.errors import SpoolError

if TYPE_CHECKING:
    from pathlib import Path

    from nbship.capture.open_run import OpenRun
    from nbship.capture.session import Session
    from nbship.config import Settings

__all__ = ["CONTEXT_WAIT_SECONDS", "log_context"]

CONTEXT_WAIT_SECONDS = 5.0
"""How long the description of the environment is waited for."""


def log_context(session: Session, run: OpenRun, settings: Settings) -> None:
    """Describe repository and environment, as the settings want."""
    with contextlib.suppress(SpoolError):  # a full disk is reported where the run itself is written
        if settings.git:
            session.attempt(run, "git state", lambda: _log_git(session, run, settings.project))
        if settings.environment:
            session.attempt(run, "environment", lambda: _log_environment(session, run))


def _log_git(session: Session, run: OpenRun, project: Path) -> None:
    state = snapshot_git(project, session.masker)
    if state is not None:
        tags, texts = manifest.git_record(state)
        artifacts = manifest.as_artifacts(texts, session.sink().put_blob)
        session.sink().append(run.log(tags=tags, artifacts=artifacts))


def _log_environment(session: Session, run: OpenRun) -> None:
    environment = session.environment.get(CONTEXT_WAIT_SECONDS)
    if environment is not None:
        texts = manifest.environment_artifacts(environment)
        session.sink().append(run.log(artifacts=manifest.as_artifacts(texts, session.sink().put_blob)))

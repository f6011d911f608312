"""Packaging and serving from a kernel: in another process, since it takes mlflow, memory and all of a core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from nbship.config import ENVIRONMENT
from nbship.errors import PackagingError, UsageError
from nbship.model.codec import decode
from nbship.model.image import PackageStage
from nbship.service.shipping.grammar import PackageRequest, ServeRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.config import Settings

T = TypeVar("T", PackageRequest, ServeRequest)

__all__ = ["absolute", "ship_apart"]

_SAID = "nbship: "
_KEPT_LINES = 40
_OWN_SETTINGS = ("tracking_uri", "experiment", "base_image", "trusted_models")


def absolute(request: T) -> T:
    """Return a request with its paths whole: another process may have another current folder."""
    paths: dict[str, Any] = {
        name: str(Path(value).expanduser().absolute())
        for name in ("archive", "context", "model_file")
        if (value := getattr(request, name, ""))
    }
    if request.base:
        from nbship.packaging.oci import absolute_base

        paths["base"] = absolute_base(request.base)
    return replace(request, **paths)


def ship_apart(
    settings: Settings,
    command: str,
    words: list[str],
    progress: Callable[[PackageStage], None] | None = None,
) -> dict[str, Any]:
    """Return what ``nbship COMMAND --json`` prints, and tell meanwhile what it does.

    Raises
    ------
    UsageError, PackagingError
        As the command answers; what the command had begun is gone then.
    """
    line = [sys.executable, "-P", "-m", "nbship", command, "--json", "--progress", "json", *words]
    # Not a pipe: nobody reads it meanwhile, and the columns of a wide table are more than one holds.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as answer:
        code, said = _worked(line, settings, answer, progress)
        answer.seek(0)
        if code not in (0, 1):
            raise (UsageError if code == UsageError.exit_code else PackagingError)(_reason(said))
        data: dict[str, Any] = json.load(answer)
        return data


def _worked(
    line: list[str],
    settings: Settings,
    answer: IO[str],
    progress: Callable[[PackageStage], None] | None,
) -> tuple[int, list[str]]:
    """Run a command to its end, or end it when this is interrupted; return its exit code and what it said."""
    with subprocess.Popen(
        line,
        stdout=answer,
        stderr=subprocess.PIPE,
        text=True,
        cwd=settings.project,
        env={**os.environ, **_environment(settings)},
        start_new_session=True,  # an interrupt of the kernel's group would come before ours, and again with it
    ) as process:
        try:
            said = _follow(process, progress)
            return process.wait(), said
        except BaseException:  # an interrupt of the cell above all
            process.terminate()
            process.wait()
            raise


def _environment(settings: Settings) -> dict[str, str]:
    # Not on the command line, which every user of the machine can read: an address may hold a password.
    found = {}
    for name in _OWN_SETTINGS:
        value = getattr(settings, name)
        if value:
            found[ENVIRONMENT[name][0]] = ",".join(value) if isinstance(value, tuple) else value
    return found


def _follow(process: subprocess.Popen[str], progress: Callable[[PackageStage], None] | None) -> list[str]:
    """Hand on the stages that the process tells of until it has nothing more to say; return the rest of what it said."""
    said: deque[str] = deque(maxlen=_KEPT_LINES)
    for line in process.stderr or ():
        stage = _stage(line)
        if stage is None:
            said.append(line.rstrip())
        elif progress is not None:
            progress(stage)
    return list(said)


def _stage(line: str) -> PackageStage | None:
    if not line.startswith("{"):
        return None
    try:
        return decode(PackageStage, json.loads(line))
    except (ValueError, TypeError, KeyError):
        return None


def _reason(said: list[str]) -> str:
    """Return the message of the command, which may have several lines."""
    start = next((index for index, line in enumerate(said) if line.startswith(_SAID)), None)
    if start is None:
        return said[-1] if said else "packaging ended without a word"
    return "\n".join(said[start:]).removeprefix(_SAID)

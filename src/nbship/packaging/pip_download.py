"""Asking pip for wheels: resolved for another platform, downloaded, never built and never installed.

Public: ``download_wheels(request, requirements, folder, progress)``, ``index_settings() -> dict``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import PackagingError
from nbship.packaging.platforms import wheel_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nbship.packaging.lock import LockRequest

__all__ = ["download_wheels", "index_settings"]

_INDEX_VARIABLES = (
    "PIP_CONFIG_FILE",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_NO_INDEX",
)
_IN_OUR_WAY = ("PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_USER", "PIP_PREFIX", "PIP_ROOT", "PIP_NO_BINARY")
"""Settings for installing, which a download refuses or must not heed."""

_KEPT_LINES = 60
_NOT_THERE = re.compile(r"No matching distribution found for ([^\n(]+)")
_NO_VERSION = re.compile(r"Could not find a version that satisfies the requirement ([^\n(]+)([^\n]*)")
_UNREACHABLE = re.compile(r"(Failed to establish a new connection|NewConnectionError|Name or service not known|ProxyError|"
                          r"ReadTimeoutError|ConnectTimeoutError|SSLError|Temporary failure in name resolution)")  # fmt: skip


def index_settings() -> dict[str, str]:
    """Return what decides where pip looks, of the environment: another index may have other wheels of one version."""
    return {name: os.environ[name] for name in _INDEX_VARIABLES if name in os.environ}


def download_wheels(
    request: LockRequest, requirements: Iterable[str], folder: Path, progress: Callable[[str], None]
) -> None:
    """Download the wheels of requirements and of all that they need to an empty folder.

    Raises
    ------
    PackagingError
        When pip finds no answer, or there is no pip.
    """
    asked, limits = folder / "requirements.in", folder / "constraints.in"
    asked.write_text("\n".join(requirements) + "\n", encoding="utf-8")
    limits.write_text("\n".join(request.constraints) + "\n", encoding="utf-8")
    command = [
        *_pip(),
        *("download", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"),
        *("--only-binary", ":all:", "--implementation", "cp", "--python-version", request.python),
        *(f"--platform={tag}" for tag in wheel_tags(request.platform, request.glibc_minor)),
        *("--dest", str(folder), "--constraint", str(limits), "--requirement", str(asked)),
    ]
    code, said = _run(command, folder, progress)
    if code:
        raise PackagingError(_failure(request, said))


def _pip() -> list[str]:
    """Return how pip is started; without one of its own, an environment has the one that Python brings along."""
    # `-P` keeps a `pip.py` in the current folder from being run.
    start = [sys.executable, "-P"]
    if importlib.util.find_spec("pip") is not None:
        return [*start, "-m", "pip"]
    spec = importlib.util.find_spec("ensurepip")
    bundled = Path(spec.origin).parent / "_bundled" if spec and spec.origin else Path("_bundled")
    wheel = next(iter(sorted(bundled.glob("pip-*.whl"))), None)
    if wheel is None:
        raise PackagingError(
            f"there is no pip for {sys.executable}, which resolves what the model needs: install it, e.g. with "
            "`uv pip install pip`, and try again"
        )
    return [*start, str(wheel / "pip")]


def _run(command: list[str], folder: Path, progress: Callable[[str], None]) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _IN_OUR_WAY}
    # A pip that is killed leaves its temporary files: here they go with the folder.
    temporary = folder / "tmp"
    temporary.mkdir()
    kept: deque[str] = deque(maxlen=_KEPT_LINES)
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment | {"LC_ALL": "C.UTF-8", "TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                kept.append(line.rstrip())
                _report(line, progress)
        except BaseException:
            process.kill()
            raise
    return process.returncode, "\n".join(kept)


def _report(line: str, progress: Callable[[str], None]) -> None:
    word, _, rest = line.strip().partition(" ")
    if word in ("Downloading", "Using") and rest:
        progress(rest.removeprefix("cached ").split()[0].rpartition("/")[2])


def _failure(request: LockRequest, said: str) -> str:
    where = f"{request.platform} and Python {request.python}"
    if "No space left on device" in said:
        return "the disk is full: the wheels could not be kept. Make room, or set NBSHIP_CACHE_DIR to another disk."
    if _UNREACHABLE.search(said):
        return f"the package index does not answer: {_last(said)}. Check the network, or pip's index-url and proxy."
    if "ResolutionImpossible" in said or "conflicting dependencies" in said:
        return f"the model's requirements contradict each other: {_conflict(said)}. Log the model again with versions that fit."
    missing = _NOT_THERE.search(said)
    if missing:
        return _no_wheel(missing[1].strip(), where, said)
    return f"pip could not resolve what the model needs for {where}: {_last(said)}"


def _no_wheel(name: str, where: str, said: str) -> str:
    there = _NO_VERSION.search(said)
    versions = re.search(r"from versions: ([^)]*)\)", there[2]) if there else None
    known = versions[1].split(", ") if versions and versions[1] != "none" else []
    newest = f" Versions with one: {', '.join(known[-5:])}." if known else ""
    return (
        f"{name} has no wheel for {where} at the package index.{newest} Track the model with a version that has one, "
        "or build the wheel, put it into a folder and name that in PIP_FIND_LINKS; packages that are installed from a "
        "local folder need the latter."
    )


def _conflict(said: str) -> str:
    lines = [line.strip() for line in said.splitlines()]
    told = [line for line in lines if " depends on " in line or "The user requested" in line]
    return "; ".join(told[:6]) or _last(said)


def _last(said: str) -> str:
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    errors = [line for line in errors if line != "Exception:"]
    lines = errors or [line for line in said.splitlines() if line.strip()]
    return lines[-1].strip()[:500] if lines else "it said nothing"

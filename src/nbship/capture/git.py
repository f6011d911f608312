"""The state of the git repository around a folder."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nbship.capture.secrets import Masker

__all__ = ["GitState", "snapshot_git"]

_TIMEOUT_SECONDS = 2.0
_MAX_DIFF = 1_000_000
_MAX_FILE_DIFF = 100_000
_MAX_READ = 16_000_000
_MAX_UNTRACKED = 100
_EMPTY_FILE = re.compile(r"^diff --git [^\n]*\n(?=diff --git |\Z)", re.MULTILINE)
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git's own hash of a tree without files
# No lock that a commit of the user could meet, no prompt, no pager, and messages that do not depend on the language.
_ENVIRONMENT: Final = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "GIT_PAGER": "cat",
}
# `git diff` would write the index anew, under a lock, for files with a new time only.
_DIFF: Final = (
    "-c",
    "diff.autoRefreshIndex=false",
    "diff",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=dirty",
)


@dataclass(frozen=True, slots=True)
class GitState:
    """A repository at one moment.

    Attributes
    ----------
    root
        Top folder of the working tree.
    commit
        Full hash; None before the first commit.
    branch
        None when HEAD is detached.
    dirty
        True when a tracked file differs from the commit.
    remote
        Address of ``origin`` (else of the first remote), without password; None without one.
    diff
        Tracked changes against the commit, staged ones included, with secrets masked; capped per file and whole.
    diff_truncated
        True when something was cut; the diff says where.
    untracked_count, untracked
        Files and folders that git does not know, and the names of the first 100.
    """

    root: str
    commit: str | None
    branch: str | None
    dirty: bool
    remote: str | None = None
    diff: str = ""
    diff_truncated: bool = False
    untracked_count: int = 0
    untracked: tuple[str, ...] = ()


def snapshot_git(folder: str | os.PathLike[str], masker: Masker | None = None) -> GitState | None:
    """Return the state of the repository that holds `folder`.

    The commands run side by side, each for at most 2 seconds.

    Returns
    -------
    GitState or None
        None outside a repository, where git is missing, refuses or takes too long.
    """
    root = _find_root(Path(folder))
    if root is None:
        return None
    status = _Command(root, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal")
    diff = _Command(root, *_DIFF, "HEAD")
    remotes = _Command(root, "config", "--get-regexp", r"^remote\..*\.url$")
    found, changes, addresses = status.output(), diff.output(), remotes.output()
    if found is None:
        return None
    entries = found.decode(errors="replace").split("\0")
    commit, branch = _header(entries, "# branch.oid "), _header(entries, "# branch.head ")
    if commit is None:
        changes = _Command(root, *_DIFF, _EMPTY_TREE).output()
    masker = masker or Masker()
    text, truncated = _capped(changes)
    untracked = [entry[2:] for entry in entries if entry.startswith("? ")]
    return GitState(
        root=str(root),
        commit=commit,
        branch=branch,
        dirty=any(entry[:2] in ("1 ", "2 ", "u ") for entry in entries),
        remote=_remote(addresses, masker),
        diff=masker.mask(text, python=False).text,
        diff_truncated=truncated,
        untracked_count=len(untracked),
        untracked=tuple(untracked[:_MAX_UNTRACKED]),
    )


def _find_root(folder: Path) -> Path | None:
    try:
        start = folder.resolve()
        return next((place for place in (start, *start.parents) if (place / ".git").exists()), None)
    except OSError:
        return None


class _Command:
    """One git process, started at once."""

    def __init__(self, root: Path, *arguments: str) -> None:
        command = [
            "git",
            "-C",
            str(root),
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.quotePath=false",
            *arguments,
        ]
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
            )
        except OSError:  # no git, or no process can be started
            return

    def output(self) -> bytes | None:
        """Return what the command wrote, at most 16 MB; None when it failed."""
        process = self._process
        if process is None or process.stdout is None:
            return None
        timer = threading.Timer(_TIMEOUT_SECONDS, process.kill)
        timer.daemon = True
        timer.start()
        with process.stdout as stream:
            data = stream.read(_MAX_READ)
        if len(data) == _MAX_READ:
            process.kill()
        code = process.wait()
        timer.cancel()
        return data if code == 0 or len(data) == _MAX_READ else None


def _header(entries: list[str], start: str) -> str | None:
    value = next((entry.removeprefix(start) for entry in entries if entry.startswith(start)), None)
    return None if value in (None, "(initial)", "(detached)") else value


def _remote(addresses: bytes | None, masker: Masker) -> str | None:
    lines = [line.partition(" ") for line in (addresses or b"").decode(errors="replace").splitlines()]
    if not lines:
        return None
    chosen = next((line for line in lines if line[0] == "remote.origin.url"), lines[0])
    return masker.mask(chosen[2]).text


def _capped(changes: bytes | None) -> tuple[str, bool]:
    """Return the text of a diff with long files cut; notebooks that hold their outputs are such."""
    if changes is None:
        return "", False
    text = _EMPTY_FILE.sub("", changes.decode(errors="replace"))
    if len(text) <= _MAX_FILE_DIFF:
        return text, len(changes) == _MAX_READ
    parts = [_cut(part, _MAX_FILE_DIFF, "this file") for part in _files_of(text)]
    whole = _cut("".join(parts), _MAX_DIFF, "the diff")
    return whole, whole != text or len(changes) == _MAX_READ


def _files_of(text: str) -> list[str]:
    first, *others = text.split("\ndiff --git ")
    return [
        first + "\n" * bool(others),
        *("diff --git " + part + "\n" for part in others[:-1]),
        *("diff --git " + part for part in others[-1:]),
    ]


def _cut(text: str, limit: int, what: str) -> str:
    if len(text) <= limit:
        return text
    end = text.rfind("\n", 0, limit) + 1 or limit
    return f"{text[:end]}[nbship: {len(text) - end:,} more characters of {what} were left out]\n"

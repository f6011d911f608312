"""The files that reports are written to."""

from __future__ import annotations

from pathlib import Path

from nbship.errors import UsageError

__all__ = ["check_files", "write_file"]


def check_files(*paths: str | None) -> None:
    """Raise `UsageError` for a file that cannot be written to, before a report is made that would be lost.

    None and ``-`` are no files.
    """
    for path in paths:
        if path not in (None, "-"):
            _target(str(path))


def write_file(path: str, text: str) -> None:
    """Write a text to a file; ``~`` is the home folder.

    Raises
    ------
    UsageError
        When the file cannot be written.
    """
    try:
        _target(path).write_text(text, encoding="utf-8")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot write {path}: {reason}") from error


def _target(path: str) -> Path:
    try:
        target = Path(path).expanduser()
    except RuntimeError as error:  # ~somebody
        raise UsageError(f"cannot write {path}: {error}") from error
    if target.is_dir():
        raise UsageError(f"cannot write {path or repr(path)}: it is a folder; name a file in it")
    if not target.parent.is_dir():
        raise UsageError(f"cannot write {path}: there is no folder {target.parent}; make it first")
    return target

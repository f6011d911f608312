"""The files of a run.

A run whose artifacts lie on this machine is read from disk; any other goes through mlflow.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

from nbship.errors import RunNotFoundError, StoreError
from nbship.store.variables import QUIET, WATCHED, default_for_a_while

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.model.run import Run

__all__ = ["download_artifact_text", "list_artifacts", "local_folder", "read_artifact"]


def local_folder(run: Run) -> Path | None:
    """Return the folder of a run's artifacts where it is a local one."""
    parsed = urlparse(run.artifact_uri)
    if parsed.scheme == "file":
        return Path(unquote(parsed.path))
    # One letter is a Windows drive.
    return Path(run.artifact_uri) if run.artifact_uri and len(parsed.scheme) <= 1 else None


def list_artifacts(tracking_uri: str, run: Run, under: str = "") -> tuple[str, ...]:
    """Return the paths of all files of a run, or of those below the folder `under`, sorted.

    Paths are relative to the run's artifact folder.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    folder = local_folder(run)
    if folder is not None:
        return tuple(
            sorted(
                path.relative_to(folder).as_posix() for path in (folder / under).rglob("*") if path.is_file()
            )
        )
    return tuple(sorted(_remote_paths(tracking_uri, run.id, under)))


def read_artifact(tracking_uri: str, run: Run, path: str) -> bytes:
    """Return the content of one file of a run.

    Raises
    ------
    RunNotFoundError
        When the run has no such file.
    StoreError
        When the store does not answer.
    """
    folder = local_folder(run)
    try:
        return _download(tracking_uri, run.id, path) if folder is None else _inside(folder, path).read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise RunNotFoundError(f"run {run.id} has no file {path!r}") from error
    except OSError as error:
        raise StoreError(f"cannot read {path!r} of run {run.id}: {error}") from error


def download_artifact_text(tracking_uri: str, run: Run, path: str) -> str:
    """Return the content of one UTF-8 file of a run; raises as `read_artifact` does."""
    return read_artifact(tracking_uri, run, path).decode("utf-8", "replace")


def _inside(folder: Path, path: str) -> Path:
    target = (folder / path).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise FileNotFoundError(path)
    return target


def _remote_paths(tracking_uri: str, run_id: str, folder: str) -> Iterator[str]:
    from nbship.store.connection import connect  # noqa: PLC0415 - seconds of import
    from nbship.store.refusal import translated  # noqa: PLC0415

    client = connect(tracking_uri)
    with translated(), _asking():
        entries = client.list_artifacts(run_id, folder or None)
    for entry in entries:
        if entry.is_dir:
            yield from _remote_paths(tracking_uri, run_id, entry.path)
        else:
            yield str(entry.path)


@contextmanager
def _asking() -> Iterator[None]:
    with default_for_a_while(WATCHED | QUIET):
        yield


def _download(tracking_uri: str, run_id: str, path: str) -> bytes:
    import tempfile  # noqa: PLC0415 - next to its only use

    from nbship.store.connection import connect  # noqa: PLC0415
    from nbship.store.refusal import RefusedError, translated  # noqa: PLC0415

    client = connect(tracking_uri)
    try:
        with tempfile.TemporaryDirectory(prefix="nbship-") as folder, translated(), _asking():
            return Path(client.download_artifacts(run_id, path, folder)).read_bytes()
    except RefusedError as error:
        raise FileNotFoundError(path) from error

"""Images into an engine and out of it, as tarballs. What goes wrong is put into words by `nbship.packaging.engine`."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from nbship.packaging.engine_words import refused
from nbship.packaging.sent_file import SentFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["send_archive", "write_archive"]

_LOADED = ("Loaded image ID: ", "Loaded image: ")


def send_archive(api: Any, archive: Path, progress: Callable[[float, str], None] | None) -> str:
    """Send an archive through the SDK's `api`, and return what the engine says that it loaded: a name, or an id."""
    size, loaded = archive.stat().st_size, ""
    with SentFile(archive.open("rb"), size, _told(progress, size)) as sent:
        for line in api.load_image(sent, quiet=False):
            if "error" in line:
                raise refused(f"loading {archive.name} into the engine", RuntimeError(line["error"]))
            said = str(line.get("stream", "")).strip()
            if progress and said:
                progress(1.0, said)
            for beginning in _LOADED:
                loaded = said.removeprefix(beginning) if said.startswith(beginning) else loaded
    return loaded


def write_archive(
    image: Any, reference: str, destination: Path, progress: Callable[[float, str], None] | None
) -> None:
    """Write an image of the SDK to an archive, which is either whole or not there."""
    temporary = destination.with_name(f".{destination.name}.{uuid.uuid4().hex}")
    total = int(image.attrs.get("Size") or 0) or 1
    try:
        with temporary.open("xb") as file:
            for chunk in image.save(named=reference):
                file.write(chunk)
                if progress:
                    progress(min(file.tell() / total, 1.0), reference)
        temporary.replace(destination)
    finally:
        temporary.unlink(missing_ok=True)


def _told(progress: Callable[[float, str], None] | None, size_bytes: int) -> Callable[[int], None]:
    def told(sent: int) -> None:
        if progress:
            progress(min(sent / (size_bytes or 1), 1.0), "sending")

    return told

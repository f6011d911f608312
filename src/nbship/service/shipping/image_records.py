"""Which images were built of which runs: a line each in ``<home>/images.jsonl``.

Public: ``record_image(settings, image)``, ``read_images(home) -> tuple[ImageRecord, ...]``, ``named_images(home)``, the
newest of each name.

A line is a JSON object. Lines of other forms are passed over, so a field can be added without more; one that changes
its meaning needs another file name.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.config import prepare_home
from nbship.model.codec import decode, encode
from nbship.model.image_record import ImageRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.config import Settings
    from nbship.model.image import PackagedImage

__all__ = ["named_images", "read_images", "record_image"]

_FILE = "images.jsonl"
_MOST = 10_000
"""Lines that are read, the newest ones."""


def record_image(settings: Settings, image: PackagedImage) -> None:
    """Remember an image that was put somewhere.

    Raises
    ------
    OSError
        When the project's home cannot be written to.
    """
    if not image.bundle.run_id or not (image.archive or image.pushed or image.loaded):
        return
    record = ImageRecord(
        run_id=image.bundle.run_id,
        reference=image.pushed.partition("@")[0] or image.reference,
        digest=image.digest,
        built_ms=int(time.time() * 1000),
        size_bytes=image.size_bytes,
        platform=image.platform,
        model=image.bundle.name,
        model_version=image.bundle.model_version,
        archive=image.archive,
        pushed=image.pushed,
        loaded=image.loaded,
    )
    # One write of one line in append mode: two that package at once do not tear each other's lines.
    with (prepare_home(settings) / _FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(encode(record)) + "\n")


def read_images(home: Path) -> tuple[ImageRecord, ...]:
    """Return the images that were built in a project and are still there as far as can be seen, oldest first.

    A tarball that was removed is gone; an engine or a registry is not asked.
    """
    try:
        lines = (home / _FILE).read_text(encoding="utf-8", errors="replace").splitlines()[-_MOST:]
    except OSError:
        return ()
    return tuple(record for record in _parsed(lines) if _may_be_there(record))


def named_images(home: Path) -> tuple[ImageRecord, ...]:
    """Return the images of a project, newest first: of those of one name the newest, which has taken it."""
    newest = {record.reference: record for record in read_images(home)}
    return tuple(sorted(newest.values(), key=lambda record: -record.built_ms))


def _parsed(lines: list[str]) -> Iterator[ImageRecord]:
    for line in lines:
        try:
            yield decode(ImageRecord, json.loads(line))
        except (ValueError, TypeError, AttributeError):  # torn, or of another version
            continue


def _may_be_there(record: ImageRecord) -> bool:
    return bool(record.loaded or record.pushed) or Path(record.archive).is_file()

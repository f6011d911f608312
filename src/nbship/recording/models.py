"""The pickles of this user's own kernels, remembered by their digest: such a model may be packaged without being asked."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

from nbship.model.own_models import remember

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["remember_pickle"]

_log = logging.getLogger("nbship.recorder")


def remember_pickle(pickle: Path, run: str, class_name: str) -> None:
    """Add the pickle to the user's list; where that cannot be written, the packager will ask."""
    import platformdirs  # noqa: PLC0415 - wanted by runs with a model only

    try:
        with pickle.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        remember(platformdirs.user_data_path("nbship"), digest, run, class_name)
    except OSError as error:
        _log.warning("the model of run %s is not remembered as one of this user: %s", run, error)

"""Where a shipment is made: its folder, its cache, its platform, and who is told of its progress."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.errors import NbshipError, PackagingError
from nbship.packaging.local_python import architecture
from nbship.packaging.oci import Cache
from nbship.packaging.oci.cache import CACHE_VARIABLE
from nbship.service.shipping.stages import Stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from nbship.model.image import PackageStage

__all__ = ["Workshop", "host_platform", "opened"]


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all parts of the work share.

    Attributes
    ----------
    folder
        Private, and gone when the work is done.
    platform
        That the result is for, e.g. ``linux/amd64``.
    """

    folder: Path
    cache: Cache
    stages: Stages
    platform: str

    def room(self, name: str) -> Path:
        """Make a private folder in the workshop and return it."""
        path = self.folder / name
        path.mkdir(mode=0o700, parents=True)
        return path


def host_platform() -> str:
    """Return the platform of containers that this machine runs by itself, e.g. ``linux/amd64``."""
    return f"linux/{architecture()}"


@contextmanager
def opened(
    weights: Mapping[str, float], platform: str = "", progress: Callable[[PackageStage], None] | None = None
) -> Iterator[Workshop]:
    """Give a workshop for the stages in `weights`; `platform` is by default that of this machine."""
    # On the disk of the cache, whose files are linked and not copied; what a kill leaves there is swept up later.
    cache = Cache.default()
    with cache.scratch() as folder, _disk_errors(cache):
        yield Workshop(folder, cache, Stages(weights, progress), platform or host_platform())


@contextmanager
def _disk_errors(cache: Cache) -> Iterator[None]:
    """Say of an error of the disk, wherever it came from, what can be done about it."""
    try:
        yield
    except NbshipError:  # some of them are OSErrors as well, and say already what to do
        raise
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise PackagingError(
            f"{error.strerror or error}{place}: free some space, or choose other disks: {CACHE_VARIABLE} names the folder "
            f"of what is kept ({cache.root}), TMPDIR that of temporary files ({tempfile.gettempdir()})"
        ) from error

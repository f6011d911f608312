"""Where a shipment is made: its folder, its cache, its platform, and who is told of its progress."""

from __future__ import annotations

import platform as machine
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.packaging.oci import Cache
from nbship.service.shipping.stages import Stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nbship.model.image import PackageStage

__all__ = ["Workshop", "host_platform", "opened"]

_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


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
    name = machine.machine().lower()
    return f"linux/{_MACHINES.get(name, name)}"


@contextmanager
def opened(
    weights: Mapping[str, float], platform: str = "", progress: Callable[[PackageStage], None] | None = None
) -> Iterator[Workshop]:
    """Give a workshop for the stages in `weights`; `platform` is by default that of this machine."""
    with tempfile.TemporaryDirectory(prefix="nbship-ship-") as folder:
        yield Workshop(Path(folder), Cache.default(), Stages(weights, progress), platform or host_platform())

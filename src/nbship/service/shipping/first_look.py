"""What can be seen to be wrong with a request before anything is done for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import UsageError
from nbship.packaging.context import check_context
from nbship.packaging.oci import is_on_disk
from nbship.packaging.platforms import check_platform
from nbship.packaging.references import parse_reference

if TYPE_CHECKING:
    from nbship.config import Settings
    from nbship.service.shipping.grammar import PackageRequest

__all__ = ["check_package"]


def check_package(settings: Settings, request: PackageRequest) -> None:
    """Check what a request names: references, platform, files.

    Raises
    ------
    UsageError
        When a name is malformed, or a place cannot be written to.
    PackagingError
        When there is no base at a path, or nothing is built for such a platform.
    """
    for reference in filter(None, (request.reference, request.push)):
        parse_reference(reference)
    if request.platform:
        check_platform(request.platform)
    if request.archive and Path(request.archive).is_dir():
        raise UsageError(f"--output {request.archive} is a folder; name a file in it, such as image.tar")
    base = request.base or settings.base_image
    if request.context:
        check_context(Path(request.context), base)
    elif base and not is_on_disk(base):
        parse_reference(base)

"""What ``nbship demo`` prints below the run table."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.config import shown_uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.config import Settings

__all__ = ["tour_text"]


def tour_text(folder: Path, notebooks: Sequence[Path], settings: Settings, programs: str = "") -> str:
    """Return where everything is, and how to go on; `programs` stands before each command, where the PATH lacks them."""
    here = folder.resolve() == Path.cwd()
    go = "" if here else f"cd {shlex.quote(str(folder))} && "
    lines = [
        "",
        f"store       {shown_uri(settings.tracking_uri)}",
        *(f"notebook    {path}" for path in notebooks),
        *(f"executed    {path.with_name(f'{path.stem}.executed.ipynb')}" for path in notebooks),
        "",
        f"open it     {go}{programs}jupyter lab {shlex.quote(notebooks[0].name)}",
        f"runs        {go}{programs}nbship runs",
        f"one run     {go}{programs}nbship show latest",
        f"MLflow      {go}{programs}nbship ui",
    ]
    return "\n".join(lines)

"""What ``nbship demo`` prints beside the run table."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from nbship.config import shown_uri
from nbship.display.page import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.config import Settings

__all__ = ["progress_line", "tour_text"]

_BAR = 24
_WIDTH = 100


class _Progress(Protocol):
    @property
    def notebook(self) -> str: ...
    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def heading(self) -> str: ...


def progress_line(progress: _Progress) -> str:
    """Return one line with a bar, padded so that it covers the one before."""
    filled = _BAR * progress.done // max(progress.total, 1)
    bar = "█" * filled + "░" * (_BAR - filled)
    text = f"{progress.notebook}  {bar}  {progress.done}/{progress.total}  {seconds(progress.seconds)}  {progress.heading}"
    return text[:_WIDTH].ljust(_WIDTH)


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

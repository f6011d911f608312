"""Stops a build that would make a wheel without the panel: it would install without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = "src/nbship/labextension/static/style.js"


class PanelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Looks for the built panel after the hook that builds it."""

    PLUGIN_NAME = "panel"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the hook's signature
        """Raise where the panel is missing; an editable install may do without."""
        if version != "editable" and not (Path(self.root) / BUILT).is_file():
            raise FileNotFoundError(
                f"{BUILT} is not there: the wheel would have no panel. Build without SKIP_JUPYTER_BUILDER, "
                "or run `jlpm build:prod` in labextension before."
            )

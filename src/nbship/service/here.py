"""The settings that functions called by name work with: those of the kernel where it tracks, else of the current folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.config import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.config import Settings

__all__ = ["settings_here", "settings_of_kernel"]

_kernels: list[Callable[[], Settings]] = []


def settings_of_kernel(settings: Callable[[], Settings] | None) -> None:
    """Work with these settings from now on, as the magics of the kernel do; None for those of the current folder."""
    _kernels[:] = [] if settings is None else [settings]


def settings_here() -> Settings:
    """Return the settings of the kernel where the extension is loaded, else those of the current folder."""
    return _kernels[0]() if _kernels else load_settings()

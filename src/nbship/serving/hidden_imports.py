"""Libraries that are installed, as if they were not.

Public: `hide`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["hide"]


def hide(names: Collection[str]) -> None:
    """Let this process not find the top-level modules of these names; those that were imported already stay.

    ``sys.modules[name] = None`` would do for an import, but libraries look there for what others have imported.
    """
    sys.meta_path[:] = [_Finder(finder, frozenset(names)) for finder in sys.meta_path]


class _Finder:
    """A finder that overlooks some names, and else does what the one behind it does."""

    def __init__(self, finder: Any, names: frozenset[str]) -> None:
        self._finder = finder
        self._names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return None for a hidden name."""
        if name.partition(".")[0] in self._names:
            return None
        return self._finder.find_spec(name, path, target)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)

"""What is known of the modules that this kernel has loaded, without waking those that load lazily.

Public: `attribute_of`, `file_of`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

__all__ = ["attribute_of", "file_of"]


def attribute_of(module: str, name: str) -> Any:
    """Return an attribute of a loaded module; None where the module or the attribute is missing."""
    loaded = sys.modules.get(module)
    if not issubclass(type(loaded), ModuleType):  # isinstance can be lied to: the `lib` objects of cffi do
        return None
    # Read past __getattribute__, which is where a module loads that loads lazily.
    return object.__getattribute__(loaded, "__dict__").get(name)


def file_of(module: str) -> str | None:
    """Return the file that a module was loaded from; None for a built-in module or a namespace package."""
    file = attribute_of(module, "__file__")
    return file if isinstance(file, str) else None

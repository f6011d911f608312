"""The user's own modules that a kernel has imported, with what they hold."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from functools import cache
from pathlib import Path

from nbship.hashing import digest_file

__all__ = ["is_installed", "local_modules"]

_OWN = frozenset({"nbship", "__main__", "__mp_main__"})


def local_modules(project: Path) -> dict[str, str]:
    """Return the path of each module file that is neither installed nor of Python, with its digest.

    Paths inside `project` are relative to it. Modules of nbship itself are left out.
    """
    found = {}
    for name, module in list(sys.modules.items()):
        # From the dictionary: attribute access can run a module's own `__getattr__`.
        file = getattr(module, "__dict__", {}).get("__file__")
        if isinstance(file, str) and file.endswith(".py") and not is_installed(file):
            path = Path(file).resolve()
            if name.partition(".")[0] not in _OWN and path.is_file():
                shown = path.relative_to(project) if path.is_relative_to(project) else path
                found[str(shown)] = digest_file(path)
    return dict(sorted(found.items()))


def is_installed(file: str) -> bool:
    """Say whether a file belongs to Python or to an installed distribution."""
    return _is_installation(os.path.dirname(file))  # noqa: PTH120 - asked of each loaded module


@cache
def _is_installation(folder: str) -> bool:
    if f"{os.sep}site-packages" in folder or f"{os.sep}dist-packages" in folder:
        return True
    both = {os.path.abspath(folder), os.path.realpath(folder)}  # noqa: PTH100 - see is_installed
    return any((path + os.sep).startswith(known) for path in both for known in _installation_folders())


@cache
def _installation_folders() -> tuple[str, ...]:
    schemes = sysconfig.get_paths()
    folders = [schemes[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders += [*site.getsitepackages(), site.getusersitepackages()]
    return tuple({os.path.join(form(folder), "") for folder in folders for form in (str, os.path.realpath)})  # noqa: PTH118

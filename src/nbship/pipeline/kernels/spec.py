"""Kernelspecs: finding one by name, and telling whether its kernels can be warm."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_core.paths import jupyter_path

from nbship.errors import UsageError

if TYPE_CHECKING:
    from jupyter_client.kernelspec import KernelSpec

__all__ = [
    "FORKS_SAFELY",
    "find_spec",
    "installed_language",
    "installed_specs",
    "interpreter_options",
    "is_ipykernel",
    "why_plain",
]

FORKS_SAFELY = sys.platform == "linux"
"""On macOS, libraries of the system do not survive a fork; Windows has none."""


def installed_specs() -> KernelSpecManager:
    """Return what knows the installed kernels.

    jupyter_client asks IPython for the last of its folders, which it has from times before Jupyter, and loads all of
    IPython for that.
    """
    old = Path(os.environ.get("IPYTHONDIR") or Path.home() / ".ipython") / "kernels"
    return KernelSpecManager(kernel_dirs=[*jupyter_path("kernels"), str(old)])


def find_spec(specs: KernelSpecManager, name: str) -> KernelSpec:
    """Return an installed kernelspec.

    Raises
    ------
    UsageError
        When there is none of that name; the message lists those there are, the nearest first.
    """
    try:
        return specs.get_kernel_spec(name)
    except NoSuchKernel as error:
        known = sorted(specs.find_kernel_specs(), key=lambda other: -_likeness(name, other))
        raise UsageError(
            f"no kernel named {name!r} is installed; there is {', '.join(known) or 'none'}. "
            "Name one of these with --kernel, or install it with `python -m ipykernel install`"
        ) from error


def installed_language(name: str) -> str | None:
    """Return the language of a kernel; None where none of that name is installed."""
    try:
        return str(installed_specs().get_kernel_spec(name).language) or None
    except NoSuchKernel:
        return None


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one.lower(), other.lower()).ratio()


def is_ipykernel(spec: KernelSpec) -> bool:
    """Say whether the kernel is IPython's, started the usual way; others are left to jupyter_client."""
    head, tail = ["-m", "ipykernel_launcher"], ["-f", "{connection_file}"]
    return spec.argv[-4:] == head + tail and "kernel_provisioner" not in spec.metadata


def why_plain(spec: KernelSpec) -> str:
    """Return why the kernel cannot come from a server; empty where it can."""
    if not FORKS_SAFELY:
        return f"processes do not fork safely on {sys.platform}"
    if not is_ipykernel(spec):
        return "the kernel is started in a way of its own"
    if not _is_this_python(spec.argv[0]):
        return f"the kernel runs another Python, {spec.argv[0]}"
    options = [option for option in interpreter_options(spec) if not option.startswith("-X")]
    if options:
        return f"the kernel's Python has options of its own, {' '.join(options)}"
    return ""


def interpreter_options(spec: KernelSpec) -> tuple[str, ...]:
    """Return the options of the kernel's Python."""
    return tuple(spec.argv[1:-4])


def _is_this_python(name: str) -> bool:
    """Say whether a kernelspec's Python is this one: same binary, from the same folder, so of the same environment."""
    if re.fullmatch(rf"python({sys.version_info[0]}(\.{sys.version_info[1]})?)?", name):
        return True  # jupyter_client takes the Python it runs in
    found = shutil.which(name)
    if found is None:
        return False
    one, other = Path(found), Path(sys.executable)
    return one.parent.resolve() == other.parent.resolve() and one.resolve() == other.resolve()

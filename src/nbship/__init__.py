"""From the cell to the container, without leaving the notebook.

``%load_ext nbship`` in a notebook, then ``%%track`` on the first line of a cell.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nbship.errors import NbshipError
    from nbship.hashing import fingerprint
    from nbship.model.data import Fingerprint
    from nbship.model.profile import Profile
    from nbship.model.run import Run
    from nbship.pipeline.parameters.secrets import Secret
    from nbship.profiling.merge import merge as merge_profiles
    from nbship.service.functions import compare, drift, profile
    from nbship.service.shipping.functions import package, serve, services, stop

__all__ = [
    "Fingerprint",
    "NbshipError",
    "Profile",
    "Run",
    "Secret",
    "compare",
    "drift",
    "fingerprint",
    "load_ipython_extension",
    "merge_profiles",
    "package",
    "profile",
    "serve",
    "services",
    "stop",
    "unload_ipython_extension",
]

__version__ = "0.1.0"

_HOMES = {
    "Fingerprint": "nbship.model.data:Fingerprint",
    "NbshipError": "nbship.errors:NbshipError",
    "Profile": "nbship.model.profile:Profile",
    "Run": "nbship.model.run:Run",
    "Secret": "nbship.pipeline.parameters.secrets:Secret",
    "compare": "nbship.service.functions:compare",
    "drift": "nbship.service.functions:drift",
    "fingerprint": "nbship.hashing:fingerprint",
    "merge_profiles": "nbship.profiling.merge:merge",
    "package": "nbship.service.shipping.functions:package",
    "profile": "nbship.service.functions:profile",
    "serve": "nbship.service.shipping.functions:serve",
    "services": "nbship.service.shipping.functions:services",
    "stop": "nbship.service.shipping.functions:stop",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that ``import nbship`` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, _, inside = _HOMES[name].partition(":")
    value = getattr(import_module(home), inside)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, those not loaded yet included."""
    return sorted([*globals(), *_HOMES])


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Load the magics and hooks: what ``%load_ext nbship`` calls."""
    from nbship.magics.extension import load  # noqa: PLC0415 - only a running IPython has what this imports

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take everything out again: what ``%unload_ext nbship`` calls."""
    from nbship.magics.extension import unload  # noqa: PLC0415

    unload(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Say where the built panel lies: what ``jupyter labextension develop`` asks."""
    return [{"src": "labextension", "dest": "nbship"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Say which module extends a Jupyter server."""
    return [{"module": "nbship.labserver"}]

"""What the command line leaves out, so that a notebook starts sooner."""

from __future__ import annotations

import gc
import sys

__all__ = ["hurry"]

_FORMAT_CHECKS = ("isoduration", "rfc3986_validator", "rfc3987_syntax")
"""What jsonschema imports where it is there (JupyterLab brings it), to check text for being a duration or an address. The last
compiles a grammar for 1.8 s at each import, the others take 0.1 s."""


_ALLOCATIONS_BETWEEN_COLLECTIONS = 100_000
"""Loading modules allocates and frees nothing: with Python's 700 a tenth of the time goes into looking for garbage."""


def hurry() -> None:
    """Keep jsonschema, which nbformat imports, from loading checks that nothing here asks for; collect garbage seldom.

    Only for processes that are this command: in a user's kernel the checks stay.
    """
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)
    if "jsonschema" not in sys.modules:
        for name in _FORMAT_CHECKS:
            sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # None makes the import fail

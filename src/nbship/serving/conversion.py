"""A trusted pickle as a skops file, where nothing of the model is lost by it.

Public: `to_skops`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.serving.model_file import unknown_types

if TYPE_CHECKING:
    from pathlib import Path

    from nbship.serving.policy import TrustPolicy

__all__ = ["to_skops"]

_NOTEBOOK = "__main__"
_SHOWN = 5


def to_skops(model: Any, path: Path, policy: TrustPolicy) -> tuple[Any, str]:
    """Write the model as skops and read it back.

    Returns
    -------
    tuple
        The model as it was read back, and an empty text; or None and why it stays a pickle, in plain words. The file
        is there only in the first case.
    """
    if type(model).__module__ == _NOTEBOOK and (strangers := policy.strangers([_name(model)])):
        # It takes seconds to import skops, which knows nothing of a notebook.
        return None, _unknown(strangers)
    try:
        import skops.io  # noqa: PLC0415 - only where it is installed
    except ImportError:
        return None, "skops is not installed where the model was prepared"
    try:
        skops.io.dump(model, path)
        types = unknown_types(path)
        if strangers := policy.strangers(types):
            reason = _unknown(strangers)
        else:
            return skops.io.load(path, trusted=list(types)), ""
    except Exception as error:  # noqa: BLE001 - skops raises whatever the parts of a model raise
        reason = f"skops cannot hold it ({type(error).__name__})"
    path.unlink(missing_ok=True)
    return None, reason


def _name(model: Any) -> str:
    return f"{type(model).__module__}.{type(model).__name__}"


def _unknown(types: tuple[str, ...]) -> str:
    return f"skops does not know {', '.join(types[:_SHOWN])}"

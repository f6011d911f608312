"""A live estimator saved once more, so that it can be shipped without the recorded pickle."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nbship.errors import UsageError
from nbship.model.own_models import remember

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["save_again"]


def save_again(value: object, folder: Path, own_models: Path, variable: str) -> Path:
    """Write a model into `folder`: as data without code where skops can hold it, else as a pickle.

    The pickle is remembered in `own_models` as one that this user wrote.

    Raises
    ------
    UsageError
        When it can be saved in neither form.
    """
    data = _as_skops(value)
    suffix = ".pkl" if data is None else ".skops"
    if data is None:
        data = _as_pickle(value, variable)
    digest = hashlib.sha256(data).hexdigest()
    path = folder / f"{digest[:16]}{suffix}"
    path.write_bytes(data)
    if suffix == ".pkl":
        remember(own_models, digest, class_name=f"{type(value).__module__}.{type(value).__qualname__}")
    return path


def _as_skops(value: object) -> bytes | None:
    try:
        import skops.io  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    try:
        data: bytes = skops.io.dumps(value)
    except Exception:  # noqa: BLE001 - skops raises what the parts of the estimator raise
        return None
    return data


def _as_pickle(value: object, variable: str) -> bytes:
    import cloudpickle

    try:
        data: bytes = cloudpickle.dumps(value)
    except Exception as error:  # cloudpickle raises what the parts of the estimator raise
        raise UsageError(
            f"--resave {variable}: it can be saved neither by skops nor as a pickle ({type(error).__name__}: {error})"
        ) from error
    return data

"""Reading the model of a bundle, under the policy of the server.

Public: `read_model`, `unknown_types`.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import NbshipError, PackagingError
from nbship.model.bundle import Bundle, ModelFormat
from nbship.serving.python_model import stand_in_for_mlflow

if TYPE_CHECKING:
    from nbship.serving.policy import TrustPolicy

__all__ = ["CODE_FOLDER", "read_model", "unknown_types"]

CODE_FOLDER = "code"
"""Beside the model file: modules that its pickle imports."""


def read_model(folder: Path, bundle: Bundle, policy: TrustPolicy) -> Any:
    """Return the model that lies in a bundle folder.

    Raises
    ------
    UntrustedModelError
        When the policy does not let it be read.
    PackagingError
        When it cannot be read.
    """
    path = folder / bundle.model_path
    if bundle.format is ModelFormat.SKOPS:
        return _read_skops(path, policy)
    return _read_pickle(path, policy)


def unknown_types(path: Path) -> tuple[str, ...]:
    """Return the types of a skops file that skops itself does not trust."""
    import skops.io  # noqa: PLC0415 - only where the model needs it

    return tuple(str(name) for name in skops.io.get_untrusted_types(file=path))


def _read_skops(path: Path, policy: TrustPolicy) -> Any:
    import skops.io  # noqa: PLC0415 - only where the model needs it

    try:
        types = unknown_types(path)
        policy.check_types(path, types)
        return skops.io.load(path, trusted=list(types))
    except NbshipError:
        raise
    except Exception as error:  # skops raises whatever the parts of a model raise
        reason = f"{type(error).__name__}: {error}"
        raise PackagingError(f"the model {path.name} cannot be read: {reason}") from error


def _read_pickle(path: Path, policy: TrustPolicy) -> Any:
    code = str(path.parent / CODE_FOLDER)
    with path.open("rb") as file:
        policy.check_pickle(path, hashlib.file_digest(file, "sha256").hexdigest())
        # The same open file, so that nothing else can take its place between the check and the reading.
        file.seek(0)
        if Path(code).is_dir() and code not in sys.path:
            sys.path.insert(0, code)
        stand_in_for_mlflow()
        try:
            return pickle.load(file)  # noqa: S301 - the policy named its SHA-256
        except Exception as error:  # what a pickle raises is up to its classes
            reason = f"{type(error).__name__}: {error}"
            raise PackagingError(f"the model {path.name} cannot be read: {reason}") from error

"""A model of the store, and why its file may be read."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import UsageError
from nbship.model.own_models import remembered
from nbship.packaging.trust import decide_trust
from nbship.service.apart import asking
from nbship.service.history import await_spool
from nbship.store.model_source import load_model_source

if TYPE_CHECKING:
    from nbship.config import Settings
    from nbship.model.image import ModelSource
    from nbship.packaging.trust import TrustDecision
    from nbship.service.shipping.grammar import PackageRequest, ServeRequest

__all__ = ["TrustedSource", "own_models_folder", "read_source"]

_WAIT_SECONDS = 60.0
"""Longer than for a listing: without the run there is nothing to do."""


@dataclass(frozen=True, slots=True)
class TrustedSource:
    """A model, and the decision of the policy."""

    source: ModelSource
    decision: TrustDecision

    @property
    def python(self) -> str:
        """The minor version of the Python that it was made with."""
        return ".".join(self.source.python.split(".")[:2])


def own_models_folder() -> Path:
    """Return where the digests of the pickles that this user's kernels wrote are kept: outside of any project."""
    import platformdirs

    return platformdirs.user_data_path("nbship")


def read_source(settings: Settings, request: PackageRequest | ServeRequest, folder: Path) -> TrustedSource:
    """Return the model that a request means, downloaded into a private folder.

    Raises
    ------
    UsageError, RunNotFoundError
        When there is none.
    UntrustedModelError
        When its file would run code, and nobody has said that it may.
    """
    await_spool(settings, _WAIT_SECONDS)
    with asking(settings):
        source = load_model_source(settings.tracking_uri, request.what, folder)
    if request.model_file:
        source = _with_file(source, Path(request.model_file))
    own = remembered(own_models_folder())
    decision = decide_trust(source, own=own, named=settings.trusted_models, trust_pickle=request.trust_pickle)
    return TrustedSource(source, decision)


def _with_file(source: ModelSource, file: Path) -> ModelSource:
    """Return the source with a file in the place of the recorded one."""
    if not file.is_file():
        raise UsageError(f"--model-file {file}: there is no such file")
    name = f"saved-again{file.suffix}"
    shutil.copyfile(file, source.folder / name)
    digest = sha256(file.read_bytes()).hexdigest()
    return replace(
        source,
        model_file=name,
        serialization="skops" if file.suffix == ".skops" else "cloudpickle",
        files={**source.files, name: digest},
    )

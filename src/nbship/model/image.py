"""Images and served models, as they are built, shown and listed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbship.model.bundle import Bundle
from nbship.model.codec import decode, encode
from nbship.model.profile import Profile
from nbship.model.run import Run
from nbship.model.shown import Shown

__all__ = [
    "ImageLayer",
    "LockedWheel",
    "ModelSource",
    "PackageStage",
    "PackagedImage",
    "ServedModel",
    "ServedModels",
    "SmokeTest",
    "Snippets",
]


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model as the store holds it, downloaded to a private folder, with all that is known of it.

    Attributes
    ----------
    folder
        The MLflow model folder (``MLmodel`` and its files).
    name, version
        What it shall be called in addresses and images, and the version of the registered model where it is one.
    flavor
        ``sklearn``, or ``pyfunc`` for a model that MLflow wrapped itself.
    model_file
        Relative path of the file with the model.
    serialization
        ``skops``, ``cloudpickle`` or ``pickle``.
    model_class
        Qualified class name, where it was recorded.
    signature
        MLflow's JSON form, ``{"inputs": "[…]", "outputs": "[…]", "params": …}``; None without one.
    example
        The recorded input: ``{"columns": […], "data": […]}`` or ``{"inputs": …}``; None without one.
    predictions
        What the model answered to `example` when it was tracked; None when that was not recorded.
    requirements
        What the model needs, pinned, ``name==version``.
    environment
        Everything that was installed when it was tracked, pinned; versions of what `requirements` need in turn.
    python
        Full version at track time, e.g. ``3.11.2``.
    files
        Relative path to SHA-256 of every file of the folder.
    profile
        Summary of the data that the model learnt from; None without one.
    code
        Relative paths of folders with modules that the model's file imports; none for models that nbship tracked.
    artifacts
        Of a ``PythonModel``: name to the relative path of a file or folder that it reads.
    lineage
        What ``/lineage`` answers: run, parameters, metrics, cell sources, datasets with their digests, git.
    """

    folder: Path
    name: str
    run: Run
    flavor: str
    model_file: str
    serialization: str
    version: str = ""
    model_class: str = ""
    signature: dict[str, Any] | None = None
    example: Any = None
    predictions: Any = None
    requirements: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    python: str = ""
    files: dict[str, str] = field(default_factory=dict)
    profile: Profile | None = None
    lineage: dict[str, Any] = field(default_factory=dict)
    code: tuple[str, ...] = ()
    artifacts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LockedWheel:
    """A wheel of the lock: normalised name, version, file name, SHA-256 in hexadecimal, size, and where it lies here.

    `requires` are the ``Requires-Dist`` of its metadata.
    """

    name: str
    version: str
    filename: str
    sha256: str
    size_bytes: int
    path: Path
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageLayer:
    """A layer of an image.

    Attributes
    ----------
    name
        ``base``, ``heavy wheels``, ``other wheels``, ``runtime`` or ``model``.
    digest, diff_id
        ``sha256:…`` of the compressed and of the plain tar.
    size_bytes, plain_bytes
        Of the compressed and of the plain tar; `plain_bytes` is 0 where a base does not tell.
    media_type
        Of the compressed form.
    cached
        Whether it was there already.
    """

    name: str
    digest: str
    diff_id: str
    size_bytes: int
    plain_bytes: int = 0
    media_type: str = "application/vnd.oci.image.layer.v1.tar+gzip"
    cached: bool = False


@dataclass(frozen=True, slots=True)
class SmokeTest:
    """The recorded example, replayed against the built image.

    Attributes
    ----------
    where
        ``process`` (the image's own files in a plain process), ``container``, or empty when it could not be run here;
        `note` tells why.
    rows
        How many rows were compared.
    ready_seconds
        From the start of the process to the first ready answer.
    largest_difference
        Of numeric predictions; 0 when they are equal.
    """

    where: str
    rows: int = 0
    ready_seconds: float = 0.0
    largest_difference: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Snippets:
    """How to ask a served model, made from its signature."""

    curl: str
    python: str


@dataclass(frozen=True, slots=True)
class PackageStage:
    """A step of packaging, for a progress bar: what is being done, and how much of all is done (0 to 1).

    `at_ms` is when that was, in milliseconds since the epoch.
    """

    name: str
    done: float
    detail: str = ""
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class PackagedImage(Shown):
    """The result of ``package``.

    Attributes
    ----------
    reference
        The name and tag, e.g. ``iris:1``.
    digest
        ``sha256:…`` of the manifest: equal for equal runs, wherever it is built.
    config_digest
        ``sha256:…`` of the configuration; a Docker engine calls it the image id.
    platform
        E.g. ``linux/amd64``.
    base, base_digest
        What it is based on.
    archive
        The tarball; empty when none was written.
    context
        The build context; empty when none was written.
    pushed
        Where it was pushed to, with digest; empty when it was not.
    loaded
        Whether the local engine has it.
    uploaded_layers
        How many layers the push had to upload.
    seconds
        Stage name to wall seconds.
    verified
        None when it was not asked for; else whether a rebuild from scratch gave the same digest.
    """

    reference: str
    digest: str
    config_digest: str
    platform: str
    base: str
    base_digest: str
    layers: tuple[ImageLayer, ...]
    bundle: Bundle
    smoke: SmokeTest
    snippets: Snippets
    archive: str = ""
    context: str = ""
    pushed: str = ""
    uploaded_layers: int = 0
    loaded: bool = False
    verified: bool | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Compressed size of all layers."""
        return sum(layer.size_bytes for layer in self.layers)

    @property
    def added_bytes(self) -> int:
        """Compressed size of the layers above the base."""
        return sum(layer.size_bytes for layer in self.layers if layer.name != "base")

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {**encode(self), "size_bytes": self.size_bytes, "added_bytes": self.added_bytes}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PackagedImage:
        """Build the result that `to_dict` described."""
        return decode(cls, data)


@dataclass(frozen=True, slots=True)
class ServedModel(Shown):
    """A model that answers requests.

    Attributes
    ----------
    name
        What ``nbship stop`` takes.
    kind
        ``container`` or ``process``.
    endpoint
        E.g. ``http://127.0.0.1:8080``.
    state
        ``starting``, ``ready``, ``draining``, ``stopped`` or ``failed``.
    reason
        Why a process and not a container, or why it failed; empty otherwise.
    container_id, image, pid
        Of the kind that it is.
    log_folder
        Where it logs its predictions on this machine.
    method
        The method of the model that answers; empty where an older nbship started it.
    """

    name: str
    kind: str
    endpoint: str
    state: str
    run_id: str
    run_name: str = ""
    model: str = ""
    model_version: str = ""
    model_digest: str = ""
    reason: str = ""
    container_id: str = ""
    image: str = ""
    pid: int = 0
    started_ms: int = 0
    ready_seconds: float = 0.0
    log_folder: str = ""
    snippets: Snippets | None = None
    method: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        data: dict[str, Any] = encode(self)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ServedModel:
        """Build the model that `to_dict` described."""
        return decode(cls, data)


@dataclass(frozen=True, slots=True)
class ServedModels(Shown):
    """All that is served from this project and in its engine."""

    services: tuple[ServedModel, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {"services": [service.to_dict() for service in self.services]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ServedModels:
        """Build the list that `to_dict` described."""
        return cls(tuple(ServedModel.from_dict(service) for service in data["services"]))

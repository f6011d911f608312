"""Packaging and serving on the wire."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from nbship.model.image_record import ImageRecord
from nbship.model.shipping_means import ShippingMeans

__all__ = [
    "ImagesJson",
    "PackageBody",
    "PackageOptionsJson",
    "ServeBody",
    "ServeOptionsJson",
    "ShippingCommandJson",
    "ShippingJobJson",
    "ShippingMeansJson",
    "StageJson",
]

_Run = Annotated[str, Field(min_length=1, max_length=500)]
_Port = Annotated[int, Field(ge=1, le=65_535)]


class ModelOptionsJson(TypedDict, total=False):
    """The options that ``nbship package`` and ``nbship serve`` have in common."""

    name: str
    method: str
    base: str
    trust_pickle: bool


class PackageOptionsJson(ModelOptionsJson, total=False):
    """The options of ``nbship package``; `archive` is a path below the server's folder."""

    reference: str
    platform: str
    archive: str
    push: str
    load: bool
    verify: bool


class ServeOptionsJson(ModelOptionsJson, total=False):
    """The options of ``nbship serve``; `kind` is ``container``, ``process``, or empty for what there is."""

    port: _Port | None
    kind: str
    replace: bool


class PackageBody(TypedDict):
    """Which run to package, and how: an id, ``runs:/RUN/MODEL`` or ``models:/NAME/VERSION``; `label` is what to call it."""

    run: _Run
    label: NotRequired[str]
    options: NotRequired[PackageOptionsJson]


class ServeBody(TypedDict):
    """Which run to serve, and how; see `PackageBody`."""

    run: _Run
    label: NotRequired[str]
    options: NotRequired[ServeOptionsJson]


class ShippingCommandJson(TypedDict):
    """What one would type for the same."""

    command: str


class StageJson(TypedDict):
    """A stage of packaging or serving: what is or was being done, since when, and for how long; null while it goes on."""

    name: str
    detail: str
    seconds: float | None
    began_ms: int


class ShippingJobJson(TypedDict):
    """What a job of packaging or serving was asked for, and its stages so far.

    `asked` is the body that started it. `untrusted` says that it failed because the model is a pickle that nobody trusts
    yet. `places` says in words where an image is now, `smoke` how its test went.
    """

    asked: dict[str, Any] | None
    stages: list[StageJson]
    untrusted: bool
    places: list[tuple[str, str]]
    smoke: str


class ShippingMeansJson(TypedDict):
    """What this machine has for packaging and serving."""

    means: ShippingMeans


class ImagesJson(TypedDict):
    """The images of the project, newest first."""

    images: list[ImageRecord]

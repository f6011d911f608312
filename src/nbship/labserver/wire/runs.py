"""Runs on the wire: listed, and put in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from nbship.config import shown_uri
from nbship.model.codec import encode
from nbship.model.run import DatasetSummary, RunStatus
from nbship.model.run_record import RunBadges

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.model.run import RunPage

__all__ = [
    "AliasBody",
    "AliasJson",
    "AliasQuery",
    "ArchiveBody",
    "ArrivingJson",
    "ArrivingQuery",
    "RegisterBody",
    "RunJson",
    "RunKeysJson",
    "RunKeysQuery",
    "RunPageJson",
    "RunsBody",
    "RunsQuery",
    "TagBody",
    "run_page_json",
]

MOST_RUNS = 500
MOST_AT_ONCE = 10_000

_Runs = Annotated[list[str], Field(min_length=1, max_length=MOST_AT_ONCE)]
_Text = Annotated[str, Field(min_length=1)]


class RunJson(TypedDict):
    """A run; `started` is ISO 8601 in UTC, and a metric that is no finite number is text, as in MLflow's REST API."""

    id: str
    name: str
    status: RunStatus
    experiment: str
    started: str
    duration_seconds: float | None
    params: dict[str, str]
    metrics: dict[str, float | str]
    datasets: list[DatasetSummary]
    tags: dict[str, str]
    artifact_uri: str


class RunKeysQuery(TypedDict):
    """Whose names: with `notebook` only those of the runs of the notebook that asks."""

    notebook: NotRequired[bool]


class ArrivingQuery(RunKeysQuery):
    """Which runs; `query` is plain words or MLflow's filter syntax."""

    query: NotRequired[str]


class RunsQuery(ArrivingQuery):
    """Which page of which runs; `sort` is a key as ``nbship runs --sort`` takes it."""

    sort: NotRequired[str]
    limit: NotRequired[Annotated[int, Field(ge=1, le=MOST_RUNS)]]
    offset: NotRequired[Annotated[int, Field(ge=0)]]
    archived: NotRequired[bool]


class RunPageJson(TypedDict):
    """A page of runs and, by run id, what became of them; `total` is null where the store cannot tell."""

    runs: list[RunJson]
    more: bool
    tracking_uri: str
    waiting: int
    total: int | None
    badges: dict[str, RunBadges]


class ArrivingJson(TypedDict):
    """The runs that the store does not know yet, newest first: their id is that in the tag ``nbship.run``."""

    runs: list[RunJson]


class RunKeysJson(TypedDict):
    """What runs can be sorted by: names of metrics and of parameters."""

    metrics: list[str]
    params: list[str]


class RunsBody(TypedDict):
    """The runs that something is done to, by id."""

    runs: _Runs


class TagBody(RunsBody):
    """Tags to be set; null removes one."""

    tags: Annotated[dict[_Text, str | None], Field(min_length=1)]


class ArchiveBody(RunsBody):
    """Whether runs are put away, or brought back with `archived` false."""

    archived: NotRequired[bool]


class RegisterBody(TypedDict):
    """The model of which run becomes a version of which registered model; `run` may be ``runs:/RUN/MODEL``."""

    run: _Text
    name: _Text
    alias: NotRequired[str | None]


class AliasQuery(TypedDict):
    """An alias of a registered model."""

    name: _Text
    alias: _Text


class AliasBody(AliasQuery):
    """To which version an alias points from now on."""

    version: _Text


class AliasJson(TypedDict):
    """An alias that is no more."""

    name: str
    alias: str


def run_page_json(page: RunPage, badges: Mapping[str, RunBadges]) -> RunPageJson:
    """Return a page of runs as JSON; the address of the store is told without its password."""
    told = {name: encode(found) for name, found in badges.items()}
    return {**page.to_dict(), "tracking_uri": shown_uri(page.tracking_uri), "badges": told}  # type: ignore[typeddict-item]

"""The runs of a project: listed, tagged, put away, deleted; their models registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship import service
from nbship.errors import UsageError
from nbship.labserver.endpoint import delete, get, post
from nbship.labserver.place import Place
from nbship.labserver.wire.run_files import ModelVersionJson
from nbship.labserver.wire.runs import (
    AliasBody,
    AliasJson,
    AliasQuery,
    ArchiveBody,
    ArrivingJson,
    ArrivingQuery,
    RegisterBody,
    RunKeysJson,
    RunKeysQuery,
    RunPageJson,
    RunsBody,
    RunsQuery,
    TagBody,
    run_page_json,
)
from nbship.model.curation import Curated
from nbship.service.arriving import arriving

if TYPE_CHECKING:
    from nbship.model.registry import ModelVersion

__all__ = [
    "alias_version",
    "archive_runs",
    "delete_runs",
    "list_arriving_runs",
    "list_run_keys",
    "list_runs",
    "register_model",
    "remove_alias",
    "restore_runs",
    "tag_runs",
]

LIMIT = 100


@get("/runs")
def list_runs(place: Place, query: RunsQuery) -> RunPageJson:
    """List a page of the runs that the store holds now."""
    page = service.runs(
        place.settings,
        query.get("query"),
        limit=query.get("limit", LIMIT),
        offset=query.get("offset", 0),
        sort=query.get("sort"),
        notebook=_notebook(place, query),
        archived=query.get("archived", False),
        wait_seconds=0,
    )
    return run_page_json(page, service.badges(place.settings, page.runs))


@get("/runs/arriving")
def list_arriving_runs(place: Place, query: ArrivingQuery) -> ArrivingJson:
    """List the runs that the store does not know yet; the store is not asked."""
    found = arriving(place.live.sessions(), query.get("query"), notebook=_notebook(place, query))
    return {"runs": [run.to_dict() for run in found]}  # type: ignore[misc]


@get("/runs/keys")
def list_run_keys(place: Place, query: RunKeysQuery) -> RunKeysJson:
    """List what runs can be sorted by."""
    notebook = _notebook(place, query)
    return {
        "metrics": list(service.metric_names(place.settings, notebook)),
        "params": list(service.param_names(place.settings, notebook)),
    }


@post("/runs/tag")
def tag_runs(place: Place, body: TagBody) -> Curated:
    """Set or remove tags of runs."""
    return service.tag_runs(place.settings, body["runs"], body["tags"]).to_dict()  # type: ignore[return-value]


@post("/runs/archive")
def archive_runs(place: Place, body: ArchiveBody) -> Curated:
    """Put runs away, or bring them back."""
    archived = body.get("archived", True)
    return service.archive_runs(place.settings, body["runs"], archived=archived).to_dict()  # type: ignore[return-value]


@post("/runs/delete")
def delete_runs(place: Place, body: RunsBody) -> Curated:
    """Delete runs, until they are restored."""
    return service.delete_runs(place.settings, body["runs"]).to_dict()  # type: ignore[return-value]


@post("/runs/restore")
def restore_runs(place: Place, body: RunsBody) -> Curated:
    """Bring deleted runs back."""
    return service.restore_runs(place.settings, body["runs"]).to_dict()  # type: ignore[return-value]


@post("/runs/register")
def register_model(place: Place, body: RegisterBody) -> ModelVersionJson:
    """Make the model of a run a version of a registered model."""
    # In a process of its own: mlflow would set its tracking URI for all threads of this one.
    made = service.register(
        place.settings, body["run"], body["name"], alias=body.get("alias") or None, apart=True
    )
    return _version(made)


@post("/runs/alias")
def alias_version(place: Place, body: AliasBody) -> ModelVersionJson:
    """Let an alias point to a version of a registered model."""
    return _version(service.set_alias(place.settings, body["name"], body["alias"], body["version"]))


@delete("/runs/alias")
def remove_alias(place: Place, query: AliasQuery) -> AliasJson:
    """Take an alias of a registered model away."""
    service.remove_alias(place.settings, query["name"], query["alias"])
    return {"name": query["name"], "alias": query["alias"]}


def _version(found: ModelVersion) -> ModelVersionJson:
    return found.to_dict()  # type: ignore[return-value]


def _notebook(place: Place, query: RunKeysQuery) -> str | None:
    """Return the notebook whose runs are wanted, by its path in the project; None for those of all."""
    if not query.get("notebook", False):
        return None
    if place.notebook is None:
        raise UsageError("only the runs of a notebook are wanted, and none was named; open one first")
    project = place.settings.project
    inside = place.notebook.is_relative_to(project)
    return place.notebook.relative_to(project).as_posix() if inside else place.notebook.name

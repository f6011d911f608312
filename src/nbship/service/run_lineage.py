"""What a run came from and led to, as a graph; what is raised is said in `nbship.service.run_files`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import NbshipError
from nbship.model.run_record import Lineage, LineageNode
from nbship.provenance.records import parse_datasets
from nbship.provenance.run_files import RunFiles
from nbship.service.apart import asking
from nbship.service.history import find_run
from nbship.service.run_badges import SERVING
from nbship.service.run_ledger import parse_ledger
from nbship.service.shipping.image_records import read_images
from nbship.store import reader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbship.config import Settings
    from nbship.model.cell import CellExecution
    from nbship.model.data import DatasetRecord
    from nbship.model.run import Run
    from nbship.service.run_ledger import Ledger

__all__ = ["run_lineage"]

MOST_FILES = 50
"""Of those that the run has read, and of those that it has written."""

MOST_CHILDREN = 50

_LEDGER = "nbship/ledger.json"
_DATA = "nbship/data.json"
_PARENT_TAG = "mlflow.parentRunId"
_INPUTS_TAG = "nbship.inputs"
_KIND_TAG = "nbship.kind"
_TARGET_TAG = "nbship.target"
_SHORT = 8


def run_lineage(settings: Settings, run: str) -> Lineage:
    """Return the files and datasets of a run, its parent and children, its models, their versions, images and services."""
    with asking(settings):
        found = find_run(settings, run)
        graph = _Graph(found)
        files = RunFiles(settings.tracking_uri, found)
        ledger = files.parsed(_LEDGER, parse_ledger)
        records = files.parsed(_DATA, parse_datasets)
        if records is None:
            _add_listed_data(graph, found)
        else:
            _add_data(graph, records, ledger)
        if ledger is not None:
            _add_files(graph, ledger, settings.project)
        _add_family(graph, settings, found)
        _add_models(graph, settings, found)
    _add_services(graph, settings, found)
    return graph.lineage()


class _Graph:
    """Nodes by id and edges, each once, around one run."""

    def __init__(self, run: Run) -> None:
        self._nodes: dict[str, LineageNode] = {}
        self._edges: dict[tuple[str, str], None] = {}
        self.center = self.run(run)

    def add(self, kind: str, key: str, label: str, detail: str = "", run: str = "") -> str:
        """Return the id of a node, which is made where it is missing."""
        name = f"{kind}:{key}"
        self._nodes.setdefault(name, LineageNode(name, kind, label, detail, run))
        return name

    def run(self, run: Run) -> str:
        kind = run.tags.get(_KIND_TAG, "")
        detail = f"{kind}, {run.status.value.lower()}" if kind else run.status.value.lower()
        return self.add("run", run.id, run.name or run.id[:_SHORT], detail, run.id)

    def link(self, earlier: str, later: str) -> None:
        self._edges.setdefault((earlier, later))

    def has(self, node: str) -> bool:
        return node in self._nodes

    def lineage(self) -> Lineage:
        return Lineage(tuple(self._nodes.values()), tuple(self._edges))


def _add_data(graph: _Graph, records: tuple[DatasetRecord, ...], ledger: Ledger | None) -> None:
    """Add the datasets in memory, and where it is known which cell bound one, the files that the cell has read."""
    readers = {one.index: one.files_read for one in ledger.executions} if ledger else {}
    for record in records:
        if record.source == "file":
            continue  # among the files that the cells have read
        digest = record.fingerprint.digest
        node = graph.add(
            "dataset", f"{record.name}@{digest}", record.name, _size(record.fingerprint.rows, digest)
        )
        graph.link(node, graph.center)
        for file in readers.get(-1 if record.produced_by is None else record.produced_by, ())[:MOST_FILES]:
            graph.link(graph.add("file", file.path, file.path, (file.digest or "")[:_SHORT]), node)


def _add_listed_data(graph: _Graph, run: Run) -> None:
    for one in run.datasets:
        node = graph.add("dataset", f"{one.name}@{one.digest}", one.name, _size(one.rows, one.digest))
        graph.link(node, graph.center)


def _add_files(graph: _Graph, ledger: Ledger, project: Path) -> None:
    """Add the files that the run has read, where no dataset stands for them, and those that it has written."""
    needed = [one for one in ledger.executions if one.index in ledger.needed | ledger.own]
    for path, detail in _first(_read(needed)):
        if not graph.has(f"file:{path}"):
            graph.link(graph.add("file", path, path, detail), graph.center)
    own = [one for one in ledger.executions if one.index in ledger.own]
    for path, _ in _first((path, "") for one in own for path in one.files_written):
        near = Path(path).relative_to(project) if Path(path).is_relative_to(project) else Path(path)
        graph.link(graph.center, graph.add("file", near.as_posix(), near.as_posix(), "written"))


def _read(executions: Iterable[CellExecution]) -> Iterable[tuple[str, str]]:
    return ((file.path, (file.digest or "")[:_SHORT]) for one in executions for file in one.files_read)


def _first(files: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return list(dict(files).items())[:MOST_FILES]


def _size(rows: int | None, digest: str) -> str:
    return digest[:_SHORT] if rows is None else f"{rows:,} rows, {digest[:_SHORT]}"


def _add_family(graph: _Graph, settings: Settings, run: Run) -> None:
    uri = settings.tracking_uri
    parent = _other(settings, run.tags.get(_PARENT_TAG, ""))
    if parent is not None:
        graph.link(graph.run(parent), graph.center)
    for child in reader.children(uri, run.id, MOST_CHILDREN):
        graph.link(graph.center, graph.run(child))
    for name, maker in _inputs(run).items():
        node = graph.add("file", name, name)
        graph.link(node, graph.center)
        made_by = _other(settings, maker)
        if made_by is not None:
            graph.link(graph.run(made_by), node)


def _inputs(run: Run) -> dict[str, str]:
    """Return the inputs of a step of a pipeline, each with the id of the run that made it, or with none."""
    try:
        found: dict[str, dict[str, Any]] = json.loads(run.tags.get(_INPUTS_TAG, "{}"))
        return {str(name): str(one.get("run") or "") for name, one in found.items()}
    except (ValueError, AttributeError):  # cut to the length of a tag, or somebody else's
        return {}


def _other(settings: Settings, run: str) -> Run | None:
    """Return a run that another one names; None where it is gone."""
    try:
        return reader.get(settings.tracking_uri, run) if run else None
    except NbshipError:
        return None


def _add_models(graph: _Graph, settings: Settings, run: Run) -> None:
    from nbship.store.model_source import models_of_run
    from nbship.store.registry import versions_of_runs

    for name, model in models_of_run(settings.tracking_uri, run).items():
        detail = model.class_name.rpartition(".")[2]
        graph.link(graph.center, graph.add("model", name, name, detail))
    for version in versions_of_runs(settings.tracking_uri, [run.id]).get(run.id, ()):
        label = f"{version.name} {version.version}"
        node = graph.add("version", f"{version.name}/{version.version}", label, ", ".join(version.aliases))
        model_node = f"model:{version.model}"
        graph.link(model_node if graph.has(model_node) else graph.center, node)


def _add_services(graph: _Graph, settings: Settings, run: Run) -> None:
    """Add the images that this project remembers, and what is served now."""
    from nbship.service.shipping.serving import services

    for image in read_images(settings.home):
        if image.run_id == run.id:
            node = graph.add(
                "image", image.reference, image.reference, image.digest.removeprefix("sha256:")[:12]
            )
            graph.link(_source_of(graph, image.model, image.model_version), node)
    for one in services(settings).services:
        if one.run_id == run.id and one.state in SERVING:
            node = graph.add("service", one.name, one.name, f"{one.kind}, {one.state}, {one.endpoint}")
            built = f"image:{one.image}"
            source = built if graph.has(built) else _source_of(graph, one.model, one.model_version)
            graph.link(source, node)


def _source_of(graph: _Graph, name: str, version: str) -> str:
    """Return the node of what was shipped: the registered version, else the run's model, else the run itself."""
    registered = f"version:{name}/{version}"
    if version and graph.has(registered):
        return registered
    return "model:model" if graph.has("model:model") else graph.center

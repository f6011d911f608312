"""Our dataset records as MLflow's dataset inputs, and the links that equal digests make between runs."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

from nbship.store.names import clip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.data import DatasetRecord

__all__ = ["MAX_LINEAGE", "dataset_inputs", "find_lineage"]

MAX_LINEAGE = 20
_MAX_NAME = 500
_MAX_DIGEST = 36
_MAX_SCHEMA = 1_000_000
_LINEAGE_SECONDS = 5.0

# Canonical dtypes to the types of mlflow.types.DataType; what is not here is shown as an object.
_TYPES = (
    (r"bool", "boolean"),
    (r"u?int(8|16|32)|int32", "integer"),
    (r"u?int64", "long"),
    (r"float(16|32)|half", "float"),
    (r"(float64|double|decimal.*)", "double"),
    (r"(large_)?(string|utf8)|str|object|category.*|dictionary.*", "string"),
    (r"(large_)?binary|bytes", "binary"),
    (r"(timestamp|datetime|date).*", "datetime"),
)


def dataset_inputs(records: Sequence[DatasetRecord], context: str = "training") -> list[Any]:
    """Return one `DatasetInput` a record, with our digest and MLflow's own schema and profile JSON."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    return [
        DatasetInput(
            Dataset(
                name=clip(record.name, _MAX_NAME),
                digest=record.fingerprint.digest[:_MAX_DIGEST],
                source_type="local" if record.source == "file" else "code",
                source=json.dumps(_source(record)),
                schema=_schema(record),
                profile=json.dumps(_profile(record)),
            ),
            tags=[InputTag("mlflow.data.context", context)],
        )
        for record in records
    ]


def _source(record: DatasetRecord) -> dict[str, Any]:
    """Return the source in the form of mlflow's LocalArtifactDatasetSource or CodeDatasetSource."""
    if record.source == "file":
        return {"uri": record.name}
    return {"tags": {"variable": record.name, "type": record.type}}


def _schema(record: DatasetRecord) -> str | None:
    columns = record.fingerprint.columns
    if not columns or record.fingerprint.kind not in ("table", "array", "sparse"):
        return None
    specs = [{"type": _type(column.dtype), "name": column.name, "required": True} for column in columns]
    text = json.dumps({"mlflow_colspec": specs})
    return text if len(text) < _MAX_SCHEMA else None


def _type(dtype: str) -> str:
    return next((name for pattern, name in _TYPES if re.fullmatch(pattern, dtype.lower())), "string")


def _profile(record: DatasetRecord) -> dict[str, Any]:
    """Return what MLflow's page shows, under its own names, and the rest of the fingerprint beside it."""
    found = record.fingerprint
    elements = 1
    for length in found.shape:
        elements *= length
    profile: dict[str, Any] = {"num_rows": found.rows, "num_elements": elements if found.shape else None}
    profile |= {
        "shape": list(found.shape) or None,
        "size_bytes": found.size_bytes,
        "algorithm": found.algorithm,
    }
    return {key: value for key, value in profile.items() if value is not None}


def find_lineage(
    client: Any, run_id: str, started_ms: int, records: Sequence[DatasetRecord]
) -> list[dict[str, str]]:
    """Return the newest earlier runs of the store that had a dataset of the same content as an input.

    At most `MAX_LINEAGE` links ``{"run", "dataset", "digest"}``, newest run first; the search ends after 5 seconds
    with what it has by then.
    """
    deadline = time.monotonic() + _LINEAGE_SECONDS
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    links: list[tuple[int, dict[str, str]]] = []
    names = {record.fingerprint.digest[:_MAX_DIGEST]: record.name for record in records}
    for digest, name in names.items():
        if time.monotonic() > deadline:
            break
        earlier = client.search_runs(
            experiments,
            filter_string=f"dataset.digest = '{digest}' AND attributes.start_time < {started_ms}",
            max_results=MAX_LINEAGE + 1,
            order_by=["attributes.start_time DESC"],
        )
        links += [
            (run.info.start_time, {"run": run.info.run_id, "dataset": name, "digest": digest})
            for run in earlier
            if run.info.run_id != run_id
        ]
    links.sort(key=lambda link: link[0], reverse=True)
    return [link for _, link in links[:MAX_LINEAGE]]

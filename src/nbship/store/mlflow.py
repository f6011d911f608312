"""Writing runs to MLflow.

Public: ``StoreWriter(tracking_uri)`` with ``.begin(began, parent_id, in_doubt)``, ``.log(run_id, logged, blobs,
in_doubt)``, ``.put_files(run_id, files)``, ``.find_lineage(run_id, started_ms, datasets)``, ``.find_run(experiment, run)``, ``.end(run_id, status,
ended_ms, tags)``, ``.answers()``.

Every method may raise `StoreError` (the store is down: do it again later) and is safe to repeat. What the store
refuses for good is left out, and named in the warnings that the method returns.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from nbship.errors import StoreError
from nbship.store.connection import connect, default_artifact_root
from nbship.store.datasets import dataset_inputs, find_lineage
from nbship.store.names import MAX_BATCH_METRICS, MAX_BATCH_PARAMS, MAX_KEY, MAX_PARAM, MAX_TAG, clip, fit_key
from nbship.store.refusal import RefusedError, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from nbship.model.data import DatasetRecord
    from nbship.model.event import ArtifactRecord, MetricPoint, RunBegan, RunLogged
    from nbship.model.run import RunStatus

__all__ = ["LOCAL_ID_TAG", "StoreWriter"]

LOCAL_ID_TAG = "nbship.run"
"""Holds the id that the kernel chose for the run."""


class StoreWriter:
    """Writes runs to the store at one tracking URI; used by one thread."""

    def __init__(self, tracking_uri: str) -> None:
        self.tracking_uri = tracking_uri
        self._connected: Any = None
        self._experiments: dict[str, str] = {}

    @property
    def client(self) -> Any:
        """The `MlflowClient`; connects at first use."""
        if self._connected is None:
            self._connected = connect(self.tracking_uri)
        return self._connected

    def answers(self) -> bool:
        """Say whether the store answers a small request now."""
        try:
            with translated():
                self.client.search_experiments(max_results=1)
        except RefusedError:
            return True
        except StoreError:
            return False
        return True

    def begin(self, began: RunBegan, *, parent_id: str | None, in_doubt: bool) -> tuple[str, tuple[str, ...]]:
        """Create the run, or find it where an earlier attempt or the kernel created it.

        Returns
        -------
        tuple
            The store's run id, and warnings.
        """
        with translated():
            adopted = self._adopt(began.store_run_id)
            run_id = adopted or (self._find(began.experiment, began.run) if in_doubt else None)
            tags = {**began.tags, LOCAL_ID_TAG: began.run}
            if parent_id is not None:
                tags["mlflow.parentRunId"] = parent_id
            if run_id is None:
                run_id = self._create(began, tags)
            warnings = self._log_tags(run_id, tags) if adopted else ()
        return run_id, (*warnings, *self._log_params(run_id, began.params))

    def log(self, run_id: str, logged: RunLogged, blobs: Path, *, in_doubt: bool) -> tuple[str, ...]:
        """Write parameters, metrics, tags, datasets, artifacts and the model of one event; return warnings."""
        warnings = [
            *self._log_params(run_id, logged.params),
            *self._log_metrics(run_id, logged.metrics),
            *self._log_tags(run_id, logged.tags),
            *self._log_datasets(run_id, logged.datasets),
        ]
        for artifact in logged.artifacts:
            warnings += self._granted(f"artifact {artifact.path}", self._put_blob, run_id, artifact, blobs)
        if logged.model is not None:
            from nbship.store.mlflow_model import log_model  # noqa: PLC0415 - loads mlflow.models

            what = f"model {logged.model.variable}"
            warnings += self._granted(what, log_model, self.client, run_id, logged.model, blobs, in_doubt)
        return tuple(warnings)

    def put_files(self, run_id: str, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """Write artifacts given as path to content; return warnings."""
        with tempfile.TemporaryDirectory(prefix="nbship-") as folder:
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            return self._granted("the run's documents", self.client.log_artifacts, run_id, folder)

    def find_lineage(
        self, run_id: str, started_ms: int, records: Sequence[DatasetRecord]
    ) -> tuple[list[dict[str, str]], tuple[str, ...]]:
        """Return links to earlier runs with equal data, and warnings."""
        found: list[dict[str, str]] = []

        def look() -> None:
            found.extend(find_lineage(self.client, run_id, started_ms, records))

        return found, self._granted("lineage", look) if records else ()

    def end(self, run_id: str, status: RunStatus, ended_ms: int, tags: Mapping[str, str]) -> None:
        """Write the last tags and close the run."""
        self._log_tags(run_id, tags)
        with translated():
            self.client.set_terminated(run_id, status.value, end_time=ended_ms)

    def _adopt(self, run_id: str | None) -> str | None:
        """Return the run that the kernel created, if the store still has it."""
        if run_id is None:
            return None
        try:
            with translated():
                return str(self.client.get_run(run_id).info.run_id)
        except RefusedError:
            return None

    def find_run(self, experiment: str, run: str) -> str | None:
        """Return the store's id of the run with the given id of its own; None where there is none."""
        with translated():
            return self._find(experiment, run)

    def _find(self, experiment_name: str, run: str) -> str | None:
        experiment = self.client.get_experiment_by_name(experiment_name)
        if experiment is None:
            return None
        found = self.client.search_runs(
            [experiment.experiment_id], f"tags.`{LOCAL_ID_TAG}` = '{run}'", max_results=1
        )
        return str(found[0].info.run_id) if found else None

    def _create(self, began: RunBegan, tags: Mapping[str, str]) -> str:
        run = self.client.create_run(
            self._experiment(began),
            start_time=began.started_ms,
            tags={clip(key, MAX_KEY): clip(value, MAX_TAG) for key, value in tags.items()},
            run_name=clip(began.name, MAX_KEY),
        )
        return str(run.info.run_id)

    def _experiment(self, began: RunBegan) -> str:
        if began.experiment not in self._experiments:
            self._experiments[began.experiment] = ensure_experiment(
                self.client, self.tracking_uri, began.experiment, began.artifact_root
            )
        return self._experiments[began.experiment]

    def _log_params(self, run_id: str, params: Mapping[str, str]) -> tuple[str, ...]:
        from mlflow.entities import Param

        fitted = {fit_key(key): clip(value, MAX_PARAM) for key, value in params.items()}
        items = [Param(key, value) for key, value in fitted.items()]
        return self._log_each("parameter", run_id, "params", items, MAX_BATCH_PARAMS)

    def _log_tags(self, run_id: str, tags: Mapping[str, str]) -> tuple[str, ...]:
        from mlflow.entities import RunTag

        items = [RunTag(fit_key(key), clip(value, MAX_TAG)) for key, value in tags.items()]
        return self._log_each("tag", run_id, "tags", items, MAX_BATCH_PARAMS)

    def _log_metrics(self, run_id: str, points: Sequence[MetricPoint]) -> tuple[str, ...]:
        from mlflow.entities import Metric

        items = [Metric(fit_key(p.key), float(p.value), p.timestamp_ms, p.step) for p in points]
        return self._log_each("metric", run_id, "metrics", items, MAX_BATCH_METRICS)

    def _log_each(self, what: str, run_id: str, kind: str, items: list[Any], size: int) -> tuple[str, ...]:
        """Write in batches; where the store refuses a batch, one by one, so that only the culprits are left out."""
        warnings: list[str] = []
        for batch in _batches(items, size):
            if not self._granted(what, lambda batch=batch: self.client.log_batch(run_id, **{kind: batch})):
                continue
            for item in batch:
                warnings += self._granted(
                    f"{what} {item.key}", lambda item=item: self.client.log_batch(run_id, **{kind: [item]})
                )
        return tuple(warnings)

    def _log_datasets(self, run_id: str, records: Sequence[DatasetRecord]) -> tuple[str, ...]:
        if not records:
            return ()
        names = ", ".join(record.name for record in records)
        return self._granted(
            f"datasets {names}", lambda: self.client.log_inputs(run_id, datasets=dataset_inputs(records))
        )

    def _put_blob(self, run_id: str, artifact: ArtifactRecord, blobs: Path) -> None:
        target = PurePosixPath(artifact.path)
        with tempfile.TemporaryDirectory(prefix="nbship-") as folder:
            # log_artifact takes the name from the file.
            named = Path(folder, target.name)
            shutil.copyfile(blobs / artifact.blob, named)
            parent = str(target.parent)
            self.client.log_artifact(run_id, str(named), None if parent == "." else parent)

    def _granted(self, what: str, call: Callable[..., object], *arguments: object) -> tuple[str, ...]:
        """Call, and return the refusal of the store as a warning, or nothing."""
        try:
            with translated():
                call(*arguments)
        except RefusedError as error:
            return (f"{what} was not stored: {error}",)
        return ()


def _batches(items: list[Any], size: int) -> Iterator[list[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def ensure_experiment(client: Any, tracking_uri: str, name: str, artifact_root: str | None) -> str:
    """Return the id of the experiment of that name, making it where it is missing.

    A deleted experiment keeps its name in MLflow; its user wants it gone, so the runs go to ``NAME (2)``.
    """
    found = client.get_experiment_by_name(name)
    if found is not None:
        if found.lifecycle_stage == "active":
            return str(found.experiment_id)
        return ensure_experiment(client, tracking_uri, f"{name} (2)", artifact_root)
    root = default_artifact_root(tracking_uri)
    location = artifact_root or (root.as_uri() if root else None)
    return str(client.create_experiment(name, artifact_location=location))

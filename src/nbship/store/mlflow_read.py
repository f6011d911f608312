"""Reading runs through mlflow: for servers, other databases, and MLflow's own filter syntax.

Public: ``MlflowReader(tracking_uri)`` with the methods of `nbship.store.sqlite_read.Database`, and ``filter``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.event import MetricPoint
from nbship.model.run import Run, RunPage, RunStatus
from nbship.store.connection import connect
from nbship.store.query import NEWEST_FIRST, NOTEBOOK_TAG, Order, in_order, is_archived, is_of, matches
from nbship.store.refusal import RefusedError, translated
from nbship.store.sqlite_listing import Asked
from nbship.store.sqlite_read import summaries, unknown_experiment
from nbship.store.variables import WATCHED, default_for_a_while

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MlflowReader"]

_PAGE = 1000
_DEFAULT_ORDER = ("attributes.start_time DESC",)
_CALLS_AT_ONCE = 8
_IDS_AT_ONCE = 500
_NOTEBOOKS = 10
"""Of which the runs are read for one answer: each is a request of its own."""


class MlflowReader:
    """Asks one store through `MlflowClient`.

    All methods raise `StoreError` when the store does not answer.

    Parameters
    ----------
    deleted
        True reads the deleted runs instead of the others.
    """

    def __init__(self, tracking_uri: str, *, deleted: bool = False) -> None:
        self._deleted = deleted
        with _asking():
            self._client = connect(tracking_uri)
            self._experiments = self._list_experiments()

    def search(self, asked: Asked, limit: int, offset: int, filter_string: str = "") -> RunPage:
        """Return one page of runs; how many there are is known only where all had to be read.

        Raises
        ------
        UsageError
            When the filter is malformed or the experiment unknown.
        """
        ids, by = self._experiment_ids(asked.experiment), _order_by(asked.order)
        found = (run for run in self._scan(ids, filter_string or _hint(asked), by) if _answers(run, asked))
        if by != _DEFAULT_ORDER or asked.order == NEWEST_FIRST:
            page = tuple(islice(found, offset, offset + limit + 1))
            is_last = len(page) <= limit and (bool(page) or not offset)
            return RunPage(page[:limit], len(page) > limit, total=offset + len(page) if is_last else None)
        ordered = in_order(found, asked.order)
        runs = tuple(ordered[offset : offset + limit])
        return RunPage(runs, len(ordered) > offset + limit, total=len(ordered))

    def names(self, kind: str, notebook: str | None, limit: int) -> tuple[str, ...]:
        """Return the names of the metrics (``metric``) or parameters (``param``) of the newest runs, sorted."""
        asked = Asked(notebook=notebook, archived=True)
        page = self.search(asked, _PAGE, 0)
        names = {name for run in page.runs for name in (run.metrics if kind == "metric" else run.params)}
        return tuple(sorted(names)[:limit])

    def runs_by_id(self, ids: Sequence[str]) -> tuple[Run, ...]:
        """Return the active runs among the given ids, in that order."""
        found = {run.info.run_id: self._run(run) for run in self._listed(ids)}
        return tuple(found[run_id] for run_id in ids if run_id in found)

    def candidates(self, column: str, value: str, *, prefix: bool, limit: int) -> list[str]:
        """Return the ids of runs, newest first, by ``id``, ``name`` or a tag's key."""
        field = {"id": "attributes.run_id", "name": "attributes.run_name"}.get(column, f"tags.`{column}`")
        compare = f"LIKE {_quoted(value + '%')}" if prefix else f"= {_quoted(value)}"
        return [run.id for run in islice(self._scan(None, f"{field} {compare}"), limit)]

    def metric_history(self, run_id: str, key: str) -> tuple[MetricPoint, ...]:
        """Return all values of a metric, by step and time."""
        with _asking():
            return self._history(run_id, key)

    def metric_histories(self, series: Sequence[tuple[str, str]]) -> tuple[tuple[MetricPoint, ...], ...]:
        """Return all values of each metric given as run id and key, by step and time."""
        with _asking(), ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
            return tuple(pool.map(lambda one: self._history(*one), series))

    def newest_steps(self, ids: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return the step of the newest value of each metric, by run id and key, where it is not 0."""
        found = {run.info.run_id: _steps(run) for run in self._listed(ids)}
        return {run_id: steps for run_id, steps in found.items() if steps}

    def with_data(self, notebooks: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
        """Return start and id of the newest active runs of each notebook that have a dataset, in order."""
        found: dict[str, list[tuple[int, str]]] = {}
        for notebook in notebooks[:_NOTEBOOKS]:
            asked = Asked(notebook=notebook, archived=True)
            runs = islice(self._scan(None, _hint(asked)), _PAGE)
            own = [run for run in runs if run.datasets and run.tags.get(NOTEBOOK_TAG) == notebook]
            found[notebook] = sorted((run.started_ms, run.id) for run in own)
        return found

    def _history(self, run_id: str, key: str) -> tuple[MetricPoint, ...]:
        found = self._client.get_metric_history(run_id, key)
        points = [MetricPoint(key, metric.value, metric.timestamp, metric.step) for metric in found]
        return tuple(sorted(points, key=lambda point: (point.step, point.timestamp_ms, point.value)))

    def _list_experiments(self) -> dict[str, str]:
        names: dict[str, str] = {}
        token: str | None = None
        while True:
            page = self._client.search_experiments(page_token=token)
            names |= {experiment.experiment_id: experiment.name for experiment in page}
            token = page.token
            if not token:
                return names

    def _experiment_ids(self, name: str | None) -> list[str] | None:
        if name is None:
            return None
        ids = [key for key, known in self._experiments.items() if known == name]
        if not ids:
            raise unknown_experiment(name, list(self._experiments.values()))
        return ids

    def _listed(self, ids: Sequence[str]) -> Iterator[Any]:
        """Yield the active runs among the given ids, as mlflow has them."""
        for start in range(0, len(ids), _IDS_AT_ONCE):
            listed = ",".join(_quoted(run_id) for run_id in ids[start : start + _IDS_AT_ONCE])
            yield from self._entities(None, f"attributes.run_id IN ({listed})", _DEFAULT_ORDER)

    def _scan(
        self, ids: list[str] | None, filter_string: str, order_by: tuple[str, ...] = _DEFAULT_ORDER
    ) -> Iterator[Run]:
        return (self._run(run) for run in self._entities(ids, filter_string, order_by))

    def _entities(
        self, ids: list[str] | None, filter_string: str, order_by: tuple[str, ...]
    ) -> Iterator[Any]:
        token: str | None = None
        while True:
            page = self._page(list(self._experiments) if ids is None else ids, filter_string, order_by, token)
            yield from page
            token = page.token
            if not token:
                return

    def _page(self, ids: list[str], filter_string: str, order_by: tuple[str, ...], token: str | None) -> Any:
        from mlflow.entities import ViewType

        view = ViewType.DELETED_ONLY if self._deleted else ViewType.ACTIVE_ONLY
        try:
            with _asking():
                return self._client.search_runs(ids, filter_string, view, _PAGE, list(order_by), token)
        except RefusedError as error:
            raise UsageError(
                f"MLflow does not understand the query {filter_string!r}: {error}. Write for example "
                "\"metrics.auc > 0.8 and params.depth = '3'\", or plain words."
            ) from error

    def _run(self, run: Any) -> Run:
        inputs = run.inputs.dataset_inputs if run.inputs else []
        datasets = [(item.dataset.name, item.dataset.digest, item.dataset.profile) for item in inputs]
        return Run(
            id=run.info.run_id,
            name=run.info.run_name or "",
            status=RunStatus(run.info.status),
            experiment=self._experiments.get(run.info.experiment_id, run.info.experiment_id),
            started_ms=run.info.start_time or 0,
            ended_ms=run.info.end_time or None,
            params=dict(sorted(run.data.params.items())),
            metrics=dict(sorted(run.data.metrics.items())),
            datasets=summaries(datasets),
            tags=dict(sorted(run.data.tags.items())),
            artifact_uri=run.info.artifact_uri or "",
        )


def _steps(run: Any) -> dict[str, int]:
    # `run.data.metrics` has the values alone; mlflow keeps the rest of each newest one here.
    newest = getattr(run.data, "_metric_objs", ())
    return {metric.key: metric.step for metric in newest if metric.step}


@contextmanager
def _asking() -> Iterator[None]:
    with translated(), default_for_a_while(WATCHED):
        yield


def _answers(run: Run, asked: Asked) -> bool:
    if asked.notebook is not None and not is_of(run, asked.notebook):
        return False
    return (asked.archived or not is_archived(run)) and matches(run, asked.words)


def _hint(asked: Asked) -> str:
    """Return a filter that lets all runs of the notebook pass, and few others; the rest is looked at here."""
    name = (asked.notebook or "").rpartition("/")[2]
    if not name or ("'" in name and '"' in name):
        return ""
    return f"tags.`{NOTEBOOK_TAG}` LIKE {_quoted('%' + name)}"


def _order_by(order: Order) -> tuple[str, ...]:
    """Return the order where the store can do it as we mean it; else newest first, to be sorted here."""
    if order.kind == "metric" and "`" not in order.key:
        return (f"metrics.`{order.key}` {'DESC' if order.descending else 'ASC'}", *_DEFAULT_ORDER)
    if order.kind == "attribute" and order.key == "started":
        return _DEFAULT_ORDER if order.descending else ("attributes.start_time ASC",)
    return _DEFAULT_ORDER


def _quoted(text: str) -> str:
    # MLflow's filter grammar has no escape; a text with both quotes cannot be asked for.
    return f'"{text}"' if "'" in text else f"'{text}'"

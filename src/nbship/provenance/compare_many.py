"""What varies over many runs.

Public: ``compare_many(tracking_uri, runs, *, histories=True) -> RunsComparison``, ``vary(runs) -> RunsComparison``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from nbship.model.comparison import RunsComparison
from nbship.provenance.histories import Histories, read_histories
from nbship.provenance.run_versions import code_versions, data_versions
from nbship.provenance.value_diff import as_stored

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from nbship.model.run import Run
    from nbship.provenance.run_versions import CodeVersions

__all__ = ["compare_many", "vary"]

V = TypeVar("V", bound="Hashable")


def compare_many(tracking_uri: str, runs: Sequence[Run], *, histories: bool = True) -> RunsComparison:
    """Compare up to a thousand runs.

    Parameters
    ----------
    tracking_uri
        The store of the runs; asked for histories, and for ledgers of runs that have no tag of their code.
    runs
        As the store lists them.
    histories
        Whether to read the histories of metrics.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    code = code_versions(tracking_uri, runs)
    read = read_histories(tracking_uri, runs) if histories else Histories()
    return replace(
        vary(runs), code=code.numbers, histories=read.series, lacks=tuple(_lacks(len(runs), code, read))
    )


def vary(runs: Sequence[Run]) -> RunsComparison:
    """Compare runs by what they say themselves: parameters, newest metrics and datasets."""
    params = [run.params for run in runs]
    metrics = [{key: as_stored(value) for key, value in run.metrics.items()} for run in runs]
    varying = _varying(params)
    shared = (
        {name: value for name, value in runs[0].params.items() if name not in set(varying)} if runs else {}
    )
    return RunsComparison(
        runs=tuple(runs),
        params=varying,
        metrics=_varying(metrics),
        constant=shared,
        data=data_versions(runs),
    )


def _varying(rows: Sequence[Mapping[str, V]]) -> tuple[str, ...]:
    """Return the names with several values, or that some rows lack; those that most rows have first."""
    values: dict[str, set[V]] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        for name, value in row.items():
            values.setdefault(name, set()).add(value)
        counts.update(row.keys())
    varying = [name for name, found in values.items() if len(found) > 1 or counts[name] < len(rows)]
    return tuple(sorted(varying, key=lambda name: (-counts[name], name)))


def _lacks(count: int, code: CodeVersions, histories: Histories) -> Iterator[str]:
    if code.absent:
        yield f"{code.absent:,} of {count:,} runs have no code: plain MLflow made them, or they are still running"
    if code.damaged:
        yield f"the code of {code.damaged:,} runs cannot be read"
    if code.unread:
        yield f"the code of {code.unread:,} runs was left unread, as reading all of it takes long"
    if histories.shown < histories.of:
        yield f"{histories.shown:,} of {histories.of:,} metric histories are shown, those of the first runs"

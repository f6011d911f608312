"""What differs between two runs.

Public: ``compare_runs(left, right) -> Comparison``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.model.comparison import CellChange, Comparison
from nbship.provenance.code_diff import diff_cells
from nbship.provenance.data_diff import diff_data
from nbship.provenance.environment_diff import diff_packages, diff_settings, equal_packages
from nbship.provenance.evidence import label
from nbship.provenance.fact_diff import diff_facts
from nbship.provenance.git_diff import diff_git
from nbship.provenance.seed_diff import diff_seeds
from nbship.provenance.value_diff import diff_metrics, diff_params

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.model.comparison import CellDiff, FactDiff, PackageDiff
    from nbship.provenance.data_diff import DataDiff
    from nbship.provenance.evidence import RunEvidence

__all__ = ["compare_runs"]


def compare_runs(left: RunEvidence, right: RunEvidence) -> Comparison:
    """Compare two runs.

    Parameters
    ----------
    left, right
        As `nbship.provenance.evidence.read_evidence` gives them. `left` is what `right` is measured against.

    Returns
    -------
    Comparison
        Only what differs. A part that one of the runs does not have is left out of it and named in `lacks`.
    """
    cells = _cells(left, right)
    data = diff_data(left, right)
    params = diff_params(left.run.params, right.run.params)
    metrics = diff_metrics(left.run.metrics, right.run.metrics)
    packages, settings, equal = _environment(left, right)
    changed = tuple(cell for cell in cells if cell.change is not CellChange.SAME)
    return Comparison(
        left=left.run,
        right=right.run,
        params=params,
        metrics=metrics,
        code=changed,
        data=data.datasets,
        packages=packages,
        git=diff_git(left, right),
        seeds=_seeds(left, right),
        facts=(*diff_facts(left.run, right.run), *settings),
        equal={
            "params": len(left.run.params.keys() | right.run.params.keys()) - len(params),
            "metrics": len(left.run.metrics.keys() | right.run.metrics.keys()) - len(metrics),
            "cells": len(cells) - len(changed),
            "datasets": data.equal,
            "packages": equal,
        },
        lacks=(*left.lacks, *right.lacks, *_lacks(left, right, data)),
    )


def _cells(left: RunEvidence, right: RunEvidence) -> tuple[CellDiff, ...]:
    return () if left.code is None or right.code is None else diff_cells(left.code, right.code)


def _seeds(left: RunEvidence, right: RunEvidence) -> tuple[FactDiff, ...]:
    return () if left.summary is None or right.summary is None else diff_seeds(left.summary, right.summary)


def _environment(
    left: RunEvidence, right: RunEvidence
) -> tuple[tuple[PackageDiff, ...], tuple[FactDiff, ...], int]:
    old, new = left.environment, right.environment
    if old is None or new is None:
        return (), (), 0
    return diff_packages(old, new), diff_settings(old, new), equal_packages(old, new)


def _lacks(left: RunEvidence, right: RunEvidence, data: DataDiff) -> Iterator[str]:
    """Yield what the comparison of data lacks."""
    for one in (left, right):
        if one.datasets is None and one.run.datasets:
            sampled = ", which looks at the first 10,000 rows only" if one.is_plain else ""
            yield f"{label(one.run)} knows its data by digest only{sampled}"
    if data.unprofiled:
        without = [label(one.run) for one in (left, right) if not one.profiles] or ["one of the runs"]
        yield (
            f"{' and '.join(without)} kept no profiles of {', '.join(data.unprofiled)}: "
            "what changed in columns is told by digests only"
        )

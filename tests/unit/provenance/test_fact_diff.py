from __future__ import annotations

from nbship.model.comparison import FactDiff
from nbship.model.run import RunStatus
from nbship.provenance.fact_diff import diff_facts


def test_facts_that_read_alike_are_equal(make_run):
    assert diff_facts(make_run("one", ended_ms=61_000), make_run("two", ended_ms=61_200)) == ()


def test_what_differs_is_told(make_run):
    left = make_run("one", tags={"nbship.model": "m (Ridge)", "mlflow.source.name": "a.ipynb"})
    right = make_run(
        "two",
        status=RunStatus.FAILED,
        ended_ms=None,
        tags={"estimator_name": "Lasso", "nbship.reason": "KeyError: x"},
    )
    assert diff_facts(left, right) == (
        FactDiff("status", "FINISHED", "FAILED"),
        FactDiff("duration", "1 s", None),
        FactDiff("reason", None, "KeyError: x"),
        FactDiff("model", "m (Ridge)", "Lasso"),
        FactDiff("notebook", "a.ipynb", None),
    )

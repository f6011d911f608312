from __future__ import annotations

import json
import math

from nbship.model.comparison import RunsComparison
from nbship.provenance.compare_many import compare_many, vary

URI = "sqlite:///nowhere.db"


def test_what_varies_is_told_apart_from_what_is_constant(make_run):
    runs = [
        make_run(
            str(at),
            plain=True,
            params={"lr": str(at), "seed": "1", "kind": "a"} | ({"rare": "x"} if at == 2 else {}),
            metrics={"auc": at / 10, "same": 1.0, "nan": math.nan} | ({"late": 1.0} if at else {}),
        )
        for at in range(3)
    ]
    found = compare_many(URI, runs)
    assert found.params == ("lr", "rare")
    assert found.constant == {"seed": "1", "kind": "a"}
    assert found.metrics == ("auc", "late")
    assert found.runs == tuple(runs)
    assert found.code == (None, None, None)
    assert found.lacks == ("3 of 3 runs have no code: plain MLflow made them, or they are still running",)
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert RunsComparison.from_dict(json.loads(text)).to_dict() == found.to_dict()


def test_runs_are_compared_by_what_they_say_themselves_without_a_store(make_run):
    runs = [make_run(str(at), params={"lr": str(at)}, metrics={"auc": float(at)}) for at in range(2)]
    found = vary(runs)
    assert (found.params, found.metrics, found.code, found.lacks) == (("lr",), ("auc",), (), ())


def test_no_runs_are_no_trouble():
    assert compare_many(URI, []).runs == ()

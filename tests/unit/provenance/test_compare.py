from __future__ import annotations

import json
import math

import pandas as pd
import pytest

from nbship.hashing import fingerprint
from nbship.model.codec import encode
from nbship.model.comparison import Comparison
from nbship.model.data import DatasetRecord
from nbship.profiling.build import profile
from nbship.provenance.compare import compare_runs
from nbship.provenance.evidence import read_evidence

URI = "sqlite:///nowhere.db"


def environment(**distributions):
    return {"python": {"version": "3.11"}, "distributions": distributions}


def compared(left, right):
    return compare_runs(read_evidence(URI, left), read_evidence(URI, right))


def recorded(make_run, name, ledger, *, seed="1", numpy="2.1", **parts):
    files = {
        "nbship/ledger.json": ledger,
        "nbship/environment.json": environment(numpy=numpy, attrs="1"),
        "nbship/run.json": {"cells": [], "seeds": [{"call": "seed", "value": seed, "cell": 0}]},
    }
    return make_run(name, files=files, **parts)


def test_equal_runs_do_not_differ_and_equal_things_are_counted(make_run, make_ledger):
    parts = {"params": {"a": "1"}, "metrics": {"m": math.nan}}
    left, right = (recorded(make_run, name, make_ledger("x", "y"), **parts) for name in ("one", "two"))
    found = compared(left, right)
    assert not found.differs
    assert found.equal == {"params": 1, "metrics": 1, "cells": 2, "datasets": 0, "packages": 2}
    assert (found.left, found.right, found.lacks, found.facts) == (left, right, (), ())


def test_every_part_that_differs_is_told(make_run, make_ledger):
    left = recorded(
        make_run, "one", make_ledger("x", "y"), params={"a": "1"}, metrics={"m": 1.0, "bad": math.inf}
    )
    right = recorded(
        make_run, "two", make_ledger("x", "z"), seed="2", numpy="2.2", params={"a": "2"}, metrics={"m": 2.0}
    )
    found = compared(left, right)
    assert [(cell.change, cell.left, cell.right) for cell in found.code] == [("changed", 2, 2)]
    assert [one.name for one in (*found.params, *found.metrics, *found.seeds, *found.packages)] == [
        "a",
        "bad",
        "m",
        "seed",
        "numpy",
    ]
    assert found.differs
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert Comparison.from_dict(json.loads(text)).to_dict() == found.to_dict()


def test_what_only_one_run_has_is_not_compared(make_run, make_ledger):
    found = compared(
        make_run("plain", plain=True, params={"a": "1"}),
        recorded(make_run, "two", make_ledger("x"), params={"a": "2"}),
    )
    assert (found.code, found.packages, found.seeds) == ((), (), ())
    assert [param.name for param in found.params] == ["a"]
    assert found.lacks == ("run plain (made by plain MLflow) has no code, no environment, no seeds",)


@pytest.mark.parametrize("junk", [None, 3, -1.5, "x", [], {}, [None]], ids=repr)
def test_a_record_with_any_field_of_another_type_is_still_compared(make_run, make_ledger, junk):
    frame = pd.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"]})
    record = DatasetRecord("df", "variable", "pandas.DataFrame", fingerprint(frame))
    good = {
        "nbship/ledger.json": make_ledger("x"),
        "nbship/environment.json": environment(numpy="2"),
        "nbship/run.json": {"cells": [0], "seeds": [{"call": "seed", "value": "1", "cell": 0}]},
        "nbship/data.json": {"datasets": [encode(record)]},
        "nbship/profiles/df.json": profile(frame, name="df").to_dict(),
        "nbship/importance.json": {"importance": {"a": 1.0}},
    }
    other = DatasetRecord("df", "variable", "t", fingerprint(frame.assign(a=0.0)))
    whole = make_run("whole", files={**good, "nbship/data.json": {"datasets": [encode(other)]}})
    for number, files in enumerate(spoilt(good, junk)):
        found = compared(make_run(f"spoilt {number}", files=files), whole)
        json.dumps(found.to_dict(), allow_nan=False)


def spoilt(files, junk):
    """Yield the files again and again, each time with another value replaced."""
    for path, content in files.items():
        for place in places(content):
            changed = json.loads(json.dumps(content))
            inner = changed
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = junk
            yield {**files, path: changed}


def places(value, above=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*above, key)
        yield from places(item, (*above, key))

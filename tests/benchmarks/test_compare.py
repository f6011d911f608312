"""Comparing notebooks and runs, beside what people have for it: difflib over whole notebooks, and MLflow's search."""

from __future__ import annotations

import difflib
import json
import random
import time

import pytest

from large_store import METRICS, make_large_store
from nbship.provenance.code_diff import diff_cells
from nbship.provenance.compare_many import compare_many
from nbship.store.needed_code import CODE_TAG, CodeCell
from nbship.store.reader import search

CELLS = 300
RUNS = 10_000
COMPARED = 1000
STEPS = 60


def seconds(call, rounds=5):
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - started)
    return best


def notebook(chance, count):
    names = [f"name_{number}" for number in range(400)] + ["frame", "model", "pd", "np"] * 20

    def line():
        a, b, c, d = chance.choices(names, k=4)
        return f"{a} = {b}.{c}({d}, {chance.randrange(100)})"

    return ["\n".join(line() for _ in range(chance.randrange(1, 15))) for _ in range(count)]


def edited(chance, sources):
    """Half of the cells changed in a line or two, some gone, some new, two of them moved."""
    found = []
    for source in sources:
        roll = chance.random()
        lines = source.split("\n")
        if roll < 0.55:
            lines[chance.randrange(len(lines))] = notebook(chance, 1)[0].split("\n")[0]
        if roll < 0.2:
            lines.insert(0, "# a remark")
        if roll < 0.95:
            found.append("\n".join(lines))
        if roll > 0.97:
            found += notebook(chance, 1)
    found[3], found[200] = found[200], found[3]
    return found


@pytest.mark.parametrize("known", [True, False], ids=["by id", "by source"])
def test_the_code_of_three_hundred_cells(known):
    chance = random.Random(1)
    before = notebook(chance, CELLS)
    after = edited(chance, before)

    def cells(sources):
        return [CodeCell(source, f"cell-{at}" if known else None, at) for at, source in enumerate(sources)]

    left, right = cells(before), cells(after)
    whole = ["\n".join(sources).split("\n") for sources in (before, after)]
    ours = seconds(lambda: diff_cells(left, right))
    lines = seconds(lambda: list(difflib.unified_diff(*whole)))
    ndiff = seconds(lambda: list(difflib.ndiff(*whole)), rounds=1)
    print(
        f"\n{CELLS} cells: nbship {ours * 1000:.0f} ms, difflib.unified_diff of the whole {lines * 1000:.0f} ms, "
        f"difflib.ndiff of the whole {ndiff:.1f} s ({ndiff / ours:.0f}x)"
    )


def points(ids):
    return [
        (f"m{k}", (n * 31 % 1000) / 997 + k + step / 7, one, step)
        for n, one in enumerate(ids)
        for k in range(METRICS)
        for step in (range(STEPS) if k < 2 and n >= RUNS - COMPARED else [0])
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store of 10,000 runs with 10 parameters, 10 metrics and a dataset each; 2 metrics have 60 values."""
    tags = ("mlflow.source.name", "mlflow.user", "nbship.run", CODE_TAG)
    return make_large_store(tmp_path_factory.mktemp("large") / "mlflow.db", RUNS, points, tags)


def test_a_thousand_runs_of_ten_thousand(store):
    def ours():
        return compare_many(store, search(store, limit=COMPARED).runs)

    took = seconds(ours, rounds=3)
    data = ours().to_dict()
    runs = len(json.dumps(data.pop("runs")))
    rest = len(json.dumps(data))
    theirs = seconds(lambda: _mlflow_runs(store), rounds=1)
    print(
        f"\n{COMPARED} of {RUNS} runs: nbship {took:.2f} s with histories, MlflowClient.search_runs alone {theirs:.2f} s "
        f"({theirs / took:.1f}x); JSON: {rest / 1000:.0f} kB beside the runs themselves, which are {runs / 1000:.0f} kB"
    )


def _mlflow_runs(store):
    from mlflow import MlflowClient

    client = MlflowClient(store)
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return client.search_runs(experiments, max_results=COMPARED)

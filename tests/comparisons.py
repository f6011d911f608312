"""Comparisons as the provenance room makes them, written by hand: ordinary, large and hostile ones."""

from __future__ import annotations

import math
import random
from functools import cache
from itertools import pairwise
from typing import Any

from nbship.model.comparison import (
    CellChange,
    CellDiff,
    ColumnChange,
    Comparison,
    DatasetDiff,
    DiffLine,
    FactDiff,
    MetricDiff,
    MetricSeries,
    PackageDiff,
    ParamDiff,
    RunsComparison,
)
from nbship.model.drift import ColumnDrift, Distribution, DriftState, Effect
from nbship.model.profile import ColumnKind
from nbship.model.run import Run, RunStatus

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)></style></details>"
RIGHT_TO_LEFT = "שלום \u202eevil\u2066"
STARTED = 1_760_000_000_000


def run(number: int = 1, **parts: Any) -> Run:
    given = {
        "id": f"{number:08x}{'ab' * 12}",
        "name": f"forest-{number}",
        "status": RunStatus.FINISHED,
        "experiment": "flights",
        "started_ms": STARTED + number * 3_600_000,
        "ended_ms": STARTED + number * 3_600_000 + 12_300 + 1000 * number,
        **parts,
    }
    return Run(**given)


def metric(name: str, left: float | str | None, right: float | str | None) -> MetricDiff:
    if not isinstance(left, float | int) or not isinstance(right, float | int):
        return MetricDiff(name, left, right)
    return MetricDiff(name, left, right, right - left, (right - left) / abs(left) if left else None)


def cell(change: str, left: int | None, right: int | None, *lines: str) -> CellDiff:
    """A cell whose lines are written with their sign in front."""
    return CellDiff(CellChange(change), left, right, tuple(DiffLine(line[0], line[1:]) for line in lines))


def bell(centre: float, width: float, edges: tuple[float, ...]) -> tuple[float, ...]:
    middles = [(a + b) / 2 for a, b in pairwise(edges)]
    heights = [math.exp(-(((x - centre) / width) ** 2) / 2) for x in middles]
    return tuple(height / sum(heights) for height in heights)


def drifted(name: str, centre: float, *, score: float = 3.0) -> ColumnDrift:
    edges = tuple(float(x) for x in range(-10, 41, 2))
    distribution = Distribution(bell(10.0, 6.0, edges), bell(centre, 7.0, edges), edges)
    return ColumnDrift(
        name=name,
        kind=ColumnKind.NUMERIC,
        state=DriftState.DRIFTED,
        drifted=True,
        reason="values moved",
        effect=Effect("wasserstein", 0.42, 0.11),
        distribution=distribution,
        score=score,
    )


def levels(name: str) -> ColumnDrift:
    distribution = Distribution((0.5, 0.3, 0.2), (0.2, 0.35, 0.45), levels=("EWR", "JFK", "LGA"))
    return ColumnDrift(
        name=name,
        kind=ColumnKind.CATEGORICAL,
        state=DriftState.DRIFTED,
        drifted=True,
        reason="shares moved",
        distribution=distribution,
        score=1.5,
    )


def ordinary(**parts: Any) -> Comparison:
    """Two runs of a model on flights: the score dropped, and a few things changed."""
    given: dict[str, Any] = {
        "left": run(1, name="forest-winter"),
        "right": run(2, name="forest-summer", ended_ms=STARTED + 7_200_000 + 184_000),
        "metrics": (
            metric("train_auc", 0.9712, 0.9934),
            metric("test_auc", 0.9123, 0.8812),
            metric("test_log_loss", 0.3312, 0.4178),
            metric("rows_used", 271_442, 269_870),
        ),
        "code": (
            cell("changed", 2, 2, *CHANGED_FEATURES),
            cell("moved", 5, 3, " train, test = train_test_split(flights)", "@4 equal lines"),
            cell("changed", 3, 4, *CHANGED_FIT),
            cell("added", None, 6, "+importances = model.feature_importances_", "+importances[:10]"),
            cell("removed", 6, None, "-model.score(test[columns], test['late'])"),
        ),
        "params": (
            ParamDiff("max_depth", "8", "24"),
            ParamDiff("min_samples_leaf", "20", "1"),
            ParamDiff("class_weight", None, "balanced"),
        ),
        "data": (
            DatasetDiff(
                "flights",
                "changed",
                "336,776 → 336,770 rows; 4 of 19 columns changed, 1 is new",
                (
                    ColumnChange("gate", "new", "string, 212 levels, 3 % missing"),
                    ColumnChange("dep_delay", "changed", "mean 12.6 → 15.1", drifted("dep_delay", 18.0)),
                    ColumnChange("origin", "changed", "EWR 50 % → 20 %, LGA 20 % → 45 %", levels("origin")),
                    ColumnChange("flight", "type", "was int64, is string"),
                    ColumnChange("tailnum", "changed", "values changed; same mean, same levels"),
                ),
                336_776,
                336_770,
            ),
            DatasetDiff("weather", "new", "only in B: 26,115 rows", (), None, 26_115),
        ),
        "packages": (
            PackageDiff("scikit-learn", "1.6.1", "1.8.0"),
            PackageDiff("numpy", "2.2.0", "2.3.4"),
            PackageDiff("lightgbm", None, "4.6.0"),
        ),
        "git": (
            FactDiff("commit", "0c473435a1" + "0" * 30, "215207af42" + "1" * 30),
            FactDiff("uncommitted changes", "no", "yes"),
        ),
        "seeds": (FactDiff("numpy", "42", None),),
        "facts": (FactDiff("duration", "13.3 s", "3 min 4 s"),),
        "equal": {"parameters": 14, "metrics": 2, "cells": 12, "datasets": 3, "packages": 188},
        "lacks": ("forest-winter has no profile of weather: its columns are compared by digest only",),
        **parts,
    }
    return Comparison(**given)


CHANGED_FEATURES = (
    " flights = flights.dropna(subset=['arr_delay'])",
    "-flights['late'] = flights.arr_delay > 30",
    "+flights['late'] = flights.arr_delay > 15",
    " flights['hour'] = flights.sched_dep_time // 100",
    "@12 equal lines",
    "+flights['rush'] = flights.hour.between(16, 19)",
)

CHANGED_FIT = (
    " from sklearn.ensemble import RandomForestClassifier",
    "-model = RandomForestClassifier(max_depth=8, min_samples_leaf=20, random_state=42)",
    "+model = RandomForestClassifier(max_depth=24, min_samples_leaf=1, class_weight='balanced')",
    " model.fit(train[columns], train.late)",
)


def nothing() -> Comparison:
    return Comparison(
        run(1), run(2), equal={"parameters": 14, "cells": 12, "datasets": 1, "packages": 188, "metrics": 3}
    )


def hostile(text: str = HOSTILE) -> Comparison:
    """A comparison with the text wherever a user can write one."""
    return Comparison(
        run(1, name=text, id="1" * 32),
        run(2, name=text[::-1], id="2" * 32, status=RunStatus.FAILED, ended_ms=None),
        params=(ParamDiff(text, text, text + "b"), ParamDiff("long", "x" * 10_000, "x" * 9_999 + text)),
        metrics=(metric(text, 1.0, 2.0), metric("m" + text, text, None)),
        code=(
            cell("changed", 1, 1, "-" + text, "+" + text + "!", " " + text),
            cell("added", None, 2, *("+" + text for _ in range(60))),
        ),
        data=(DatasetDiff(text, "changed", text, (ColumnChange(text, "changed", text, levels(text)),)),),
        packages=(PackageDiff(text, text, None),),
        git=(FactDiff(text, text, text + "b"),),
        seeds=(FactDiff(text, None, text),),
        facts=(FactDiff(text, text, None),),
        equal={text: 3},
        lacks=(text,),
    )


def large(cells: int = 300) -> Comparison:
    """Two runs that have little in common."""
    code = tuple(
        cell(
            "changed",
            i,
            i,
            *(f"{'+- '[line % 3]}value_{line} = compute({i}, {line}, 'é<&>')" for line in range(24)),
        )
        for i in range(1, cells + 1)
    )
    columns = tuple(
        ColumnChange(f"column_{i}", "changed", f"mean {i} → {i + 1}", drifted(f"column_{i}", i % 20))
        for i in range(300)
    )
    return ordinary(
        code=code,
        params=tuple(ParamDiff(f"param_{i}", "v" * 300, "w" * 300) for i in range(500)),
        metrics=tuple(metric(f"metric_{i}", float(i), i + 0.5) for i in range(500)),
        data=tuple(DatasetDiff(f"data_{i}", "changed", "9 → 10 rows", columns) for i in range(5)),
        packages=tuple(PackageDiff(f"package-{i}", "1.0", f"1.{i}") for i in range(500)),
        facts=tuple(FactDiff(f"fact-{i}", "a" * 500, "b" * 500) for i in range(200)),
        lacks=tuple(f"run {i} lacks something that takes some words to say" for i in range(200)),
    )


def many(
    runs: int = 24, *, params: int = 6, metrics: int = 3, points: int = 12, seed: int = 7, **parts: Any
) -> RunsComparison:
    """A sweep: learning rates over decades, depths, a categorical parameter, and a score that depends on them."""
    draw = random.Random(seed)
    made = [_swept(i, params, metrics, draw) for i in range(1, runs + 1)]
    names = tuple(dict.fromkeys(name for one in made for name in one.params))
    scores = tuple(dict.fromkeys(name for one in made for name in one.metrics))
    histories = tuple(
        MetricSeries(one.id, name, tuple(float(step) for step in range(points)), _curve(value, points, draw))
        for one in made
        for name, value in list(one.metrics.items())[:3]
        if points
    )
    given: dict[str, Any] = {
        "runs": tuple(made),
        "params": names,
        "metrics": scores,
        "constant": {"n_estimators": "100", "target": "late"},
        "code": tuple(1 + (i > runs // 2) + (i > runs - 2) for i in range(runs)),
        "data": {
            "flights": tuple(1 + i % 2 for i in range(runs)),
            "weather": tuple([1] * (runs - 1) + [None]),
        },
        "histories": histories,
        **parts,
    }
    return RunsComparison(**given)


@cache
def thousand() -> RunsComparison:
    """As many runs as a comparison is made for, with 20 parameters and 10 metrics."""
    return many(1000, params=20, metrics=10, points=30)


def _swept(number: int, params: int, metrics: int, draw: random.Random) -> Run:
    rate = 10 ** draw.uniform(-4, 0)
    depth = draw.randint(2, 12)
    weight = draw.choice(["balanced", "none", "sqrt"])
    score = 0.9 - 0.05 * abs(math.log10(rate) + 2) - 0.004 * abs(depth - 7) + draw.gauss(0, 0.008)
    given = {
        "learning_rate": f"{rate:.4g}",
        "max_depth": str(depth),
        "class_weight": weight,
        "subsample": f"{draw.uniform(0.5, 1):.3f}",
        **{f"extra_{i}": str(draw.randint(0, 99)) for i in range(params)},
    }
    extra = {f"score_{i}": draw.random() * 1000 for i in range(metrics)}
    values = {
        "test_auc": score,
        "test_loss": 0.2 + (0.95 - score) * 1.7 + draw.gauss(0, 0.03),
        "train_auc": min(score + draw.uniform(0.02, 0.09), 1.0),
    } | extra
    return run(
        number,
        name=f"sweep-{number:04d}",
        params={
            name: value for name, value in list(given.items())[:params] if name != "subsample" or number % 9
        },
        metrics=dict(list(values.items())[:metrics]),
        status=RunStatus.FAILED if number == 5 else RunStatus.FINISHED,
    )


def _curve(last: float, points: int, draw: random.Random) -> tuple[float, ...]:
    start = 0.5 if last < 1 else last * 2
    return tuple(
        last + (start - last) * math.exp(-4 * i / max(points - 1, 1)) + draw.gauss(0, abs(last) * 0.004)
        for i in range(points)
    )


def hostile_many(text: str = HOSTILE) -> RunsComparison:
    made = tuple(
        run(i, name=text, params={text: text + str(i), "p": str(i)}, metrics={text: float(i), "auc": i / 9})
        for i in range(1, 7)
    )
    histories = tuple(MetricSeries(one.id, text, (0.0, 1.0, 2.0), (1.0, 2.0, 3.0)) for one in made)
    return RunsComparison(
        made,
        (text, "p"),
        ("auc", text),
        {text: text},
        (1, 2, 3, None, 1, 1),
        {text: (1, 2, None, 1, 1, 1)},
        histories,
        (text,),
    )

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from nbship.detection.bins import jensen_shannon
from nbship.model.bundle import Bundle, InputColumn, ModelFormat, OutputColumn
from nbship.profiling import profile
from nbship.serving.drift_watch import BLOCK_ROWS, _jensen_shannon
from nbship.serving.live_drift import LiveDrift

TYPES = {"age": "double", "visits": "long", "city": "string", "member": "boolean", "at": "datetime"}
START = datetime(2026, 1, 1, tzinfo=UTC)


def rows(count: int, *, seed: int = 0, older: float = 0.0, cities: tuple[str, ...] = ("Bonn", "Ulm", "Jena")):
    random = np.random.default_rng(seed)
    return [
        [
            float(random.normal(40 + older, 10)),
            int(random.poisson(3)),
            str(random.choice(cities, p=(0.6, 0.3, 0.1))),
            bool(random.random() < 0.2),
            (START + timedelta(hours=float(random.uniform(0, 1000)))).replace(tzinfo=None),
        ]
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def reference():
    table = pd.DataFrame(rows(5000), columns=list(TYPES)).assign(bought=["no", "no", "no", "yes"] * 1250)
    return profile(table, roles={"bought": "target"})


def watched(reference, output: str = "string") -> LiveDrift:
    inputs = tuple(InputColumn(name, kind) for name, kind in TYPES.items())
    bundle = Bundle("m", "r", ModelFormat.SKOPS, "m", "", inputs=inputs, outputs=(OutputColumn("p", output),))
    return LiveDrift(bundle, reference)


def settled(drift: LiveDrift, answered: list, answer: str = "no") -> LiveDrift:
    drift.add(answered, [answer] * len(answered))
    drift.settle()
    return drift


def test_rows_like_the_reference_show_no_drift(reference):
    scores = settled(watched(reference), rows(5000, seed=1)).scores()
    assert set(scores) == set(TYPES)
    for score in scores.values():
        assert score.rows == 5000
        assert score.statistics["psi"] < 0.02
        assert score.statistics["jensen_shannon"] < 0.07
        assert score.statistics.get("ks", 0) < 0.03
        assert score.missing_ratio == 0


def test_a_shift_shows_in_its_column_only(reference):
    scores = settled(watched(reference), rows(2000, seed=2, older=8)).scores()
    assert scores["age"].statistics["ks"] > 0.25
    assert scores["age"].statistics["psi"] > 0.3
    assert scores["visits"].statistics["psi"] < 0.05


def test_the_kolmogorov_smirnov_distance_is_that_of_the_values(reference):
    from scipy.stats import ks_2samp

    then, now = [row[0] for row in rows(5000)], rows(3000, seed=3, older=2)
    found = settled(watched(reference), now).scores()["age"].statistics["ks"]
    assert found == pytest.approx(ks_2samp(then, [row[0] for row in now]).statistic, abs=0.02)


def test_new_levels_show(reference):
    scores = settled(watched(reference), rows(1000, seed=4, cities=("Bonn", "Ulm", "Kiel"))).scores()
    assert scores["city"].statistics["psi"] > 0.1


def test_missing_values_are_counted_apart(reference):
    answered = rows(1000, seed=5)
    for number, row in enumerate(answered):
        if number % 4 == 0:
            row[0], row[2], row[4] = (None if number % 8 else float("nan")), None, None
    scores = settled(watched(reference), answered).scores()
    assert [scores[name].missing_ratio for name in ("age", "city", "at", "visits")] == [0.25, 0.25, 0.25, 0]
    assert scores["age"].statistics["psi"] < 0.1


def test_a_column_without_any_value_has_no_distance(reference):
    drift = settled(watched(reference), [[None] * 5] * 10)
    assert all(score.statistics == {} for score in drift.scores().values())


def test_the_window_slides(reference):
    drift = watched(reference)
    settled(drift, rows(3000, seed=6, older=30))
    for seed in range(4):
        settled(drift, rows(2560, seed=10 + seed))
    score = drift.scores()["age"]
    assert score.rows <= 10_240
    assert score.statistics["ks"] < 0.05


def test_scrapes_with_few_rows_between_them_do_not_shorten_the_window(reference):
    drift = watched(reference)
    for row in rows(700, seed=7):
        settled(drift, [row])
    assert drift.scores()["age"].rows == 700


def test_predictions_are_compared_with_the_target(reference):
    drift = settled(watched(reference), rows(BLOCK_ROWS, seed=8), "yes")
    score = drift.prediction_score()
    assert score is not None
    assert score.statistics["psi"] > 1


def test_without_a_profile_nothing_is_watched():
    drift = settled(watched(None), rows(10))
    assert not drift.watches
    assert drift.scores() == {}
    assert drift.prediction_score() is None


def test_a_column_of_another_kind_is_not_watched():
    reference = profile(pd.DataFrame({"age": ["young", "old"] * 50, "visits": range(100)}))
    assert set(settled(watched(reference), rows(10)).scores()) == {"visits"}


def test_infinite_and_huge_numbers_are_counted(reference):
    answered = rows(100, seed=9)
    for row, value in zip(answered, (float("inf"), float("-inf"), 1e308), strict=False):
        row[0] = value
    assert settled(watched(reference), answered).scores()["age"].rows == 100


def test_the_jensen_shannon_distance_is_the_one_of_the_reports():
    random = np.random.default_rng(0)
    for _ in range(50):
        left, right = random.integers(0, 20, 12), random.integers(0, 20, 12)
        assert _jensen_shannon(left, right) == pytest.approx(jensen_shannon(left, right))


def test_nothing_heavy_is_imported():
    import subprocess
    import sys

    code = (
        "import sys, nbship.serving.live_drift; "
        "print([name for name in ('scipy', 'pandas', 'pyarrow', 'blake3', 'sklearn') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

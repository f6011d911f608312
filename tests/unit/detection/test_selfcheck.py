"""The self-check: false alarms on the user's own data."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest

from nbship.detection.selfcheck import selfcheck
from nbship.errors import UsageError
from nbship.model.drift import DriftOptions
from nbship.profiling.table import read_table


def frame(rows=600):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "x": rng.lognormal(size=rows),
            "level": rng.choice(list("abcdef"), rows),
            "holes": np.where(rng.random(rows) < 0.2, np.nan, rng.random(rows)),
            "id": [f"user {i}" for i in range(rows)],
            "list": [[i] for i in range(rows)],
            "text": [" ".join(f"w{w}" for w in rng.integers(0, 300, 6)) for _ in range(rows)],
        }
    )


def test_halves_of_one_table_raise_few_alarms():
    check = selfcheck(read_table(frame()), name="mine", splits=60)
    assert (check.name, check.splits, check.rows, check.expected) == ("mine", 60, 300, 0.05)
    assert check.alarms <= 7
    assert check.alarms <= check.significant
    assert 6 <= check.tests <= 10
    assert sum(check.columns.values()) >= check.alarms
    assert any("id, list" in note for note in check.notes)


def test_without_thresholds_and_corrections_there_are_more():
    options = DriftOptions(correction="none", wasserstein=0, jensen_shannon=0, novelty=0)
    check = selfcheck(read_table(frame()), name="mine", options=options, splits=60)
    assert check.significant > 0
    assert check.columns
    assert check.expected == pytest.approx(1 - 0.95**check.tests)


def test_the_same_seed_gives_the_same_answer_and_global_states_stay():
    table = read_table(frame(200)[["x", "level"]])
    np.random.seed(5)
    before, state = np.random.get_state()[1].tolist(), random.getstate()
    first, second = (selfcheck(table, name="a", splits=20, seed=3) for _ in range(2))
    assert first == second
    assert np.random.get_state()[1].tolist() == before
    assert random.getstate() == state


def test_large_tables_are_drawn_from_and_it_is_said():
    table = read_table({"x": np.random.default_rng(0).standard_normal(100_000)})
    check = selfcheck(table, name="large", splits=3)
    assert check.rows == 20_000
    assert check.notes == ("each split draws 40,000 of 100,000 rows",)


def test_chosen_columns_only():
    check = selfcheck(read_table(frame()), name="a", options=DriftOptions(columns=("x",)), splits=2)
    assert check.tests == 1


@pytest.mark.parametrize(("rows", "splits", "message"), [(5, 10, "5 rows"), (50, 0, "at least one")])
def test_what_cannot_be_checked_is_one_clear_error(rows, splits, message):
    with pytest.raises(UsageError, match=message):
        selfcheck(read_table({"x": np.arange(rows)}), name="few", splits=splits)

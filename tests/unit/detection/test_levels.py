"""Columns of levels: evidence, new and vanished levels, profiles that do not list all."""

import numpy as np
import pytest

from nbship.detection.columns import compare_columns
from nbship.detection.contingency import homogeneity
from nbship.detection.level_side import LevelSide, side_by_side
from nbship.detection.levels import level_changes, level_finding
from nbship.detection.sides import side_of
from nbship.model.drift import DriftOptions, DriftState
from nbship.profiling.build import profile
from nbship.profiling.table import read_table

OPTIONS = DriftOptions()


def side(**counts):
    return LevelSide(counts, distinct=len(counts))


def test_the_finding_names_the_level_that_changed_most():
    found = level_finding(side(a=500, b=300, c=200), side(a=300, b=310, c=390), OPTIONS)
    evidence, lone = found.evidence
    assert "'a': 50 % -> 30 %" in evidence.finding
    assert lone.finding == "level 'c' went from 20 % to 39 %"
    assert evidence.large
    assert evidence.test.p_value < 1e-10
    assert {m.name for m in found.measures} == {"jensen_shannon", "psi", "chi_square", "cramers_v"}


def test_equal_shares_are_no_evidence():
    evidence, lone = level_finding(side(a=500, b=300, c=200), side(a=50, b=30, c=20), OPTIONS).evidence
    assert lone.test.p_value == pytest.approx(1.0)
    assert evidence.effect.value == pytest.approx(0, abs=1e-7)
    assert evidence.test.p_value == pytest.approx(1.0)


def test_another_constant_is_evidence_and_the_same_is_none():
    (other,) = level_finding(side(a=100), side(b=100), OPTIONS).evidence
    assert other.large
    assert other.test.p_value < 1e-10
    (same,) = level_finding(side(a=100), side(a=90), OPTIONS).evidence
    assert same.test.p_value == 1


def test_new_and_vanished_levels_are_listed_most_frequent_first():
    reference, current = side(a=10, old=2), side(a=10, new=3, newer=7)
    listed, count = level_changes(reference, current)
    assert [(change.level, change.count, change.share) for change in listed] == [
        ("newer", 7, 0.35),
        ("new", 3, 0.15),
    ]
    assert count == 2
    assert [change.level for change in level_changes(current, reference)[0]] == ["old"]


def test_at_most_twenty_new_levels_are_listed_and_all_are_counted():
    listed, count = level_changes(side(a=1), LevelSide({f"n{i:02}": 1 for i in range(50)}))
    assert (len(listed), count) == (20, 50)


def test_a_reference_that_does_not_list_all_levels_calls_none_new():
    assert level_changes(LevelSide({"a": 9}, other=5), side(b=4)) == ((), 0)


def test_ten_thousand_levels_are_compared():
    rng = np.random.default_rng(0)
    left = LevelSide(
        {f"l{i}": int(c) for i, c in enumerate(rng.multinomial(50_000, np.full(10_000, 1e-4))) if c}
    )
    right = LevelSide(
        {f"l{i}": int(c) for i, c in enumerate(rng.multinomial(40_000, np.full(10_000, 1e-4))) if c}
    )
    found = level_finding(left, right, OPTIONS)
    assert not found.evidence[0].large
    assert found.evidence[0].test.p_value > 0.001
    assert "pooled" in found.notes[0]


@pytest.mark.parametrize("shares", [np.ones(3000), 1 / np.arange(1, 3001)], ids=["uniform", "zipf"])
def test_a_profile_that_lists_the_most_frequent_levels_raises_no_false_alarm(shares):
    rng, alarms, repeats = np.random.default_rng(0), 0, 200
    names = np.array([f"l{i}" for i in range(3000)])
    for _ in range(repeats):
        left, right = (
            rng.multinomial(20_000, shares / shares.sum()),
            rng.multinomial(5000, shares / shares.sum()),
        )
        order = np.argsort(-left, kind="stable")
        listed, other = order[:1000], int(left[order[1000:]].sum())
        reference = LevelSide(dict(zip(names[listed].tolist(), left[listed].tolist(), strict=True)), other)
        current = LevelSide(
            {name: count for name, count in zip(names.tolist(), right.tolist(), strict=True) if count}
        )
        table = side_by_side(reference, current)
        assert (table.reference.sum(), table.current.sum()) == (20_000, 5000)
        test = homogeneity(table.reference, table.current)
        alarms += test is not None and test.p_value < 0.05
    assert alarms / repeats <= 0.09


def test_a_level_that_the_profile_does_not_list_but_is_frequent_now_is_found():
    reference = LevelSide({"a": 5000, "b": 4000} | {f"l{i}": 20 for i in range(50)}, other=400)
    current = LevelSide({"a": 450, "b": 350, "unlisted": 300})
    mix, lone = level_finding(reference, current, OPTIONS).evidence
    assert mix.large
    assert lone.large
    assert lone.test.p_value < 1e-10
    assert lone.finding == "level 'unlisted' went from at most 0.192 % to 27.3 %"


@pytest.mark.parametrize(("n", "m"), [(10_000, 300), (1000, 1000)])
def test_a_new_level_of_three_percent_is_found_among_frequent_ones(n, m):
    rng = np.random.default_rng(0)
    left, right = (
        dict(zip("abcd", rng.multinomial(size, [0.25] * 4).tolist(), strict=True)) for size in (n, m)
    )
    *_, lone = level_finding(side(**left), side(**right, new=m * 3 // 100), OPTIONS).evidence
    assert lone.large
    assert lone.test.p_value < 1e-6
    assert "level 'new' went from 0 % to 2.9" in lone.finding


@pytest.mark.parametrize("made_like", ["reference", "current"])
def test_levels_that_a_profile_lists_by_hash_raise_no_false_alarm(made_like):
    rng = np.random.default_rng(3)
    shares = 1 / np.arange(1, 4001) ** 0.7
    first, second = (
        rng.choice(4000, 20_000, p=shares / shares.sum()).astype(str).astype(object) for _ in range(2)
    )
    plain = side_of(read_table({"x": first}).columns[0])
    made = side_of(profile({"x": second}, like=profile({"x": ["a", "b"] * 10})).columns[0])
    assert made.by_hash
    assert made.size == 20_000
    found = level_finding(*((made, plain) if made_like == "reference" else (plain, made)), OPTIONS)
    assert all(not item.large and item.test.p_value > 0.001 for item in found.evidence)


def test_a_profile_with_nothing_frequent_enough_is_not_called_equal():
    names = np.char.add("l", np.arange(5000).astype(str)).astype(object)
    base = profile({"x": np.repeat(names, 4)})
    current = profile({"x": np.concatenate([np.repeat(names, 2), np.full(600, "new", object)])}, like=base)
    row = compare_columns(base.columns[0], current.columns[0], OPTIONS)
    assert row.state is DriftState.SKIPPED
    assert "none that it lists is frequent enough" in row.reason


def test_profiles_that_withhold_rare_levels_can_be_compared():
    values = np.array(["a"] * 600 + ["b"] * 390 + ["rare", "rarer"] * 5)
    made = side_of(profile({"x": values}, min_count=20).columns[0])
    assert made.other == 10
    (evidence,) = level_finding(made, made, OPTIONS).evidence
    assert evidence.effect.value == 0


def test_nearly_unique_levels_identify():
    assert LevelSide({f"u{i}": 1 for i in range(500)}, distinct=500).identifies
    assert not LevelSide({f"u{i}": 2 for i in range(500)}, distinct=500).identifies
    assert not LevelSide({"a": 1, "b": 1}, distinct=2).identifies

# ruff: noqa: RUF001 - signs are typeset on purpose
from __future__ import annotations

from dataclasses import replace

import pytest

import drift_reports as made
from nbship.display.drift_words import (
    budget,
    counted_states,
    decision,
    headline,
    levels_words,
    missing_decision,
    missing_words,
    side_words,
    standing_state,
)
from nbship.model.drift import (
    DriftOptions,
    DriftSide,
    DriftState,
    Effect,
    LevelChange,
    MissingDrift,
    SignificanceTest,
)


def test_the_headline_counts_every_column_once():
    report = made.report()
    assert headline(report) == (
        "5 of 14 columns drifted: dep_delay, temp, time_hour, carrier, wind_gust; 1 more drifted but is harmless; "
        "1 changed its type; 1 is missing; 1 is new; 1 was skipped"
    )
    assert len(report.columns) == 14 + 1 + 1 + 1 + 1


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ((made.numeric("a"), made.numeric("b")), "None of 2 columns drifted"),
        ((made.numeric("a", 1.0),), "1 of 1 column drifted: a"),
        ((), "No column could be compared"),
        ((made.lone("a", DriftState.NEW, ""),) * 2, "No column could be compared; 2 are new"),
        (
            (made.numeric("a", 1.0, state=DriftState.HARMLESS),) * 2,
            "None of 2 columns drifted; 2 drifted but are harmless",
        ),
        ((made.numeric("", 1.0),), "1 of 1 column drifted: (no name)"),
    ],
)
def test_the_headline_of_special_reports(columns, said):
    assert headline(made.report(columns)) == said


def test_of_many_drifted_columns_the_first_are_named():
    said = headline(made.report(tuple(made.numeric(f"c{i}", 1.0) for i in range(9))))
    assert said == "9 of 9 columns drifted: c0, c1, c2, c3, c4, c5, …"


def test_the_loudest_state_stands_for_the_report():
    assert standing_state(made.report()) is DriftState.DRIFTED
    assert standing_state(made.report((made.numeric("a"),))) is DriftState.STABLE
    assert standing_state(made.report(())) is DriftState.SKIPPED
    new = (made.numeric("a"), made.lone("b", DriftState.NEW, ""))
    assert standing_state(made.report(new)) is DriftState.NEW


def test_states_are_counted():
    assert (
        counted_states(made.flights())
        == "5 drifted, 1 drifted but harmless, 8 stable, 1 skipped, 1 missing, 1 new, 1 type changed"
    )


@pytest.mark.parametrize(
    ("correction", "tests", "said"),
    [
        (
            "bh",
            42,
            "With nothing changed, at most 5 % of such reports call any column drifted (42 tests corrected together by Benjamini–Hochberg).",
        ),
        (
            "holm",
            1,
            "With nothing changed, at most 5 % of such reports call any column drifted (1 test).",
        ),
        (
            "none",
            42,
            "Not corrected: with nothing changed, each of 42 tests still has 5 % chance of a small p-value, about 2.1 of them together.",
        ),
        ("bh", 0, "Nothing was tested."),
    ],
)
def test_the_budget_of_false_alarms_is_one_sentence(correction, tests, said):
    assert budget(made.report(tests=tests, options=DriftOptions(correction=correction))) == said


def test_what_decided_is_said_with_both_conditions():
    test = SignificanceTest("ks", 0.1, 0.01, 0.2)
    said = decision(Effect("wasserstein", 0.5, 0.1), test, DriftOptions())
    assert (
        said
        == "Wasserstein-1, in spreads 0.5 > threshold 0.1 · Kolmogorov–Smirnov p = 0.01, corrected p = 0.2, not below 0.05"
    )
    assert (
        decision(Effect("novelty", 0.01, 0.1), None, DriftOptions()) == "unknown words 0.01 ≤ threshold 0.1"
    )
    assert "corrected" not in decision(Effect("novelty", 1, 0.1), test, DriftOptions(correction="none"))


def test_what_decided_about_missing_values_is_in_points():
    gone = MissingDrift(0.012, 0.147, drifted=True, test=SignificanceTest("fisher", None, 0.0, 0.0))
    assert (
        missing_decision(gone, DriftOptions())
        == "missing 1.2 % → 15 % (+13.5 points, threshold 2 %) · Fisher's exact test (mid-p) p < 0.001, corrected p < 0.001, below 0.05"
    )


def test_missing_values_are_told_where_there_are_any():
    assert missing_words(None) == ""
    assert missing_words(MissingDrift(0.0, 0.0)) == ""
    assert missing_words(MissingDrift(0.0, 0.5)) == "0 % → 50 %"
    assert missing_words(MissingDrift(0.5, 0.5)) == "50 %"


def test_a_side_says_how_it_was_read():
    assert side_words(DriftSide("a", 1, 2)) == "1 row × 2 columns"
    assert (
        side_words(DriftSide("a", 1000, 1, exact=False, sampled_from=10**6))
        == "1,000 rows × 1 column, sampled from 1,000,000, from its profile"
    )


def test_levels_of_one_side_are_named_and_counted():
    levels = tuple(LevelChange(name, 1, 0.1) for name in "abcd")
    assert levels_words("+", "new", levels, 9) == "+ 9 new: a, b, c, …"
    assert levels_words("−", "vanished", (), 0) == ""
    assert levels_words("−", "vanished", (), 7) == "− 7 vanished"


def test_a_report_says_nothing_of_what_it_has_not():
    report = replace(made.report(), columns=())
    assert "drifted" not in headline(report)


def test_the_tests_of_windows_are_counted_apart():
    columns = (made.numeric("a"), made.levelled("b"))
    report = made.report(columns, tests=27, windows=made.windows(columns, 12))
    assert "(3 tests corrected together by Benjamini–Hochberg; those of windows apart, 24 more)" in budget(
        report
    )

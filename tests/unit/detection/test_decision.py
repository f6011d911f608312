"""From evidence to states, reasons and order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbship.detection.decision import decide, ranked
from nbship.detection.evidence import Draft, Evidence, over
from nbship.model.drift import ColumnDrift, DriftOptions, DriftState, Effect, MissingDrift, SignificanceTest
from nbship.model.profile import ColumnKind

OPTIONS = DriftOptions()


def draft(name="x", *evidence, missing=None, state=DriftState.STABLE, reason=""):
    return Draft(ColumnDrift(name, ColumnKind.NUMERIC, state, False, reason, missing=missing), evidence)


def evidence(value, p, threshold=0.1, finding="values moved", aspect="values"):
    return Evidence(Effect("wasserstein", value, threshold), SignificanceTest("ks", 0.1, p), finding, aspect)


@pytest.mark.parametrize(
    ("value", "p", "drifted", "words"),
    [
        (0.5, 1e-9, True, "values moved, far beyond chance (p < 0.001)"),
        (0.5, 0.01, True, "values moved, beyond chance (p = 0.01)"),
        (0.5, 0.2, False, "no more than chance can do with so few values: values moved (p = 0.2)"),
        (0.05, 1e-9, False, "statistically certain but too small to matter: values moved (p < 0.001)"),
        (0.05, 0.2, False, "no more than chance: values moved (p = 0.2)"),
        (0.0, 1.0, False, "no difference"),
        (0.1, 1e-9, False, "statistically certain but too small to matter: values moved (p < 0.001)"),
    ],
)
def test_a_column_drifts_when_the_effect_is_large_and_certain(value, p, drifted, words):
    (row,) = decide([draft("x", evidence(value, p))], OPTIONS)
    assert (row.drifted, row.reason) == (drifted, words)
    assert row.state is (DriftState.DRIFTED if drifted else DriftState.STABLE)
    assert row.score == pytest.approx(value / 0.1 if drifted else 0)


def test_all_tests_of_all_rows_are_one_family():
    missing = MissingDrift(0.1, 0.2, test=SignificanceTest("chi_square", 3.0, 0.02))
    rows = decide([draft("a", evidence(0.5, 0.02), missing=missing), draft("b", evidence(0.5, 0.9))], OPTIONS)
    assert rows[0].test.p_corrected == pytest.approx(0.03)
    assert rows[0].missing.test.p_corrected == pytest.approx(0.03)
    assert rows[1].test.p_corrected == pytest.approx(0.9)
    none = decide([draft("a", evidence(0.5, 0.02), missing=missing)], replace(OPTIONS, correction="none"))
    assert none[0].test.p_corrected == 0.02


def test_missing_values_alone_are_drift():
    missing = MissingDrift(0.01, 0.09, test=SignificanceTest("chi_square", 30.0, 1e-9))
    (row,) = decide([draft("x", evidence(0.01, 0.8), missing=missing)], OPTIONS)
    assert row.drifted
    assert row.missing.drifted
    assert row.reason == "missing values went from 1 % to 9 % (p < 0.001)"
    assert row.score == pytest.approx(4)
    (small,) = decide([draft("x", missing=replace(missing, current=0.02), reason="r")], OPTIONS)
    assert not small.drifted


def test_the_strongest_evidence_is_shown_and_every_alarm_is_told():
    weak = evidence(0.2, 1e-4, finding="weak", aspect="words")
    strong = evidence(0.9, 1e-9, finding="strong")
    (row,) = decide([draft("x", weak, strong)], OPTIONS)
    assert row.effect.value == 0.9
    assert row.reason.startswith("strong, far beyond chance (p < 0.001); weak")


def test_of_two_alarms_about_the_values_the_surer_one_is_told():
    tests = evidence(0.9, 1e-4, finding="unsure"), evidence(0.9, 1e-9, finding="sure")
    (row,) = decide([draft("x", *tests)], OPTIONS)
    assert row.reason == "sure, far beyond chance (p < 0.001)"
    assert row.test.p_value == 1e-9


def test_what_is_certain_is_never_called_chance():
    tests = evidence(0.9, 0.3, finding="large"), evidence(0.05, 1e-9, finding="small")
    (row,) = decide([draft("x", *tests)], OPTIONS)
    assert row.reason == "statistically certain but too small to matter: small (p < 0.001)"


def test_another_type_stays_one_when_more_is_missing():
    missing = MissingDrift(0.0, 0.2, test=SignificanceTest("chi_square", 30.0, 1e-9))
    changed = draft("x", missing=missing, state=DriftState.TYPE_CHANGED, reason="was int64, is string")
    (row,) = decide([changed], OPTIONS)
    assert (row.state, row.drifted) == (DriftState.TYPE_CHANGED, True)
    assert row.reason == "missing values went from 0 % to 20 % (p < 0.001); was int64, is string"


def test_rows_without_evidence_keep_their_state():
    (row,) = decide([draft("x", state=DriftState.SKIPPED, reason="no order")], OPTIONS)
    assert (row.state, row.reason, row.drifted) == (DriftState.SKIPPED, "no order", False)


def row(name, state, score=0.0, role="feature"):
    drifted = state is DriftState.DRIFTED
    return ColumnDrift(name, ColumnKind.NUMERIC, state, drifted, "because", role=role, score=score)


def test_rows_are_sorted_by_how_much_they_matter():
    rows = [
        row("skipped", DriftState.SKIPPED),
        row("stable", DriftState.STABLE),
        row("new", DriftState.NEW),
        row("small", DriftState.DRIFTED, 2),
        row("large", DriftState.DRIFTED, 9),
        row("gone", DriftState.MISSING),
        row("target", DriftState.DRIFTED, 1, role="target"),
    ]
    names = [item.name for item in ranked(rows, OPTIONS, None)]
    assert names == ["target", "gone", "large", "small", "new", "stable", "skipped"]


def test_importance_turns_drift_harmless_only_where_it_is_known():
    rows = [row(name, DriftState.DRIFTED, 5) for name in ("used", "unused", "unknown")]
    rows.append(row("target", DriftState.DRIFTED, 5, role="target"))
    found = {item.name: item for item in ranked(rows, OPTIONS, {"used": 0.8, "unused": 0.002, "target": 0.0})}
    assert found["unused"].state is DriftState.HARMLESS
    assert found["unknown"].state is found["used"].state is found["target"].state is DriftState.DRIFTED
    assert found["used"].score > found["unknown"].score > found["unused"].score


@pytest.mark.parametrize(
    ("value", "threshold", "ratio"), [(0.0, 0.0, 0.0), (0.2, 0.1, 2.0), (0.2, 0.0, 1e6), (1.0, 1e-300, 1e6)]
)
def test_ratios_stay_numbers(value, threshold, ratio):
    assert over(value, threshold) == pytest.approx(ratio)

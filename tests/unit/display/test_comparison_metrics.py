from __future__ import annotations

import pytest

from comparisons import metric
from nbship.display.comparison_metrics import (
    HIGHER_IS_BETTER,
    LOWER_IS_BETTER,
    by_interest,
    delta_text,
    direction,
    metric_texts,
    relative_text,
    verdict,
)


@pytest.mark.parametrize(
    "name",
    [
        "auc",
        "test_auc",
        "valAUC",
        "val_rocAuc",
        "accuracy_score",
        "f1",
        "F1-macro",
        "r2",
        "training_r2_score",
    ],
)
def test_more_is_better_where_the_name_says_so(name):
    assert direction(name) == 1


@pytest.mark.parametrize(
    "name", ["loss", "val/loss", "rmse", "test_log_loss", "logloss", "mae", "error rate", "valLoss"]
)
def test_less_is_better_where_the_name_says_so(name):
    assert direction(name) == -1


@pytest.mark.parametrize("name", ["neg_mean_squared_error_mse", "neg_log_loss", "negative-rmse"])
def test_negated_errors_are_better_when_they_are_larger(name):
    assert direction(name) == 1


@pytest.mark.parametrize(
    "name", ["score", "rows", "auctions", "glossary", "f10", "", "loss_at_best_accuracy", "lr", "macro"]
)
def test_where_the_name_is_not_sure_nothing_is_claimed(name):
    assert direction(name) == 0
    assert verdict(metric(name, 1.0, 2.0)) == ""


def test_no_word_is_in_both_lists():
    assert not HIGHER_IS_BETTER & LOWER_IS_BETTER


@pytest.mark.parametrize(
    ("name", "left", "right", "said"),
    [
        ("auc", 0.9, 0.8, "worse"),
        ("auc", 0.8, 0.9, "better"),
        ("loss", 0.9, 0.8, "better"),
        ("auc", 0.8, 0.8, ""),
        ("auc", None, 1, ""),
    ],
)
def test_the_verdict_is_that_of_the_second_run(name, left, right, said):
    assert verdict(metric(name, left, right)) == said


@pytest.mark.parametrize(
    ("left", "right", "texts"),
    [
        (0.9123, 0.8812, ("0.9123", "0.8812")),
        (0.91231, 0.91233, ("0.91231", "0.91233")),
        (0.1 + 0.2, 0.3, ("0.30000000000000004", "0.29999999999999999")),
        (1_000_000, 2_000_000, ("1,000,000", "2,000,000")),
        ("NaN", 0.5, ("NaN", "0.5")),
        (None, 0.5, ("—", "0.5")),
        (0.5, 0.5, ("0.5", "0.5")),
        (1e300, -1e300, ("1e+300", "-1e+300")),
    ],
)
def test_values_have_the_digits_that_tell_them_apart(left, right, texts):
    assert metric_texts(metric("m", left, right)) == texts


@pytest.mark.parametrize(
    ("left", "right", "delta", "relative"),
    [
        (0.9123, 0.8812, "▼ \N{MINUS SIGN}0.0311", "\N{MINUS SIGN}3.4 %"),
        (10.0, 12.5, "▲ +2.5", "+25 %"),
        (-10.0, -5.0, "▲ +5", "+50 %"),
        (1.0, 50.0, "▲ +49", "\N{MULTIPLICATION SIGN} 50"),
        (1.0, 3.0, "▲ +2", "+200 %"),
        (0.0, 1.0, "▲ +1", ""),
        (1.0, 1.0, "\N{FULLWIDTH EQUALS SIGN} +0", ""),
        (None, 1.0, "only in B", ""),
        (1.0, None, "only in A", ""),
        (1.0, "NaN", "", ""),
    ],
)
def test_a_difference_has_arrow_sign_and_number(left, right, delta, relative):
    assert (delta_text(metric("m", left, right)), relative_text(metric("m", left, right))) == (
        delta,
        relative,
    )


def test_metrics_of_test_data_come_before_those_of_training_and_unsure_ones_last():
    names = ["rows", "train_auc", "auc", "val_auc", "test_loss", "seconds"]
    assert by_interest(names) == ["test_loss", "val_auc", "auc", "train_auc", "rows", "seconds"]

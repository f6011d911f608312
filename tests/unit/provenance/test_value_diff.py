from __future__ import annotations

import json
import math
import sys

import pytest

from nbship.model.comparison import MetricDiff, ParamDiff
from nbship.provenance.value_diff import diff_metrics, diff_params


def test_only_parameters_that_differ_are_told_by_name():
    left, right = {"b": "1", "same": "x", "gone": "2"}, {"b": "3", "same": "x", "a": "new"}
    assert diff_params(left, right) == (
        ParamDiff("a", None, "new"),
        ParamDiff("b", "1", "3"),
        ParamDiff("gone", "2", None),
    )


def test_masked_secrets_are_equal():
    assert diff_params({"password": "***"}, {"password": "***"}) == ()


def test_metrics_have_their_change_and_its_share():
    (found,) = diff_metrics({"auc": -0.5, "same": 1.0}, {"auc": -0.75, "same": 1.0})
    assert found == MetricDiff("auc", -0.5, -0.75, -0.25, -0.5)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (0.0, 1.0, MetricDiff("m", 0.0, 1.0, 1.0, None)),
        (None, 1.0, MetricDiff("m", None, 1.0)),
        (math.nan, 1.0, MetricDiff("m", "NaN", 1.0)),
        (math.inf, -math.inf, MetricDiff("m", "Infinity", "-Infinity")),
        (sys.float_info.max, 1.0, MetricDiff("m", "Infinity", 1.0)),
        (1e308, -1e308, MetricDiff("m", 1e308, -1e308, None, None)),
    ],
)
def test_what_has_no_change_has_none(left, right, expected):
    sides = [{} if value is None else {"m": value} for value in (left, right)]
    (found,) = diff_metrics(*sides)
    assert found == expected
    json.dumps(found.delta, allow_nan=False)


def test_nan_is_equal_to_nan():
    assert diff_metrics({"m": math.nan, "i": math.inf}, {"m": math.nan, "i": math.inf}) == ()

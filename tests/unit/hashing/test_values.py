"""Single Python values: equal ones give equal bytes, different ones different bytes."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbship.errors import FingerprintError
from nbship.hashing.values import ValueEncoder, is_missing


class Custom:
    def __init__(self, value):
        self.value = value


def encode(value):
    return ValueEncoder().encode(value)


DISTINCT = [
    None, True, False, 1, 0, 1.0, 0.0, -0.0, 1j, "1", "", b"1", b"", Decimal(1), Decimal("1.5"), Decimal(10),
    dt.date(2020, 1, 1), pd.Timestamp(2020, 1, 1), dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.time(1), dt.timedelta(1),
    pd.Timestamp("2020-01-01 00:00:00.000000001"), pd.Timedelta(1, "ns"), uuid.UUID(int=1),
    [], [1], [1, 2], [[1], 2], ["ab", "c"], ["a", "bc"], {}, {"a": 1}, {"a": 2}, {1}, frozenset({1, 2}), Decimal("inf"),
]  # fmt: skip


def test_different_values_have_different_bytes():
    assert len({encode(value) for value in DISTINCT}) == len(DISTINCT)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, np.int8(1)),
        (1.5, np.float32(1.5)),
        ("a", np.str_("a")),
        (True, np.True_),
        ([1, 2], np.array([1, 2])),
        ((1, 2), [1, 2]),
        (Decimal("1.10"), Decimal("1.1")),
        (Decimal("1E+1"), Decimal(10)),
        (Decimal("0.00"), Decimal(0)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"x", "y", "z"}, {"z", "y", "x"}),
        (None, float("nan")),
        (pd.NaT, np.datetime64("NaT")),
        (dt.datetime(2020, 1, 1), pd.Timestamp("2020-01-01")),  # noqa: DTZ001
    ],
)
def test_equal_values_have_equal_bytes(left, right):
    assert encode(left) == encode(right)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)


@given(left=JSON, right=JSON)
def test_bytes_are_equal_exactly_when_nested_values_are(left, right):
    def canonical(value):
        if isinstance(value, dict):
            return ("dict", sorted((key, repr(canonical(item))) for key, item in value.items()))
        return (
            ["list", *map(canonical, value)]
            if isinstance(value, list)
            else (type(value).__name__, repr(value))
        )

    assert (encode(left) == encode(right)) == (canonical(left) == canonical(right))


def test_shared_items_do_not_show():
    item = ["x"]
    assert encode([item, item]) == encode([["x"], ["x"]])


def test_strangers_are_pickled_and_remembered():
    encoder = ValueEncoder()
    encoder.encode([1, "a"])
    assert not encoder.pickled
    assert encoder.encode(Custom(1)) != encoder.encode(Custom(2))
    assert encoder.pickled


def test_what_cannot_be_pickled_is_refused():
    with pytest.raises(FingerprintError, match="function"):
        encode(lambda: 0)
    endless = []
    endless.append(endless)
    with pytest.raises(FingerprintError, match="contains itself"):
        encode(endless)


def test_missing_values_are_known():
    missing = [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), Decimal("nan")]
    assert all(is_missing(value) for value in missing)
    assert not any(is_missing(value) for value in [0, "", [], np.array([np.nan]), "nan"])

"""Bytes to JSON values, in bounded memory and time."""

from __future__ import annotations

import json
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbship.serving.decoding import Infinite, decode_json, decode_text
from nbship.serving.problems import BadRequestError

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def refusal(body):
    with pytest.raises(BadRequestError) as caught:
        decode_json(body)
    return caught.value


def without_odd_numbers(value):
    if isinstance(value, list):
        return [without_odd_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: without_odd_numbers(item) for key, item in value.items()}
    return None if value != value else value  # noqa: PLR0124 - NaN


@settings(max_examples=300, database=None)
@given(JSON)
def test_json_as_python_writes_it(value):
    assert decode_json(json.dumps(value).encode()) == without_odd_numbers(value)


def test_odd_numbers():
    values = decode_json(b"[NaN, Infinity, -Infinity, 1e999, 18446744073709551616, 1.5]")
    assert values == [None, float("inf"), float("-inf"), float("inf"), float(2**64), 1.5]
    assert [type(value) for value in values[1:4]] == [Infinite] * 3
    assert type(values[4]) is float


def test_a_byte_order_mark_is_let_through():
    assert decode_json('\ufeff{"a": 1}'.encode()) == {"a": 1}
    assert decode_text("\ufeffa,b".encode()) == "a,b"


@pytest.mark.parametrize(
    ("body", "reason", "message"),
    [
        (b"", "json", "the body is no JSON: line 1, column 1"),
        (b'{"a":\n 1,}', "json", "the body is no JSON: line 2, column 3"),
        (b"[NaN", "json", "the body is no JSON: line 1, column 5"),
        (b"NaN NaN", "json", "the body is no JSON: line 1, column 5"),
        (b'["\xff"]', "encoding", "the body is no UTF-8 at byte 2"),
        (b"[" * 5_000, "json", "the body is no JSON: line 1, column 1026"),
        (b'["\\ud800"]', "json", "the body is no JSON: line 1, column 3"),
    ],
)
def test_bodies_that_are_refused(body, reason, message):
    error = refusal(body)
    assert (error.status, str(error)) == (400, message)
    assert error.problems[0].reason == reason


@pytest.mark.parametrize("body", [b"[NaN," + b"[" * 200_000, b"[NaN," + b"[" * 200_000 + b"]" * 200_001])
def test_deep_nesting_is_refused_beyond_the_standard_too(body):
    assert refusal(body).problems[0].reason == "json"


def test_many_small_lists_are_refused_before_they_take_memory():
    body = b"[" + b"[]," * 3_000_000 + b"1]"
    tracemalloc.start()
    try:
        assert refusal(body).status == 413
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_number_of_many_digits_takes_no_quadratic_time():
    started = time.process_time()
    (value,) = decode_json(b"[" + b"7" * 5_000_000 + b"]")
    assert type(value) is Infinite
    assert time.process_time() - started < 5

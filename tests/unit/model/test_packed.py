from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbship.model.packed import pack_counts, pack_edges, unpack_counts, unpack_edges

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.integers(-(2**63), 2**63 - 1)).map(sorted))
def test_whole_numbers_come_back(edges):
    assert unpack_edges(json.loads(json.dumps(pack_edges(edges)))) == tuple(edges)


@given(st.lists(FLOATS | st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1).map(sorted))
def test_doubles_come_back(edges):
    found = unpack_edges(json.loads(json.dumps(pack_edges(edges))))
    assert found == tuple(edges)
    assert {type(edge) for edge in found} == {float}


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1), st.integers(0, 4))
def test_decimals_come_back_and_are_packed_as_such(numbers, decimals):
    edges = sorted(number / 10**decimals for number in numbers)
    packed = pack_edges(edges)
    assert unpack_edges(packed) == tuple(edges)
    assert packed["decimals"] <= decimals


@given(st.lists(st.integers(0, 2**62)))
def test_counts_come_back(counts):
    assert unpack_counts(json.loads(json.dumps(pack_counts(counts)))) == tuple(counts)


def test_the_shortest_form_is_taken():
    assert set(pack_edges([0.5, 1.5])) == {"decimals", "step", "integers"}
    assert set(pack_edges([2.0**-20, 1.5])) == {"float32"}
    assert set(pack_edges([0.1 + 2**-40, 1.5])) == {"float64"}
    assert set(pack_edges([1e300, 1.5e300])) == {"float64"}


def test_bins_of_equal_mass_cost_about_a_byte_each():
    assert len(pack_counts([977, 976] * 512)["differences"]) < 1400


def test_what_was_packed_otherwise_is_refused():
    with pytest.raises(ValueError, match="unknown way: float16"):
        unpack_edges({"float16": ""})

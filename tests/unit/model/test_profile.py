from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbship.model.profile import (
    INFINITE,
    PROFILE_VERSION,
    ColumnKind,
    ColumnProfile,
    ExactMoments,
    Profile,
    TokenCounts,
)
from nbship.profiling import profile

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.integers(0, 2**40)


@st.composite
def columns(draw):
    ordered = sorted(set(draw(st.lists(FLOATS | st.integers(-999, 999).map(lambda n: n / 100), max_size=20))))
    whole = sorted(set(draw(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20))))
    edges = tuple(draw(st.sampled_from([ordered, whole])))
    counts = tuple(draw(st.lists(COUNTS, min_size=len(edges) + 1, max_size=len(edges) + 1)))
    sums = st.lists(FLOATS, max_size=4).map(tuple)
    return ColumnProfile(
        name=draw(st.text(max_size=5)),
        kind=draw(st.sampled_from(ColumnKind)),
        dtype="float64",
        count=draw(COUNTS),
        missing=draw(COUNTS),
        minimum=draw(st.none() | FLOATS | st.integers()),
        edges=draw(st.sampled_from([edges, ()])) if draw(st.booleans()) else edges,
        counts=counts,
        moments=draw(st.none() | st.builds(ExactMoments, FLOATS, sums, sums)),
        levels=tuple(draw(st.lists(st.tuples(st.text(max_size=3), COUNTS), max_size=4))),
        other_levels=draw(st.none() | COUNTS),
        tokens=draw(st.none() | st.builds(TokenCounts, st.lists(COUNTS, max_size=9).map(tuple), COUNTS)),
        added=tuple(draw(st.lists(st.text(max_size=3), max_size=3))),
    )


def through_json(value):
    return Profile.from_dict(json.loads(json.dumps(value.to_dict(), allow_nan=False)))


@settings(max_examples=100, deadline=None)
@given(st.lists(columns(), max_size=3).map(tuple), st.none() | COUNTS)
def test_a_profile_survives_json_to_the_last_bit(found, sampled):
    before = Profile(3, found, "name", "digest", sampled, ("note",))
    after = through_json(before)
    assert after == before
    assert [list(map(type, column.edges)) for column in after.columns] == [
        list(map(type, column.edges)) for column in found
    ]


def test_a_profile_of_a_table_survives_json():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=3000),
            "t": pd.date_range("2024", periods=3000, freq="17min"),
            "s": rng.choice(["a", "b", None], 3000),
            "w": [f"a text of words {n}" for n in range(3000)],
            "big": np.linspace(-1e200, 1e200, 3000),
        }
    )
    found = profile(frame)
    assert found.column("big").moments.first == (INFINITE,)
    assert through_json(found) == found


def test_profiles_of_a_later_format_are_refused():
    with pytest.raises(ValueError, match=f"format 99, this nbship reads up to {PROFILE_VERSION}"):
        Profile.from_dict({**profile(np.zeros(3)).to_dict(), "version": 99})


@pytest.mark.parametrize("data", [{}, {"version": "1"}, {"rows": 3}])
def test_what_is_no_profile_is_refused(data):
    with pytest.raises(ValueError, match="no profile"):
        Profile.from_dict(data)


@pytest.mark.parametrize(
    "damage",
    [
        {"columns": None},
        {"columns": [{}]},
        {"columns": [[]]},
        {"columns": [{"name": "a", "kind": "numeric", "dtype": "x", "count": 1, "counts": {}, "edges": {}}]},
        {"columns": [{"name": "a", "kind": "wrong", "dtype": "x", "count": 1}]},
    ],
)
def test_damaged_profiles_are_refused(damage):
    with pytest.raises(ValueError, match=r"."):
        Profile.from_dict({**profile(np.zeros(3)).to_dict(), **damage})


def test_fields_of_a_later_version_are_ignored():
    data = profile({"a": [1, 2]}).to_dict()
    later = {**data, "new": 1, "columns": [{**column, "new": 2} for column in data["columns"]]}
    assert Profile.from_dict(later) == profile({"a": [1, 2]})


def test_columns_are_found_by_name():
    assert profile({"a": [1]}).column("a").count == 1
    assert profile({"a": [1]}).column("b") is None

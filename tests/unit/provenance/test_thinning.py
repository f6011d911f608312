from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from nbship.provenance.thinning import thinned


@given(st.lists(st.integers(), unique=True, max_size=300), st.integers(2, 120))
def test_ends_are_kept_and_the_rest_is_spaced_evenly(values, most):
    found = thinned(values, most)
    assert len(found) == min(len(values), most)
    assert found[:1] == values[:1]
    assert found[-1:] == values[-1:]
    places = [values.index(value) for value in found]
    steps = {after - before for before, after in itertools.pairwise(places)}
    assert not steps or max(steps) - min(steps) <= 1

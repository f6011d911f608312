import datetime as dt
import math

import pytest

from nbship.model.bundle import InputColumn, InputTensor
from nbship.model.profile import ColumnKind, ColumnProfile, Profile
from nbship.serving.edge_rows import table_trials, tensor_trials

TYPES = {
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "string": str,
    "datetime": dt.datetime,
    "binary": bytes,
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("nullable", [False, True])
def test_values_are_of_the_type_of_their_column(kind, nullable):
    trials = table_trials([InputColumn("x", kind, nullable=nullable)], [], None)

    values = [row[0] for row in trials.edges + trials.mixed]
    assert {type(value) for value in values if value is not None} == {TYPES[kind]}
    assert (None in values) is nullable
    assert len(trials.mixed) >= 1000
    if kind == "integer":
        assert max(abs(value) for value in values if value is not None) <= 2**31


def test_rows_are_the_same_every_time_and_everywhere():
    columns = [InputColumn("x", "double"), InputColumn("y", "string")]

    assert table_trials(columns, [[1.0, "a"]], None) == table_trials(columns, [[1.0, "a"]], None)


def test_edges_are_zero_negative_zero_tiny_and_huge():
    values = [row[0] for row in table_trials([InputColumn("x", "double")], [], None).edges]

    assert {0.0, 5e-324, 1.7976931348623157e308} <= set(values)
    assert any(value == 0 and math.copysign(1, value) < 0 for value in values)


def test_what_is_known_of_the_data_is_tried():
    kind = ColumnKind.CATEGORICAL
    levels = ColumnProfile("y", kind, "string", 10, levels=(("Oslo", 5), ("Rome", 5)))
    span = ColumnProfile("x", ColumnKind.NUMERIC, "float64", 10, minimum=1000.0, maximum=2000.0)
    profile = Profile(10, (span, levels))

    trials = table_trials([InputColumn("x", "double"), InputColumn("y", "string")], [], profile)

    plain = trials.mixed[1::2]
    assert {row[1] for row in plain} == {"Oslo", "Rome"}
    assert sum(1000 <= row[0] <= 2000 for row in plain) > len(plain) / 3
    assert any(row[0] > 2000 for row in plain)
    assert any(row[1] == "a level that was never seen" for row in trials.edges)


def test_values_that_were_refused_are_left_out_of_the_mixture():
    columns = [InputColumn("x", "double")]
    every = set(range(len(table_trials(columns, [], None).edges)))

    mixed = table_trials(columns, [[2.0]], None, refused=every).mixed

    assert max(abs(row[0]) for row in mixed) < 1e3


def test_wide_tables_are_tried_on_a_bounded_number_of_rows():
    columns = [InputColumn(f"x{at}", "double") for at in range(600)]

    trials = table_trials(columns, [[1.0] * 600], None)

    assert len(trials.edges) <= 120
    assert sum(map(len, trials.blocks)) < 2000


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
def test_tensors_have_their_shape_and_dtype(dtype):
    import numpy as np

    trials = tensor_trials(InputTensor(dtype, (-1, 2, 3)), [])

    assert np.array(trials.mixed, dtype=dtype).shape == (len(trials.mixed), 2, 3)

from __future__ import annotations

import json

import pytest

from nbship.errors import UsageError
from nbship.model.bundle import InputColumn, InputTensor, OutputColumn
from nbship.packaging.signature import inputs_of, outputs_of


def signed(inputs, outputs=None):
    return {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs) if outputs else None, "params": None}


def tensor(dtype, *shape, **named):
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}, **named}


def test_columns_keep_their_order_and_take_a_value_of_the_example():
    inputs = [
        {"type": "double", "name": "b", "required": True},
        {"type": "string", "name": "a", "required": False},
        {"type": "array", "items": {"type": "double"}, "name": "c", "required": True},
        {"type": "long", "name": 3, "required": True},
    ]
    example = {"columns": ["a", "b", "c", 3], "data": [[None, 1.5, [1.0], 7], ["x", 2.5, [2.0], 8]]}
    columns, none = inputs_of(signed(inputs), example)
    assert none is None
    assert columns == (
        InputColumn("b", "double", example=1.5),
        InputColumn("a", "string", required=False, example="x"),
        InputColumn("c", "any", example=[1.0]),
        InputColumn("3", "long", example=7),
    )


def test_a_tensor_is_one():
    assert inputs_of(signed([tensor("float32", -1, 28, 28)])) == ((), InputTensor("float32", (-1, 28, 28)))


@pytest.mark.parametrize("signature", [None, {"inputs": None}, signed([])])
def test_without_a_signature_the_next_step_is_named(signature):
    with pytest.raises(UsageError, match="input_example"):
        inputs_of(signature)


def test_several_tensors_are_refused():
    with pytest.raises(UsageError, match="2 tensors"):
        inputs_of(signed([tensor("float64", -1, 2, name="a"), tensor("float64", -1, name="b")]))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (tensor("int64", -1), OutputColumn("", "long")),
        (tensor("int32", -1), OutputColumn("", "integer")),
        (tensor("float64", -1, 3), OutputColumn("", "double", (3,))),
        (tensor("float32", -1), OutputColumn("", "float")),
        (tensor("bool", -1), OutputColumn("", "boolean")),
        (tensor("str", -1), OutputColumn("", "string")),
        (tensor("object", -1), OutputColumn("", "any")),
        (tensor("datetime64[ns]", -1), OutputColumn("", "datetime")),
        ({"type": "double", "name": "y", "required": True}, OutputColumn("y", "double")),
    ],
)
def test_outputs_have_types_and_shapes(spec, expected):
    assert outputs_of(signed([], [spec])) == (expected,)


def test_a_signature_without_outputs_has_none():
    assert outputs_of(None) == ()

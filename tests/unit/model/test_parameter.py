# ruff: noqa: DTZ001 - parameters are naive as often as not
from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import jsonschema
import numpy as np
import pytest

from nbship.model.codec import decode, encode
from nbship.model.parameter import Parameter, ParameterKind, ParameterSchema, ParameterType
from nbship.model.parameter_json import iso_duration, json_value, type_schema

INT = ParameterType(ParameterKind.INT)
STR = ParameterType(ParameterKind.STR)
FLOAT = ParameterType(ParameterKind.FLOAT)


def kind(name: str, **fields) -> ParameterType:
    return ParameterType(ParameterKind(name), **fields)


@pytest.mark.parametrize(
    ("parameter_type", "text"),
    [
        (ParameterType(), "any"),
        (INT, "int"),
        (kind("int", nullable=True), "int or None"),
        (kind("float", minimum=0, exclusive_maximum=1), "float, 0 <= x < 1"),
        (kind("float", minimum=0, maximum=1, nullable=True), "float, 0 <= x <= 1, or None"),
        (kind("int", exclusive_minimum=0), "int, x > 0"),
        (kind("int", minimum=1), "int, x >= 1"),
        (kind("int", maximum=9), "int, x <= 9"),
        (kind("int", multiple_of=2), "int, a multiple of 2"),
        (kind("list", args=(INT,), min_length=1), "list[int], length >= 1"),
        (kind("str", pattern="^a"), "str, matching '^a'"),
        (kind("choice", choices=("a", 1)), "'a' or 1"),
        (kind("choice", choices=("a", "b", "c"), nullable=True), "'a', 'b' or 'c' or None"),
        (kind("union", args=(INT, STR)), "int or str"),
        (kind("tuple", args=(INT,), variadic=True), "tuple[int, ...]"),
        (kind("tuple", args=(INT, STR)), "tuple[int, str]"),
        (kind("dict", args=(STR, FLOAT)), "dict[str, float]"),
        (kind("dict"), "dict"),
    ],
)
def test_a_type_says_in_words_what_it_takes(parameter_type, text):
    assert parameter_type.text == text


@pytest.mark.parametrize(
    ("parameter_type", "valid", "invalid"),
    [
        (kind("bool"), [True], [1, "true"]),
        (INT, [3, -1], [3.5, "3"]),
        (kind("int", nullable=True), [3, None], ["x"]),
        (kind("float", minimum=0, exclusive_maximum=1), [0, 0.5], [1, -0.1, "0"]),
        (kind("float", exclusive_minimum=0, maximum=1), [0.1, 1], [0]),
        (kind("int", multiple_of=2), [4], [3]),
        (kind("str", min_length=1, max_length=2, pattern="^a"), ["a", "ab"], ["", "abc", "b"]),
        (kind("list", args=(INT,)), [[], [1]], [["a"], 1]),
        (kind("list", max_length=1), [[1]], [[1, 2]]),
        (kind("tuple", args=(INT, STR)), [[1, "a"]], [[1], [1, 2], [1, "a", 2]]),
        (kind("tuple", args=(INT,), variadic=True), [[], [1, 2]], [["a"]]),
        (kind("set", args=(STR,)), [["a", "b"]], [["a", "a"], [1]]),
        (kind("dict", args=(STR, FLOAT)), [{"a": 1.5}], [{"a": "x"}, []]),
        (kind("choice", choices=("a", 1)), ["a", 1], ["b", 2]),
        (kind("choice", choices=("a",), nullable=True), ["a", None], ["b"]),
        (kind("union", args=(INT, STR)), [1, "a"], [1.5, None]),
        (kind("union", args=(INT, STR), nullable=True), [1, None], [1.5]),
        (kind("date"), ["2024-01-02"], [3]),
        (kind("Decimal"), ["0.1", 1], [None]),
        (kind("None"), [None], [0]),
        (ParameterType(), [None, 1, "a", []], []),
    ],
)
def test_the_json_schema_takes_what_the_type_takes(parameter_type, valid, invalid):
    schema = type_schema(parameter_type)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert [item for item in valid if not validator.is_valid(item)] == []
    assert [item for item in invalid if validator.is_valid(item)] == []


def test_every_kind_has_a_valid_json_schema():
    for each in ParameterKind:
        choices = ("a",) if each is ParameterKind.CHOICE else ()
        args = (INT, STR) if each is ParameterKind.UNION else ()
        schema = type_schema(ParameterType(each, args=args, choices=choices))
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("name", "format_name"),
    [
        ("date", "date"),
        ("datetime", "date-time"),
        ("time", "time"),
        ("timedelta", "duration"),
        ("UUID", "uuid"),
        ("pd.Timestamp", "date-time"),
    ],
)
def test_dates_and_their_kind_carry_a_format_for_forms(name, format_name):
    assert type_schema(kind(name))["format"] == format_name


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (3, 3),
        ("x", "x"),
        ((1, "a"), [1, "a"]),
        ({2, 1}, [1, 2]),
        ({1: {"a": Path("x/y")}}, {"1": {"a": "x/y"}}),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (dt.datetime(2024, 1, 2, 3), "2024-01-02T03:00:00"),
        (dt.timedelta(hours=1), "PT1H0M0S"),
        (Decimal("0.10"), "0.10"),
        (Fraction(1, 3), "1/3"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
    ],
)
def test_values_have_a_json_form(value, plain):
    assert json_value(value) == {"default": plain}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"x", 1j, object(), {(1, 2): 3}])
def test_what_json_cannot_hold_is_left_out(value):
    assert json_value(value) == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.timedelta(), "PT0H0M0S"),
        (dt.timedelta(days=2), "P2D"),
        (dt.timedelta(days=1, seconds=3661, microseconds=500_000), "P1DT1H1M1.5S"),
        (-dt.timedelta(seconds=90), "-PT0H1M30S"),
    ],
)
def test_durations_are_written_in_iso_8601(value, text):
    assert iso_duration(value) == text


def test_the_schema_of_a_notebook_lists_its_parameters():
    schema = ParameterSchema(
        (
            Parameter("n", INT, "3", has_default=True, default=3, help="how many"),
            Parameter("name", STR),
            Parameter("key", STR, "'x'", has_default=True, default="x", secret=True),
            Parameter("later", INT, "f()", has_default=True, computed=True),
        ),
        tagged=True,
    )
    document = schema.to_json_schema()
    jsonschema.Draft202012Validator.check_schema(document)
    assert document["properties"]["n"] == {"type": "integer", "description": "how many", "default": 3}
    assert document["properties"]["key"] == {"type": "string", "writeOnly": True}
    assert "default" not in document["properties"]["later"]
    assert document["required"] == ["name"]
    assert jsonschema.Draft202012Validator(document).is_valid({"name": "a"})
    assert not jsonschema.Draft202012Validator(document).is_valid({"name": "a", "other": 1})


def test_without_a_tagged_cell_any_name_is_possible():
    assert ParameterSchema().to_json_schema()["additionalProperties"] is True


def test_a_schema_is_looked_up_by_name():
    schema = ParameterSchema((Parameter("a", INT), Parameter("b", STR)), tagged=True)
    assert schema.names == ("a", "b")
    assert schema.get("b") == Parameter("b", STR)
    assert schema.get("c") is None


def test_the_json_form_holds_no_default_of_a_secret():
    secret = Parameter("key", STR, "***", has_default=True, default="hunter22", secret=True)
    text = json.dumps(ParameterSchema((secret,), tagged=True).to_dict())
    assert "hunter22" not in text
    assert '"secret": true' in text


def test_the_notebooks_own_word_is_shown_for_a_type_that_is_not_known():
    assert Parameter("m", annotation="MyClass").type_text == "MyClass"
    assert Parameter("m").type_text == "any"


def test_a_type_survives_the_codec():
    parameter_type = kind("union", args=(kind("list", args=(INT,)), STR), nullable=True, minimum=1)
    assert decode(ParameterType, json.loads(json.dumps(encode(parameter_type)))) == parameter_type

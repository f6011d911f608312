# ruff: noqa: DTZ001 - parameters are naive as often as not
from __future__ import annotations

import datetime as dt
import math
from collections import OrderedDict
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import jsonschema
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from papermill.cli import _resolve_type

from nbship.errors import UsageError
from nbship.model.parameter import ParameterSchema
from nbship.pipeline.parameters.declared import read_parameters
from nbship.pipeline.parameters.secrets import Secret
from nbship.pipeline.parameters.values import Resolved, canonical, check_name, resolve, shown


def schema(source: str) -> ParameterSchema:
    cell = {"cell_type": "code", "source": source, "metadata": {"tags": ["parameters"]}}
    return read_parameters({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def message(declared: str | ParameterSchema, **given: Any) -> str:
    with pytest.raises(UsageError) as raised:
        resolve(schema(declared) if isinstance(declared, str) else declared, **given)
    return str(raised.value)


def same(left: Any, right: Any) -> bool:
    return type(left) is type(right) and (left == right or (left != left and right != right))  # noqa: PLR0124


class Colour(Enum):
    RED = 1


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        ("str", "3", "3"),
        ("str", "None", "None"),
        ("str", "", ""),
        ("str | None", "None", None),
        ("str | None", "x", "x"),
        ("int", "3", 3),
        ("int", " 3 ", 3),
        ("int", "-1_000", -1000),
        ("int", "0x1f", 31),
        ("int", "1e6", 1_000_000),
        ("int", "3.0", 3),
        ("int", "007", 7),
        ("int | None", "null", None),
        ("float", "3", 3.0),
        ("float", "1e-3", 0.001),
        ("float", "-inf", -math.inf),
        ("float", "nan", math.nan),
        ("bool", "true", True),
        ("bool", "YES", True),
        ("bool", "on", True),
        ("bool", "1", True),
        ("bool", "False", False),
        ("bool", "no", False),
        ("bool", "0", False),
        ("complex", "1 + 2j", 1 + 2j),
        ("bytes", "ä", "ä".encode()),
        ("list", "1,a,None", [1, "a", None]),
        ("list", "", []),
        ("list[int]", "1, 2", [1, 2]),
        ("list[int]", "[1, 2]", [1, 2]),
        ("list[int]", "5", [5]),
        ("list[int]", "(1, 2)", [1, 2]),
        ("list[str]", "1,2", ["1", "2"]),
        ("list[str]", '["a", "b,c"]', ["a", "b,c"]),
        ("list[str]", "['a', 'b']", ["a", "b"]),
        ("list[str]", "[a,b]", ["a", "b"]),
        ("list[float]", "[1, 2]", [1.0, 2.0]),
        ("list[list[int]]", "[[1], [2]]", [[1], [2]]),
        ("list[int | None]", "[1, null]", [1, None]),
        ("list[date]", "2024-01-02,2024-01-03", [dt.date(2024, 1, 2), dt.date(2024, 1, 3)]),
        ("list[date]", '["2024-01-02"]', [dt.date(2024, 1, 2)]),
        ("tuple[int, ...]", "1,2", (1, 2)),
        ("tuple[int, str]", "1,2", (1, "2")),
        ("tuple[int, str]", '[1, "2"]', (1, "2")),
        ("tuple", "(1, 'a')", (1, "a")),
        ("set[str]", "a,b", {"a", "b"}),
        ("set[int]", "{1, 2}", {1, 2}),
        ("set[int]", "set()", set()),
        ("frozenset[int]", "[1]", frozenset({1})),
        ("dict[str, float]", '{"a": 1}', {"a": 1.0}),
        ("dict[str, float]", "{'a': 1}", {"a": 1.0}),
        ("dict[int, str]", '{"1": "a"}', {1: "a"}),
        ("dict", "{}", {}),
        ("date", "2024-01-02", dt.date(2024, 1, 2)),
        ("datetime", "2024-01-02T03:04", dt.datetime(2024, 1, 2, 3, 4)),
        ("datetime", "2024-01-02", dt.datetime(2024, 1, 2)),
        ("datetime", "2024-01-02T03:04Z", dt.datetime(2024, 1, 2, 3, 4, tzinfo=dt.UTC)),
        ("dt.time", "03:04", dt.time(3, 4)),
        ("timedelta", "90", dt.timedelta(seconds=90)),
        ("timedelta", "1.5h", dt.timedelta(minutes=90)),
        ("timedelta", "P1DT2H", dt.timedelta(days=1, hours=2)),
        ("timedelta", "-PT1.5S", -dt.timedelta(seconds=1.5)),
        ("timedelta", "1 day, 2:00:00", dt.timedelta(days=1, hours=2)),
        ("timedelta", "-1 day, 23:59:59", dt.timedelta(seconds=-1)),
        ("timedelta", "02:30", dt.timedelta(hours=2, minutes=30)),
        ("Path", "a/b", Path("a/b")),
        ("Decimal", "0.10", Decimal("0.10")),
        ("Fraction", "1/3", Fraction(1, 3)),
        ("UUID", "00000000-0000-0000-0000-000000000001", UUID(int=1)),
        ("pd.Timestamp", "2024-01-02", pd.Timestamp("2024-01-02")),
        ("pd.Timedelta", "PT1H", pd.Timedelta(hours=1)),
        ("Literal['a', 1, True]", "a", "a"),
        ("Literal['a', 1, True]", "1", 1),
        ("Literal['a', 1, True]", "true", True),
        ("Literal['1', 1]", "1", "1"),
        ("Literal['a', None]", "None", None),
        ("int | str", "3", 3),
        ("str | int", "3", 3),
        ("str | int", "x", "x"),
        ("int | float", "0.5", 0.5),
        ("date | str", "2024-01-02", dt.date(2024, 1, 2)),
        ("Any", "3", 3),
        ("MyClass", "True", True),
    ],
)
def test_texts_are_read_by_the_declared_type(annotation, text, value):
    found = resolve(schema(f"x: {annotation}"), texts={"x": text}).values["x"]
    assert same(found, value), repr(found)


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        ("int", "3.5"),
        ("int", "abc"),
        ("int", "None"),
        ("int", "1e999999999"),
        ("int", "inf"),
        ("float", "abc"),
        ("bool", "2"),
        ("bool", ""),
        ("complex", "x"),
        ("list[int]", "1,a"),
        ("list[int]", "[1, [2"),
        ("list[int]", "[[1], 2]"),
        ("tuple[int, str]", "1"),
        ("tuple[int, int]", "[1, 2, 3]"),
        ("set[list[int]]", "[[1]]"),
        ("dict[str, int]", "a=1"),
        ("dict[str, int]", "[1]"),
        ("dict[int, int]", '{"1": 1, "01": 2}'),
        ("date", "2024-13-01"),
        ("date", "yesterday"),
        ("timedelta", "P"),
        ("timedelta", "soon"),
        ("timedelta", ""),
        ("timedelta", "0.0000001"),
        ("timedelta", "9999999999d"),
        ("Decimal", "x"),
        ("Fraction", "1/0"),
        ("UUID", "1"),
        ("pd.Timestamp", "yesterday noon"),
        ("Literal['a', 1]", "b"),
        ("int | float", "x"),
        ("None", "x"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_with_what_is_expected(annotation, text):
    text_of_type = schema(f"x: {annotation}").get("x").type_text
    assert message(f"x: {annotation}", texts={"x": text}) == f"'x' takes {text_of_type}, got {text!r}"


@pytest.mark.parametrize(
    ("annotation", "given_value", "value"),
    [
        ("bool", True, True),
        ("int", 3, 3),
        ("int", 3.0, 3),
        ("int", Decimal(3), 3),
        ("float", 3, 3.0),
        ("float", 0.5, 0.5),
        ("float", Decimal("0.5"), 0.5),
        ("complex", 1, 1 + 0j),
        ("str", "a", "a"),
        ("bytes", b"a", b"a"),
        ("list[int]", (1, 2.0), [1, 2]),
        ("list", range(2), [0, 1]),
        ("tuple[int, ...]", [1], (1,)),
        ("tuple", [1, "a"], (1, "a")),
        ("set[int]", [1, 1], {1}),
        ("frozenset", {1}, frozenset({1})),
        ("dict[int, float]", {"1": 2}, {1: 2.0}),
        ("dict", OrderedDict(a=1), {"a": 1}),
        ("date", "2024-01-02", dt.date(2024, 1, 2)),
        ("date", dt.datetime(2024, 1, 2), dt.date(2024, 1, 2)),
        ("datetime", dt.date(2024, 1, 2), dt.datetime(2024, 1, 2)),
        ("timedelta", 90, dt.timedelta(seconds=90)),
        ("timedelta", "PT90S", dt.timedelta(seconds=90)),
        ("Path", "a", Path("a")),
        ("Path", PurePosixPath("a"), PurePosixPath("a")),
        ("Decimal", 0.1, Decimal("0.1")),
        ("Decimal", 3, Decimal(3)),
        ("Fraction", 0.1, Fraction(1, 10)),
        ("UUID", UUID(int=1), UUID(int=1)),
        ("pd.Timestamp", dt.date(2024, 1, 2), pd.Timestamp("2024-01-02")),
        ("pd.Timestamp", np.datetime64("2024-01-02"), pd.Timestamp("2024-01-02")),
        ("pd.Timedelta", 60, pd.Timedelta(minutes=1)),
        ("Literal['a', 1]", 1, 1),
        ("Literal['a', 1]", 1.0, 1),
        ("int | str", "3", "3"),
        ("float | int", 3, 3),
        ("date | int", "2024-01-02", dt.date(2024, 1, 2)),
        ("int | None", None, None),
        ("list[int | None]", [1, None], [1, None]),
        ("Any", {1: 2}, {1: 2}),
        ("int", np.int64(3), np.int64(3)),
        ("float", np.float32(0.5), np.float32(0.5)),
        ("float", np.int64(3), np.int64(3)),
        ("int", np.float64(3), 3),
        ("bool", np.bool_(0), np.bool_(0)),
        ("str", np.str_("a"), np.str_("a")),
        ("list[int]", [np.int8(1)], [np.int8(1)]),
    ],
)
def test_values_are_coerced_exactly(annotation, given_value, value):
    found = resolve(schema(f"x: {annotation}"), values={"x": given_value}).values["x"]
    assert same(found, value), repr(found)
    if isinstance(value, list | tuple):
        assert all(same(left, right) for left, right in zip(found, value, strict=True))


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ("int", True),
        ("int", 3.5),
        ("int", "3"),
        ("int", math.nan),
        ("int", math.inf),
        ("int", None),
        ("int", np.bool_(1)),
        ("int", np.float64(3.5)),
        ("float", True),
        ("float", 2**53 + 1),
        ("float", 10**400),
        ("float", Decimal("0.1")),
        ("bool", 1),
        ("str", 3),
        ("str", b"a"),
        ("str", dt.date(2024, 1, 2)),
        ("list[int]", {1}),
        ("list[int]", "1"),
        ("list[int]", [1, "a"]),
        ("tuple[int, int]", [1]),
        ("set", [[]]),
        ("dict", [1]),
        ("date", dt.datetime(2024, 1, 2, 3)),
        ("date", 20240102),
        ("datetime", 3),
        ("timedelta", True),
        ("Path", 3),
        ("Decimal", True),
        ("Literal['a', 1]", True),
        ("Literal[True]", 1),
        ("int | str", 1.5),
    ],
)
def test_a_value_that_only_fits_with_a_loss_is_refused(annotation, value):
    found = message(f"x: {annotation}", values={"x": value})
    kind = "" if value is None else f" ({type(value).__name__})"
    expected = schema(f"x: {annotation}").get("x").type_text
    got = repr(value) if len(repr(value)) <= 80 else repr(value)[:79] + "…"
    assert found == f"'x' takes {expected}, got {got}{kind}"


@pytest.mark.parametrize(
    ("annotation", "inside", "outside"),
    [
        ("Annotated[float, Ge(0), Lt(1)]", [0.0, 0.5], [1.0, -0.1, math.nan]),
        ("Annotated[int, Gt(0), Le(3)]", [1, 3], [0, 4]),
        ("Annotated[int, MultipleOf(2)]", [4], [3]),
        ("Annotated[float, MultipleOf(0.1)]", [0.3, 0.7], [0.25]),
        ("Annotated[list, Len(1, 2)]", [[1]], [[], [1, 2, 3]]),
        ("Annotated[str, Field(pattern='^a')]", ["ab"], ["b"]),
        ("Annotated[int | None, Ge(0)]", [None, 0], [-1]),
        ("Annotated[int | float, Ge(0)]", [0, 0.5], [-1]),
        ("list[Annotated[int, Ge(0)]]", [[0]], [[0, -1]]),
        ("Annotated[date, Ge(date(2024, 1, 1))]", ["2024-01-01"], ["2023-12-31"]),
        ("Annotated[date, Ge(3)]", ["2024-01-01"], []),
    ],
)
def test_bounds_hold_for_values(annotation, inside, outside):
    for value in inside:
        resolve(schema(f"x: {annotation}"), values={"x": value})
    for value in outside:
        assert "'x' takes" in message(f"x: {annotation}", values={"x": value})


def test_bounds_hold_for_texts():
    declared = "x: Annotated[float, Ge(0), Lt(1)]"
    assert resolve(schema(declared), texts={"x": "0.5"}).values == {"x": 0.5}
    assert message(declared, texts={"x": "1"}) == "'x' takes float, 0 <= x < 1, got '1'"


def test_only_what_is_given_is_resolved():
    assert resolve(schema("a = 1\nb = 2"), values={"b": 3}) == Resolved({"b": 3})
    assert resolve(schema("a = 1")) == Resolved()


def test_raw_wins_over_text_and_text_over_value():
    declared = schema("x: str = ''")
    assert resolve(declared, values={"x": "v"}, texts={"x": "t"}, raw={"x": "r"}).values == {"x": "r"}
    assert resolve(declared, values={"x": 3}, texts={"x": "t"}).values == {"x": "t"}


@pytest.mark.parametrize(
    ("annotation", "accepted"),
    [
        ("str", True),
        ("str | None", True),
        ("int | str", True),
        ("Any", True),
        ("Literal['3', 'a']", True),
        ("Literal['a']", False),
        ("int", False),
        ("int | float", False),
        ("list[str]", False),
        ("Annotated[str, MinLen(5)]", False),
    ],
)
def test_raw_stays_text_where_the_type_has_texts(annotation, accepted):
    declared = schema(f"x: {annotation}")
    if accepted:
        assert resolve(declared, raw={"x": "3"}).values == {"x": "3"}
    else:
        assert "'x' takes" in message(declared, raw={"x": "3"})


@pytest.mark.parametrize(
    "text",
    ["True", "False", "None", "3", "-3", " 3", "1_0", "0.5", "1e3", "nan", "inf", "abc", "", "true", "[1]"],
)
def test_without_types_texts_follow_papermill(text):
    for declared in (ParameterSchema(), schema("x = f()"), schema("x = None")):
        found = resolve(declared, texts={"x": text}).values["x"]
        assert same(found, _resolve_type(text))


@given(st.text())
def test_any_text_without_type_is_what_papermill_makes_of_it(text):
    assert same(resolve(ParameterSchema(), texts={"x": text}).values["x"], _resolve_type(text))


def test_without_a_tagged_cell_every_name_is_taken():
    found = resolve(ParameterSchema(), values={"a": {1}}, raw={"b": "3"}, secrets={"c": "s"})
    assert found == Resolved({"a": {1}, "b": "3"}, {"c": "s"})


def test_an_unknown_name_is_told_with_the_nearest_and_all():
    text = message("learning_rate = 0.1\nn = 1", values={"lerning_rate": 1})
    assert text == (
        "there is no parameter 'lerning_rate'; did you mean 'learning_rate'? The notebook takes learning_rate, n"
    )
    assert "declares none" in message("", values={"x": 1})


def test_unknown_names_are_taken_where_that_is_wanted():
    found = resolve(schema("n: int = 1"), values={"n": 2}, texts={"other": "3"}, allow_unknown=True)
    assert found.values == {"n": 2, "other": 3}


def test_missing_parameters_are_told_together():
    text = message("a: int\nb: str = ''\nc: Secret\nd: float")
    assert text == (
        "the notebook gives no default for 'a' (int), 'c' (secret) and 'd' (float); "
        "pass them, e.g. -p a VALUE"
    )
    assert "pass it, e.g. --secret c=env:VAR" in message("c: Secret")


def test_several_problems_are_one_message():
    text = message("a: int\nb: float = 1.5", values={"a": "x", "c": 1}, texts={"b": "y"})
    assert text.splitlines()[0] == "3 problems with the parameters:"
    assert len(text.splitlines()) == 4
    assert all(f"'{name}'" in text for name in "abc")


def test_a_type_taken_from_the_default_is_explained():
    text = message("n = 1", texts={"n": "0.5"})
    assert text == (
        "'n' takes int, got '0.5'. That is the type of its default 1; to allow others, annotate it in the notebook"
    )


@pytest.mark.parametrize("way", ["values", "texts", "raw"])
def test_a_secret_comes_by_no_open_way(way):
    text = message("api_key: Secret", **{way: {"api_key": "hunter22"}})
    assert "--secret api_key=env:VAR or api_key=file:PATH" in text
    assert "hunter22" not in text


def test_a_secret_that_was_also_written_down_is_still_told():
    assert "may not be written down" in message("k: Secret", texts={"k": "x"}, secrets={"k": "x"})


def test_secrets_are_kept_apart():
    declared = schema("key: Secret\nn = 1\ntoken = ''")
    found = resolve(declared, values={"n": 2, "token": "open"}, secrets={"key": "a", "token": "b"})
    assert found == Resolved({"n": 2}, {"key": "a", "token": "b"})


def test_a_secret_object_among_the_values_is_a_secret():
    assert resolve(schema("key: Secret"), values={"key": Secret("a")}) == Resolved({}, {"key": "a"})
    assert resolve(ParameterSchema(), values={"key": Secret("a")}) == Resolved({}, {"key": "a"})


def test_a_secret_for_a_number_is_refused_without_its_value():
    text = message("pin: int = 1", secrets={"pin": "987654"})
    assert text == "'pin' takes int, and a secret is a text"


def test_a_wrong_value_under_a_secret_name_is_not_repeated():
    assert "hunter22" not in message("password: int = 3", values={"password": "hunter22"})


@pytest.mark.parametrize("name", ["a-b", "1a", "", "for", "None", "a b", "__debug__"])
def test_names_that_python_cannot_bind_are_refused(name):
    with pytest.raises(UsageError, match="cannot be a parameter"):
        check_name(name)
    if name != "__debug__":
        assert "cannot be a parameter" in message(ParameterSchema(), values={name: 1})


JSON_VALUES = (
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text()
)


@given(value=JSON_VALUES)
@pytest.mark.parametrize(
    "annotation",
    [
        *("bool", "int", "float", "str", "int | None", "int | str", "Literal['a', 1]"),
        *("Annotated[int, Ge(0)]", "Annotated[str, MinLen(2)]"),
    ],
)
def test_json_values_that_a_form_accepts_are_accepted(annotation, value):
    declared = schema(f"x: {annotation}")
    fits = jsonschema.Draft202012Validator(declared.to_json_schema()).is_valid({"x": value})
    if fits and not (isinstance(value, int) and annotation == "float"):
        resolve(declared, values={"x": value})
    if not fits:
        message(declared, values={"x": value})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "a b"),
        (None, "None"),
        (True, "True"),
        (3, "3"),
        (0.1, "0.1"),
        (b"a", "b'a'"),
        ([1, "a", None], "[1, 'a', None]"),
        ((1,), "(1,)"),
        ((), "()"),
        (set(), "set()"),
        ({2, 1}, "{1, 2}"),
        (frozenset({1}), "frozenset({1})"),
        ({"a": [dt.date(2024, 1, 2)]}, "{'a': [2024-01-02]}"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (dt.datetime(2024, 1, 2, 3), "2024-01-02T03:00:00"),
        (dt.timedelta(hours=1), "1:00:00"),
        (PureWindowsPath("a\\b"), "a/b"),
        (Decimal("0.10"), "0.10"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "RED"),
        (np.int64(3), "3"),
        (np.float32(0.1), "0.1"),
        (np.bool_(1), "True"),
        ([np.int64(3)], "[3]"),
        (np.array([[1, 2]]), "[[1, 2]]"),
        (pd.Timestamp("2024-01-02"), "2024-01-02T00:00:00"),
        (pd.NaT, "NaT"),
        (range(3), "range(0, 3)"),
        (Secret("hunter22"), "***"),
        ({"k": Secret("hunter22")}, "{'k': ***}"),
    ],
)
def test_values_are_shown_to_people(value, text):
    assert shown(value) == text


DISTINCT = [
    *(
        None,
        True,
        False,
        1,
        0,
        1.0,
        0.0,
        -0.0,
        math.nan,
        math.inf,
        1 + 0j,
        complex(1, -0.0),
        "1",
        b"1",
        "",
        "None",
    ),
    *([], (), set(), frozenset(), {}, [1], (1,), {1}, frozenset({1}), {1: 2}, {"1": 2}, [[1]], [1, 1]),
    *(np.int64(1), np.int32(1), np.float64(1), np.float32(1), np.bool_(1), np.str_("1"), np.complex64(1)),
    *(
        np.datetime64("2024-01-01"),
        np.datetime64("2024-01-01", "s"),
        np.timedelta64(1, "D"),
        np.longdouble(1),
    ),
    *(np.array([1]), np.array([1.0]), np.array([[1]]), np.array([2])),
    *(dt.date(2024, 1, 1), dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=dt.UTC)),
    *(
        dt.datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC")),
        dt.datetime(2024, 1, 1, fold=1),
        dt.time(),
        dt.timedelta(),
    ),
    *(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01", tz="UTC"), pd.NaT, pd.Timedelta(0)),
    *(Path("a"), PureWindowsPath("a"), Decimal("1.0"), Decimal("1.00"), Fraction(1), UUID(int=1), Colour.RED),
    *(range(3), "a,b", ["a", "b"], ["a,b"], '["a"]'),
]


def test_different_values_have_different_canonical_texts():
    texts = [canonical(value) for value in DISTINCT]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1, 2, "x"}, {"x", 2, 1}),
        ([{"a": {3, 1}}], [{"a": {1, 3}}]),
        (math.nan, -math.nan),
        (np.float64("nan"), -np.float64("nan")),
        (range(3), range(0, 3, 1)),
        (np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6).reshape(2, 3))),
        (Path("a/b"), Path("a//b")),
    ],
)
def test_equal_content_has_one_canonical_text(left, right):
    assert canonical(left) == canonical(right)


def test_canonical_takes_numbers_of_any_length_and_any_text():
    assert canonical(10**6000) != canonical(10**6000 + 1)
    assert canonical("\ud800") != canonical("\ud801")


@pytest.mark.parametrize(
    "value", [object(), Secret("x"), np.array([object()], dtype=object), OrderedDict(), dt.datetime.now]
)
def test_what_has_no_exact_text_is_refused(value):
    with pytest.raises(UsageError, match="cannot hold a"):
        canonical(value)

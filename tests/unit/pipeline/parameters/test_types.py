# ruff: noqa: DTZ001 - parameters are naive as often as not
from __future__ import annotations

import ast
import datetime as dt
from decimal import Decimal
from pathlib import Path

import annotated_types
import numpy as np
import pandas as pd
import pytest

from nbship.model.parameter import ParameterKind, ParameterType
from nbship.pipeline.parameters.imported_names import imported_names, qualified
from nbship.pipeline.parameters.types import Annotation, Names, read_annotation, read_type_text, type_of_value

USUAL = imported_names(
    ast.parse(
        "import numpy as np, pandas as pd, datetime as dt, decimal, os.path\n"
        "from typing import *\nfrom datetime import date, datetime as moment\nfrom pathlib import Path\n"
        "import annotated_types as at\nimport nbship\nfrom . import local\n"
    ).body
)


def annotation(text: str) -> Annotation:
    return read_annotation(ast.parse(text, mode="eval").body, Names(USUAL))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("int", "int"),
        ("'int'", "int"),
        ("None", "None"),
        ("Any", "any"),
        ("object", "any"),
        ("MyClass", "any"),
        ("np.ndarray", "any"),
        ("int | None", "int or None"),
        ("None | int", "int or None"),
        ("'int | None'", "int or None"),
        ("Optional[int]", "int or None"),
        ("Optional[int | str]", "int or str or None"),
        ("Union[int, str]", "int or str"),
        ("Union[int, None]", "int or None"),
        ("int | str | None", "int or str or None"),
        ("int | Any", "any"),
        ("int | int", "int"),
        ("Literal['a', 'b']", "'a' or 'b'"),
        ("Literal['a', None]", "'a' or None"),
        ("Literal[1, 2.5, True]", "1, 2.5 or True"),
        ("Literal[Color.RED]", "any"),
        ("list", "list"),
        ("list[int]", "list[int]"),
        ("List[int]", "list[int]"),
        ("Sequence[str]", "list[str]"),
        ("list[int | None]", "list[int or None]"),
        ("tuple[int, ...]", "tuple[int, ...]"),
        ("tuple[int, str]", "tuple[int, str]"),
        ("Tuple[int]", "tuple[int]"),
        ("set[str]", "set[str]"),
        ("FrozenSet[str]", "frozenset[str]"),
        ("dict[str, float]", "dict[str, float]"),
        ("dict[str, list[int]]", "dict[str, list[int]]"),
        ("Mapping[str, int]", "dict[str, int]"),
        ("list[int, str]", "list"),
        ("dict[str]", "dict"),
        ("date", "date"),
        ("moment", "datetime"),
        ("dt.date", "date"),
        ("dt.datetime", "datetime"),
        ("dt.time", "time"),
        ("dt.timedelta", "timedelta"),
        ("datetime.date", "date"),
        ("Path", "Path"),
        ("pathlib.Path", "Path"),
        ("Decimal", "Decimal"),
        ("decimal.Decimal", "Decimal"),
        ("UUID", "UUID"),
        ("Fraction", "Fraction"),
        ("pd.Timestamp", "pd.Timestamp"),
        ("pd.Timedelta", "pd.Timedelta"),
        ("np.int64", "int"),
        ("np.float32", "float"),
        ("np.bool_", "bool"),
        ("Final[int]", "int"),
        ("Final", "any"),
        ("bytes", "bytes"),
        ("complex", "complex"),
        ("'not an expression ['", "any"),
    ],
)
def test_annotations_are_understood(text, words):
    assert annotation(text).type.text == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Annotated[float, Range(0, 1)]", "float, 0 <= x <= 1"),
        ("Annotated[float, Range(min=0, max=1)]", "float, 0 <= x <= 1"),
        ("Annotated[float, Ge(0), Le(1)]", "float, 0 <= x <= 1"),
        ("Annotated[float, Gt(0), Lt(1)]", "float, 0 < x < 1"),
        ("Annotated[float, annotated_types.Interval(ge=0, lt=1)]", "float, 0 <= x < 1"),
        ("Annotated[float, at.Gt(-1.5)]", "float, x > -1.5"),
        ("Annotated[int, Field(ge=0, le=10, multiple_of=2)]", "int, 0 <= x <= 10, a multiple of 2"),
        ("Annotated[int, range(3)]", "int, 0 <= x < 3"),
        ("Annotated[list[int], Len(1, 3)]", "list[int], 1 <= length <= 3"),
        ("Annotated[list[int], MinLen(1)]", "list[int], length >= 1"),
        ("Annotated[str, Field(pattern='^a')]", "str, matching '^a'"),
        ("Annotated[int | None, Ge(0)]", "int, x >= 0, or None"),
        ("Annotated[int, Ge(0)] | None", "int, x >= 0, or None"),
        ("Annotated[date, Ge(date(2024, 1, 1))]", "date, x >= 2024-01-01"),
        ("Annotated[int, Ge(limit)]", "int"),
        ("Annotated[int, Unknown(3), something]", "int"),
        ("Annotated[int, Ge(None)]", "int"),
    ],
)
def test_ranges_are_read_in_the_forms_that_people_use(text, words):
    assert annotation(text).type.text == words


def test_the_bounds_mean_what_annotated_types_means():
    interval = annotated_types.Interval(ge=0, lt=1)
    found = annotation("Annotated[float, Interval(ge=0, lt=1)]").type
    assert (found.minimum, found.exclusive_maximum) == (interval.ge, interval.lt)
    assert (found.maximum, found.exclusive_minimum) == (interval.le, interval.gt)


@pytest.mark.parametrize(
    "text",
    [
        "Annotated[float, 'the rate']",
        "Annotated[float, Field(ge=0, description='the rate')]",
        "Annotated[float, Doc('the rate')]",
        "Annotated[float, Ge(0), 'the rate', 'more']",
        "Annotated[float, 'the rate'] | None",
    ],
)
def test_help_is_taken_from_an_annotation(text):
    assert annotation(text).help == "the rate"


@pytest.mark.parametrize(
    "text", ["Secret", "nbship.Secret", "Secret[str]", "Annotated[str, Secret]", "Secret | None", "'Secret'"]
)
def test_secret_is_known(text):
    found = annotation(text)
    assert found.secret
    assert found.type.kind is ParameterKind.STR


def test_a_secret_of_another_library_is_none_of_ours():
    names = Names({"Secret": "kubernetes.Secret"})
    assert not read_annotation(ast.parse("Secret", mode="eval").body, names).secret


def test_text_that_is_no_type_is_refused():
    assert read_type_text("int some help", Names()) is None
    assert read_type_text("int", Names()) == Annotation(ParameterType(ParameterKind.INT))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "bool"),
        (1, "int"),
        (1.5, "float"),
        (1j, "complex"),
        ("a", "str"),
        (b"a", "bytes"),
        ([1], "list"),
        ((1,), "tuple"),
        ({1}, "set"),
        (frozenset(), "frozenset"),
        ({}, "dict"),
        (None, "any"),
        (dt.date(2024, 1, 1), "date"),
        (dt.datetime(2024, 1, 1), "datetime"),
        (dt.time(), "time"),
        (dt.timedelta(), "timedelta"),
        (Path("x"), "Path"),
        (Decimal(1), "Decimal"),
        (np.int32(1), "int"),
        (np.float32(1), "float"),
        (np.bool_(1), "bool"),
        (pd.Timestamp(0), "pd.Timestamp"),
        (object(), "any"),
    ],
)
def test_a_value_shows_its_type(value, words):
    assert type_of_value(value).text == words


def test_relative_and_star_imports_bind_nothing_that_is_known():
    assert "local" not in USUAL
    assert "*" not in USUAL
    assert USUAL["os"] == "os"
    assert USUAL["np"] == "numpy"


def test_dotted_names_follow_imports():
    node = ast.parse("dt.date.fromisoformat", mode="eval").body
    assert qualified(node, USUAL) == "datetime.date.fromisoformat"
    assert qualified(ast.parse("f().x", mode="eval").body, USUAL) == ""

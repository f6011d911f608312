# ruff: noqa: DTZ001 - models take naive times
"""What a request may hold, and every problem of one that holds something else."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from nbship.model.bundle import InputColumn
from nbship.serving.parser import Parser
from nbship.serving.problems import SHOWN_PROBLEMS, BadRequestError
from request_bundles import column_bundle, mixed_bundle

AB = column_bundle("a", ("b", "long"))


def rows(bundle, document, **rest):
    return Parser(bundle, **rest).read(json.dumps(document).encode()).rows


def problems(bundle, document, **rest):
    with pytest.raises(BadRequestError) as caught:
        rows(bundle, document, **rest)
    return [(str(problem.reason), problem.row, problem.column) for problem in caught.value.problems]


def one(kind, value, **rest):
    """Return what a column of `kind` makes of one value."""
    return rows(column_bundle(InputColumn("x", kind, **rest)), {"dataframe_records": [{"x": value}]})[0][0]


def refused(kind, value, **rest):
    bundle = column_bundle(InputColumn("x", kind, **rest))
    (problem,) = problems(bundle, {"dataframe_records": [{"x": value}]})
    assert problem[1:] == (0, "x")
    return problem[0]


@pytest.mark.parametrize(
    "document",
    [
        {"dataframe_split": {"columns": ["a", "b"], "data": [[1.5, 2], [3.5, 4]]}},
        {"dataframe_split": {"columns": ["b", "a"], "data": [[2, 1.5], [4, 3.5]], "index": ["p", "q"]}},
        {"dataframe_split": {"columns": ["b", "other", "a"], "data": [[2, "?", 1.5], [4, None, 3.5]]}},
        {"dataframe_records": [{"a": 1.5, "b": 2}, {"b": 4, "a": 3.5, "other": []}]},
        {"instances": [{"a": 1.5, "b": 2}, {"b": 4, "a": 3.5}]},
        {"instances": [[1.5, 2], [3.5, 4]]},
        {"inputs": {"a": [1.5, 3.5], "b": [2, 4], "other": [1]}},
        {"inputs": [{"a": 1.5, "b": 2}, {"b": 4, "a": 3.5}], "params": {"x": 1}},
    ],
)
def test_every_layout_gives_rows_in_the_order_of_the_signature(document):
    assert rows(AB, document) == [[1.5, 2], [3.5, 4]]


def test_one_row_of_scalars():
    assert rows(AB, {"inputs": {"a": 1, "b": 2.0}}) == [[1.0, 2]]


def test_headers_may_differ_from_request_to_request():
    parser = Parser(AB)
    for header, row in (("ab", [1.5, 2]), ("ba", [2, 1.5]), ("ba", [2, 1.5]), ("ab", [1.5, 2])):
        document = {"dataframe_split": {"columns": list(header), "data": [row]}}
        assert parser.read(json.dumps(document).encode()).rows == [[1.5, 2]]


def test_a_header_with_one_column_twice_does_not_stay():
    parser = Parser(AB)
    document = json.dumps({"dataframe_split": {"columns": ["a", "a"], "data": [[1, 2]]}}).encode()
    for _ in range(2):
        with pytest.raises(BadRequestError) as caught:
            parser.read(document)
        assert {problem.reason for problem in caught.value.problems} == {"column_twice", "missing_column"}


def test_signatures_without_names_go_by_position():
    bundle = column_bundle(("", "double"), ("", "long"))
    assert rows(bundle, {"instances": [[1, 2]]}) == [[1.0, 2]]
    assert rows(bundle, {"dataframe_split": {"columns": ["p", "q", "r"], "data": [[1, 2, 3]]}}) == [[1.0, 2]]
    assert rows(bundle, {"dataframe_records": [{"p": 1, "q": 2}]}) == [[1.0, 2]]
    assert problems(bundle, {"instances": [["x", 2]]}) == [("type", 0, "0")]
    assert Parser(bundle).read(b"p,q\n1,2\n", "text/csv").rows == [[1.0, 2]]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("double", 3, 3.0),
        ("double", -0.0, -0.0),
        ("double", 2**64 - 1, float(2**64 - 1)),
        ("float", 0.1, 0.10000000149011612),
        ("long", 3.0, 3),
        ("long", -(2**63), -(2**63)),
        ("integer", 2**31 - 1, 2**31 - 1),
        ("boolean", True, True),
        ("string", "", ""),
        ("string", "NaN", "NaN"),
        ("datetime", "2026-01-31", datetime(2026, 1, 31)),
        ("datetime", "2026-01-31T12:00:00.5", datetime(2026, 1, 31, 12, 0, 0, 500_000)),
        ("datetime", "2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10)),
        ("datetime", "2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12)),
        ("binary", "bmJz\naGlw", b"nbship"),
        ("any", {"a": [1]}, {"a": [1]}),
    ],
)
def test_values(kind, value, expected):
    result = one(kind, value)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("double", "3", "type"),
        ("double", True, "type"),
        ("double", [1], "type"),
        ("double", None, "missing_value"),
        ("float", 1e39, "range"),
        ("float", 2**64 - 1, None),
        ("long", 3.5, "type"),
        ("long", 2**63, "range"),
        ("long", 1e300, "range"),
        ("long", False, "type"),
        ("integer", 2**31, "range"),
        ("integer", -(2**31) - 1, "range"),
        ("boolean", 1, "type"),
        ("boolean", "true", "type"),
        ("string", 1, "type"),
        ("string", None, "missing_value"),
        ("datetime", 1_700_000_000, "type"),
        ("datetime", "yesterday", "type"),
        ("datetime", "2026-02-30", "type"),
        ("datetime", "1066-10-14", "range"),
        ("datetime", "0001-01-01T00:00:00+14:00", "range"),
        ("datetime", "9999-12-31T23:59:59-14:00", "range"),
        ("binary", "n b", "encoding"),
        ("binary", "é", "encoding"),
        ("any", None, "missing_value"),
    ],
)
def test_values_that_are_refused(kind, value, reason):
    if reason is None:
        one(kind, value)
    else:
        assert refused(kind, value) == reason


def test_numbers_beyond_the_standard():
    parser = Parser(column_bundle(InputColumn("x", "double", nullable=True), "y"))
    assert parser.read(b'{"instances": [{"x": NaN, "y": 1e-400}]}').rows == [[None, 0.0]]
    for number in (b"Infinity", b"-Infinity", b"1e999", b"9" * 5_000):
        with pytest.raises(BadRequestError) as caught:
            parser.read(b'{"instances": [{"x": 1, "y": 1}, {"x": 1, "y": ' + number + b"}]}")
        (problem,) = caught.value.problems
        assert (problem.reason, problem.row, problem.column) == ("range", 1, "y")
    with pytest.raises(BadRequestError) as caught:
        parser.read(b'{"instances": [{"x": 1, "y": NaN}]}')
    assert caught.value.problems[0].reason == "missing_value"


def test_missing_values_are_let_through_where_the_model_takes_them():
    assert one("string", None, nullable=True) is None
    assert one("double", None, required=False) is None


def test_optional_columns_may_be_absent():
    bundle = column_bundle("a", InputColumn("b", "string", required=False))
    for document in (
        {"dataframe_split": {"columns": ["a"], "data": [[1]]}},
        {"dataframe_records": [{"a": 1}]},
        {"inputs": {"a": [1]}},
    ):
        assert rows(bundle, document) == [[1.0, None]]
    assert rows(bundle, {"dataframe_records": [{"a": 1}, {"a": 2, "b": "x"}]}) == [[1.0, None], [2.0, "x"]]


def test_every_problem_is_told_with_row_and_column():
    document = {"dataframe_split": {"columns": ["b", "a"], "data": [[1.5, "x"], [1, 1], [None, True], [1]]}}
    assert problems(AB, document) == [
        ("type", 0, "a"),
        ("type", 0, "b"),
        ("type", 2, "a"),
        ("missing_value", 2, "b"),
        ("shape", 3, None),
    ]


def test_every_missing_column_is_told():
    bundle = column_bundle("a", "b", "c")
    split = {"dataframe_split": {"columns": ["b"], "data": [[1]]}}
    assert problems(bundle, split) == [("missing_column", None, "a"), ("missing_column", None, "c")]
    records = {"instances": [{"a": 1, "b": 1, "c": 1}, {"b": 1}]}
    assert problems(bundle, records) == [("missing_column", 1, "a"), ("missing_column", 1, "c")]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "layout"),
        ([], "layout"),
        (3, "layout"),
        ({"columns": ["a"], "data": [[1]]}, "layout"),
        ({"inputs": {"a": 1, "b": 1}, "instances": []}, "layout"),
        ({"dataframe_split": [[1, 2]]}, "shape"),
        ({"dataframe_split": {"columns": ["a", "b"]}}, "shape"),
        ({"dataframe_split": {"data": [[1, 2]]}}, "missing_column"),
        ({"dataframe_split": {"columns": "ab", "data": [[1, 2]]}}, "shape"),
        ({"dataframe_split": {"columns": ["a", "b"], "data": []}}, "empty"),
        ({"dataframe_split": {"columns": ["a", "b"], "data": {"a": 1}}}, "shape"),
        ({"dataframe_split": {"columns": ["a", "b", "a"], "data": [[1, 2, 3]]}}, "column_twice"),
        ({"dataframe_records": {"a": 1}}, "shape"),
        ({"dataframe_records": []}, "empty"),
        ({"dataframe_records": [1]}, "shape"),
        ({"instances": [[1, 2, 3]]}, "shape"),
        ({"instances": []}, "empty"),
        ({"inputs": {"a": [1], "b": [1, 2]}}, "shape"),
        ({"inputs": {"a": [1], "b": 2}}, "shape"),
        ({"inputs": {"a": [], "b": []}}, "empty"),
        ({"inputs": 1}, "shape"),
    ],
)
def test_shapes_that_are_refused(document, reason):
    assert problems(AB, document)[0][0] == reason


def test_shown_problems_are_bounded_and_all_are_counted():
    with pytest.raises(BadRequestError) as caught:
        rows(AB, {"instances": [[None, "x"]] * 1_000})
    assert len(caught.value.problems) == SHOWN_PROBLEMS
    assert caught.value.problem_count == 2_000
    assert str(caught.value).startswith("2000 problems; the first: row 0, column 'a': ")


def test_too_many_rows_are_refused_before_they_are_read():
    for document in ({"instances": [[1, 2]] * 3}, {"inputs": {"a": [1] * 3, "b": [1] * 3}}):
        with pytest.raises(BadRequestError) as caught:
            rows(AB, document, max_rows=2)
        assert caught.value.status == 413
        assert caught.value.problems[0].reason == "too_large"
    with pytest.raises(BadRequestError) as caught:
        Parser(AB, max_rows=2).read(b"a,b\n1,1\n1,1\n1,1\n", "text/csv")
    assert caught.value.status == 413


@pytest.mark.parametrize(
    "content_type", [None, "", "application/json", "Application/JSON; charset=UTF-8", "application/x+json"]
)
def test_json_by_its_media_type(content_type):
    assert Parser(AB).read(b'{"instances": [[1, 2]]}', content_type).rows == [[1.0, 2]]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", 'text/csv; charset="latin-1"']
)
def test_other_media_types_are_refused(content_type):
    with pytest.raises(BadRequestError) as caught:
        Parser(AB).read(b"a,b\n1,2", content_type)
    assert caught.value.status == 415
    assert caught.value.problems[0].reason == "media_type"


def test_csv():
    body = '﻿,b,other,a\r\n0,2,"x\n,y",1.5\r\n\r\n1, 4.0 ,,3e0\r\n'.encode()
    assert Parser(AB).read(body, "text/csv").rows == [[1.5, 2], [3.0, 4]]


def test_csv_of_every_type():
    body = (
        "double,long,boolean,string,datetime,float,integer,binary\n"
        '1,2,True,NA,2026-01-31 12:00:00,0.5,3,bmJzaGlw\n.5,-2,false,"a,b",2026-01-31,1e3,+3,\n'
    )
    columns = [
        InputColumn(column.name, column.type, required=column.required, nullable=column.name == "binary")
        for column in mixed_bundle().inputs
    ]
    first, second = Parser(column_bundle(*columns)).read(body.encode(), "text/csv").rows
    assert first == [1.0, 2, True, "NA", datetime(2026, 1, 31, 12), 0.5, 3, b"nbship", None]
    assert second == [0.5, -2, False, "a,b", datetime(2026, 1, 31), 1000.0, 3, None, None]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a,b\nx,2\n1,\n1,2.5\n", [("type", 0, "a"), ("missing_value", 1, "b"), ("type", 2, "b")]),
        (b"a,b\n1_0,0x1\n", [("type", 0, "a"), ("type", 0, "b")]),
        (b"a,b\ninf,1e999\n", [("range", 0, "a"), ("range", 0, "b")]),
        (b"a,b\nnan,NA\n", [("missing_value", 0, "a"), ("missing_value", 0, "b")]),
        (b"a\n1\n", [("missing_column", None, "b")]),
        (b"a,b,a\n1,2,3\n", [("column_twice", None, "a")]),
        (b"a,b\n1\n1,2,3\n", [("shape", 0, None), ("shape", 1, None)]),
        (b"a,b\n", [("empty", None, None)]),
        (b"", [("empty", None, None)]),
        (b'a,b\n"1,2\n', [("csv", None, None)]),
        (b"a,b\n1,\xff\n", [("encoding", None, None)]),
    ],
)
def test_csv_that_is_refused(body, expected):
    with pytest.raises(BadRequestError) as caught:
        Parser(AB).read(body, "text/csv")
    assert [(str(p.reason), p.row, p.column) for p in caught.value.problems] == expected


def test_a_bundle_without_a_signature_has_no_parser():
    with pytest.raises(ValueError, match="no signature"):
        Parser(column_bundle())
    with pytest.raises(ValueError, match="'Map' cannot be served"):
        Parser(column_bundle(("x", "Map")))

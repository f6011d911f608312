from __future__ import annotations

import json
import shlex

import pytest

from nbship.model.bundle import Bundle, InputColumn, InputTensor, ModelFormat
from nbship.packaging.snippets import make_snippets


def bundle(**fields):
    return Bundle("m", "r", ModelFormat.SKOPS, "model/m", "d", **fields)


COLUMNS = (
    InputColumn("size", "double"),
    InputColumn("who's", "string", required=False, example="it's $HOME"),
)


def body_of(snippets):
    words = shlex.split(snippets.curl)
    return json.loads(words[words.index("-d") + 1])


def test_a_command_asks_for_a_whole_row_of_the_example_in_the_order_of_the_signature():
    example = {"columns": ["who's", "size"], "data": [[None, 1.0], ["it's", 2.0]]}
    snippets = make_snippets(bundle(inputs=COLUMNS), "http://127.0.0.1:8080/", example)
    assert shlex.split(snippets.curl)[:3] == ["curl", "-s", "http://127.0.0.1:8080/invocations"]
    assert body_of(snippets) == {"dataframe_split": {"columns": ["size", "who's"], "data": [[2.0, "it's"]]}}


def test_without_an_example_values_fit_the_signature():
    snippets = make_snippets(bundle(inputs=COLUMNS), "http://h:1")
    assert body_of(snippets)["dataframe_split"]["data"] == [[1.0, "it's $HOME"]]


@pytest.mark.parametrize("example", [None, {"inputs": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]}])
def test_a_tensor_is_asked_for_one_example(example):
    given = bundle(tensor=InputTensor("float32", (-1, 2, 2)))
    (row,) = body_of(make_snippets(given, "http://h:1", example))["inputs"]
    assert row == ([[0, 0], [0, 0]] if example is None else [[1, 2], [3, 4]])


def test_a_large_row_is_left_to_a_file():
    example = {"inputs": [[0.5] * 5000]}
    snippets = make_snippets(bundle(tensor=InputTensor("float64", (-1, 5000))), "http://h:1", example)
    assert "@request.json" in snippets.curl
    compile(snippets.python, "snippet", "exec")


def test_the_python_is_python():
    compile(make_snippets(bundle(inputs=COLUMNS), "http://h:1").python, "snippet", "exec")

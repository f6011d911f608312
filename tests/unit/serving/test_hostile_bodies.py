"""Bodies that are made to take memory are refused before they do."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from nbship.serving.parser import Parser
from nbship.serving.problems import BadRequestError
from request_bundles import column_bundle, tensor_bundle

SIZE = 2_000_000


def repeated(before, part, after):
    return before + part * ((SIZE - len(before) - len(after)) // len(part)) + after


def numbers(count):
    return ",".join(["1"] * count).encode()


COUNT = SIZE // 3

BODIES = {
    "lists": repeated(b'{"instances": [', b"[],", b"1]}"),
    "objects": repeated(b'{"dataframe_records": [', b"{},", b"{}]}"),
    "one column": b'{"inputs": {"x": [' + numbers(COUNT) + b"]}}",
    "values": b'{"instances": [' + numbers(COUNT) + b"]}",
    "header": b'{"dataframe_split": {"columns": [' + numbers(COUNT) + b'], "data": [[1]]}}',
    "wide row": b'{"dataframe_split": {"columns": ["x"], "data": [[' + numbers(COUNT) + b"]]}}",
    "problems": repeated(b'{"instances": [', b'["a"],', b'["a"]]}'),
    "names": json.dumps({"instances": [{str(number): 1 for number in range(COUNT // 4)}]}).encode(),
}
V2 = {
    "column": b'{"inputs": [{"name": "x", "datatype": "FP64", "shape": [%d], "data": [%s]}]}'
    % (COUNT, numbers(COUNT)),
    "matrix": b'{"inputs": [{"name": "m", "datatype": "FP64", "shape": [%d, 1], "data": [%s]}]}'
    % (COUNT, numbers(COUNT)),
    "claims": b'{"inputs": [{"name": "m", "datatype": "FP64", "shape": [1000000000, 1000000000], "data": [1]}]}',
    "inputs": repeated(b'{"inputs": [', b"{},", b"{}]}"),
}
CSV = {
    "cells": b"," * SIZE,
    "rows": b"x\n" + b"1\n" * (SIZE // 2),
    "header": b"x" + b"," * 1_500_000 + b"\n1",
}


def refused_within(read, most_bytes):
    tracemalloc.start()
    try:
        with pytest.raises(BadRequestError) as caught:
            read()
        assert tracemalloc.get_traced_memory()[1] < most_bytes
    finally:
        tracemalloc.stop()
    assert len(json.dumps(caught.value.to_dict("id"))) < 40_000


@pytest.fixture(params=["single", "tensor"])
def parser(request):
    bundles = {"single": column_bundle("x"), "tensor": tensor_bundle(shape=(-1, 7))}
    return Parser(bundles[request.param], max_rows=10_000)


@pytest.mark.parametrize("name", BODIES)
def test_json(name, parser):
    refused_within(lambda: parser.read(BODIES[name]), 35 * SIZE)


@pytest.mark.parametrize("name", V2)
def test_open_inference_protocol(name, parser):
    refused_within(lambda: parser.read_v2(V2[name]), 35 * SIZE)


@pytest.mark.parametrize("name", CSV)
def test_csv(name, parser):
    refused_within(lambda: parser.read(CSV[name], "text/csv"), 35 * SIZE)

"""Whatever is sent, a parser answers with rows of the signature or with an error that holds none of the data."""

from __future__ import annotations

import gc
import json
import random
import sys
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbship.serving.openapi import openapi
from nbship.serving.parser import Parser
from nbship.serving.problems import SHOWN_PROBLEMS, BadRequestError, Reason
from request_bundles import TYPES, column_bundle, iris_bundle, mixed_bundle, tensor_bundle

BODIES = 10_000
CANARY = "Kanarienvogel"
CANARY_NUMBER = 918273645
PYTHON_TYPES = {
    "binary": bytes,
    "boolean": bool,
    "datetime": datetime,
    "double": float,
    "float": float,
    "integer": int,
    "long": int,
    "string": str,
}

BUNDLES = {
    "iris": iris_bundle(),
    "mixed": mixed_bundle(),
    "single": column_bundle("x"),
    "positional": column_bundle(("", "double"), ("", "long")),
    "matrix": tensor_bundle(shape=(-1, 3)),
    "vector": tensor_bundle(shape=(-1,)),
    "images": tensor_bundle("uint8", (-1, 2, -1, 3), "image"),
    "objects": tensor_bundle("object", (-1, 2)),
}
CONTENT_TYPES = (
    None,
    "",
    "application/json",
    "text/csv",
    "application/json; charset=utf-8",
    "image/png",
    ";;=",
    "a\x00",
)


class Writer:
    """Writes bodies that are nearly valid, valid, or nothing of the kind."""

    def __init__(self, seed, bundle):
        self.random = random.Random(seed)
        described = openapi(bundle)["paths"]["/invocations"]["post"]["requestBody"]["content"][
            "application/json"
        ]
        self.valid = [example["value"] for example in described["examples"].values()]

    def body(self, names):
        choice = self.random.random()
        if choice < 0.05:
            return self.random.randbytes(self.random.randrange(60))
        if choice < 0.12:
            return self.csv(names)
        document = self.random.choice(self.valid) if choice < 0.25 else self.document(names)
        document = self.anything(4) if choice > 0.85 else document
        body = json.dumps(document, ensure_ascii=self.random.random() < 0.5).encode("utf-8", "surrogatepass")
        return self.mutated(body) if self.random.random() < 0.4 else body

    def document(self, names):
        names = list(names)
        self.random.shuffle(names)
        names = self.some(names) + ([CANARY] if self.random.random() < 0.2 else [])
        rows = [self.values(names) for _ in range(self.random.randrange(5))]
        layout = self.random.choice(
            ["dataframe_split", "dataframe_records", "instances", "inputs", "v2", "v2", "lists"]
        )
        if layout == "dataframe_split":
            return {layout: {"columns": names, "data": rows, "index": self.anything(1)}, CANARY: 1}
        if layout == "v2":
            return {"id": CANARY, "inputs": self.tensors(names, rows), "outputs": self.anything(2) or None}
        if layout == "lists":
            return {"instances": rows, "params": {CANARY: 1}}
        if layout == "inputs" and self.random.random() < 0.5:
            return {layout: dict(zip(names, map(list, zip(*rows, strict=True)), strict=False))}
        return {layout: [dict(zip(names, row, strict=True)) for row in rows]}

    def tensors(self, names, rows):
        if self.random.random() < 0.5:
            flat = [value for row in rows for value in row]
            shape = [len(rows), len(names)]
            return [{"name": CANARY, "shape": shape, "datatype": self.datatype(), "data": flat}]
        return [
            {
                "name": name,
                "shape": [len(rows)],
                "datatype": self.datatype(),
                "data": [row[place] for row in rows],
            }
            for place, name in enumerate(names)
        ]

    def datatype(self):
        return self.random.choice(
            ["FP64", "FP32", "FP16", "INT64", "UINT8", "BOOL", "BYTES", CANARY, 7, None]
        )

    def values(self, names):
        if self.random.random() < 0.5:
            return [self.random.uniform(-9, 9) for _ in names]
        return [self.fitting(name) if self.random.random() < 0.9 else self.anything(2) for name in names]

    def fitting(self, name):
        fits = {
            "boolean": True,
            "string": CANARY,
            "datetime": "2020-02-28T00:00:00",
            "binary": "AAAA",
            "long": 7,
        }
        return fits.get(name, 1)

    def some(self, names):
        return [name for name in names if self.random.random() < 0.95] + self.random.choices(
            names, k=self.random.random() < 0.1
        )

    def anything(self, depth):
        scalars = [
            None,
            True,
            0,
            -0.0,
            1e300,
            1e39,
            2**63,
            -(2**70),
            10**400,
            CANARY,
            CANARY_NUMBER,
            "",
            "\ud800",
            "NaN",
        ]
        scalars += [float("nan"), float("inf"), "2020-01-01", "0001-01-01T00:00:00+14:00", "\x00", 3.5, 300]
        kind = self.random.random()
        if depth == 0 or kind < 0.4:
            return self.random.choice(scalars)
        if kind < 0.7:
            return [self.anything(depth - 1) for _ in range(self.random.randrange(4))]
        keys = [
            "inputs",
            "instances",
            "dataframe_split",
            "dataframe_records",
            "columns",
            "data",
            "shape",
            CANARY,
            "id",
        ]
        return {self.random.choice(keys): self.anything(depth - 1) for _ in range(self.random.randrange(4))}

    def mutated(self, body):
        changed = bytearray(body)
        for _ in range(self.random.randrange(1, 4)):
            place = self.random.randrange(len(changed) + 1)
            kind = self.random.random()
            if kind < 0.3:
                del changed[place : place + self.random.randrange(1, 9)]
            elif kind < 0.6:
                changed[place:place] = self.random.choice(
                    [b"[", b"]", b"{", b'"', b",", b"NaN", b"1e999", b"\xff", b"[" * 2000]
                )
            else:
                changed[place:place] = changed[place : place + 12]
        return bytes(changed)

    def csv(self, names):
        lines = [[*self.some(list(names)), CANARY]]
        lines += [[str(self.anything(0)) for _ in lines[0]] for _ in range(self.random.randrange(4))]
        text = self.random.choice([",", ",", ";"]).join(
            f'"{cell}"' if "," in cell else cell for cell in lines[0]
        )
        text += "".join("\n" + ",".join(line) for line in lines[1:])
        return self.mutated(text.encode("utf-8", "surrogatepass"))


def check_rows(bundle, rows):
    assert rows
    if bundle.tensor is not None:
        return
    for row in rows:
        assert type(row) is list
        assert len(row) == len(bundle.inputs)
        for value, column in zip(row, bundle.inputs, strict=True):
            assert type(value) is PYTHON_TYPES[column.type] or (value is None and not column.required)
            assert value == value  # noqa: PLR0124 - no NaN
            assert value not in (float("inf"), float("-inf"))


def check_refusal(error):
    answer = error.to_dict("id")
    text = json.dumps(answer)
    assert CANARY not in text
    assert str(CANARY_NUMBER) not in text
    assert "\n" not in answer["message"]
    assert 0 < len(answer["problems"]) <= min(SHOWN_PROBLEMS, answer["problem_count"])
    assert {problem["reason"] for problem in answer["problems"]} <= set(Reason)
    assert error.status in (400, 413, 415)


def names_of(bundle):
    return [column.name for column in bundle.inputs] or ["image", "a", "b"]


def send(parser, bundle, body, content_type, *, v2):
    try:
        request = parser.read_v2(body) if v2 else parser.read(body, content_type)
    except BadRequestError as error:
        check_refusal(error)
        return False
    check_rows(bundle, request.rows)
    return True


@pytest.mark.parametrize("name", BUNDLES)
def test_ten_thousand_bodies_are_read_or_refused(name):
    bundle = BUNDLES[name]
    parser, writer = Parser(bundle, max_rows=100), Writer(len(name), bundle)
    answered = {True: 0, False: 0}
    blocks = []
    for number in range(BODIES):
        body = writer.body(names_of(bundle))
        content_type = writer.random.choice(CONTENT_TYPES) if number % 4 == 0 else None
        v2 = body.startswith(b'{"id"')
        answered[send(parser, bundle, body, content_type, v2=v2)] += 1
        if number in (BODIES // 2, BODIES - 1):
            gc.collect()
            blocks.append(sys.getallocatedblocks())
    assert answered[False] > BODIES / 20
    assert answered[True] > BODIES / 200
    assert blocks[1] - blocks[0] < 5_000, "memory grows with the number of requests"


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(TYPES)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["inputs", "data", "columns", "name", "shape", "datatype", *TYPES]),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=20,
)
LAYOUT = st.sampled_from(["dataframe_split", "dataframe_records", "instances", "inputs"])


@settings(max_examples=300, deadline=None, database=None)
@given(LAYOUT, JSON, st.sampled_from(sorted(BUNDLES)))
def test_any_json_in_a_layout(layout, value, name):
    bundle = BUNDLES[name]
    body = json.dumps({layout: value}).encode()
    for v2 in (False, True):
        send(Parser(bundle), bundle, body, None, v2=v2)


@settings(max_examples=300, deadline=None, database=None)
@given(st.binary(max_size=80), st.text(max_size=20), st.sampled_from(sorted(BUNDLES)))
def test_any_bytes_of_any_content_type(body, content_type, name):
    for given_type in (content_type, "text/csv"):
        send(Parser(BUNDLES[name]), BUNDLES[name], body, given_type, v2=False)


def test_types_that_requests_choose_are_not_remembered_for_ever():
    parser = Parser(column_bundle(*[(f"c{n}", "any") for n in range(20)]))
    values = [1, 1.5, "a", True, [], {}]
    draw = random.Random(0)
    for _ in range(5_000):
        row = [draw.choice(values) for _ in range(20)]
        parser.read(json.dumps({"instances": [row]}).encode())
    plans = parser._layouts["instances"].__self__.table._plans
    assert 1 < len(plans) <= 256

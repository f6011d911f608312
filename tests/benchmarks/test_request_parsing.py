"""Reading a request beside MLflow's scoring server, in one run: ``pytest tests/benchmarks/test_request_parsing.py -s``."""

from __future__ import annotations

import json
import time

import orjson
import pytest

from nbship.serving.answers import invocations_body
from nbship.serving.parser import Parser
from request_bundles import column_bundle, iris_bundle

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # MLflow warns in ways of its own


def microseconds(function, calls):
    """Return the least CPU time of a call over several rounds."""
    best = float("inf")
    for _ in range(5):
        started = time.process_time()
        for _ in range(calls):
            function()
        best = min(best, (time.process_time() - started) / calls)
    return best * 1e6


def mlflow_reader(bundle):
    """Return what MLflow's scoring server does before it predicts: parse, type and enforce."""
    scoring_server = pytest.importorskip("mlflow.pyfunc.scoring_server")
    from mlflow.models.utils import _enforce_schema
    from mlflow.types import ColSpec, DataType, Schema

    schema = Schema([ColSpec(DataType[column.type], column.name) for column in bundle.inputs])

    def read(body):
        data, _ = scoring_server._split_data_and_params(body)
        return _enforce_schema(scoring_server.infer_and_parse_data(data, schema), schema)

    return read


def report(title, bundle, document, calls):
    body = orjson.dumps(document)
    parser, theirs = Parser(bundle), mlflow_reader(bundle)
    assert len(parser.read(body).rows) == len(theirs(body))
    decoding = microseconds(lambda: orjson.loads(body), calls)
    ours = microseconds(lambda: parser.read(body), calls)
    mlflow = microseconds(lambda: theirs(body), max(calls // 500, 2))
    print(
        f"\n{title:44}orjson {decoding:9.2f} us   nbship {ours:9.2f} us   MLflow {mlflow:11.1f} us   {mlflow / ours:6.0f}x"
    )
    return decoding, ours, mlflow


def split(bundle, rows):
    return {"dataframe_split": {"columns": [column.name for column in bundle.inputs], "data": rows}}


ROW = [5.1, 3.5, 1.4, 0.2]


def test_single_numeric_rows():
    bundle = iris_bundle()
    _, ours, mlflow = report("4 doubles, 1 row, split", bundle, split(bundle, [ROW]), 10_000)
    record = dict(zip((column.name for column in bundle.inputs), ROW, strict=True))
    report("4 doubles, 1 row, records", bundle, {"dataframe_records": [record]}, 10_000)
    report(
        "4 doubles, 1 row, inputs",
        bundle,
        {"inputs": {name: [value] for name, value in record.items()}},
        10_000,
    )
    wide = column_bundle(*[f"c{n}" for n in range(30)])
    report("30 doubles, 1 row, split", wide, split(wide, [[n + 0.5 for n in range(30)]]), 10_000)
    report("30 doubles, 1 row of integers, split", wide, split(wide, [list(range(30))]), 10_000)
    assert mlflow > 10 * ours


def test_mixed_rows():
    kinds = ["double", "long", "string", "boolean", "datetime"] * 2
    bundle = column_bundle(*[(f"c{n}", kind) for n, kind in enumerate(kinds)])
    row = [1.5, 7, "text", True, "2026-01-31T12:00:00"] * 2
    report("10 columns of 5 types, 1 row, split", bundle, split(bundle, [row]), 10_000)
    report("10 columns of 5 types, 1,000 rows, split", bundle, split(bundle, [row] * 1_000), 20)


def test_many_rows():
    bundle = iris_bundle()
    decoding, ours, mlflow = report("4 doubles, 10,000 rows, split", bundle, split(bundle, [ROW] * 10_000), 5)
    print(f"beyond decoding: {ours - decoding:.0f} us, MLflow's own decoding included: {mlflow:.0f} us")


def test_open_inference_protocol():
    parser = Parser(iris_bundle())
    tensor = {"name": "input-0", "shape": [1, 4], "datatype": "FP64", "data": ROW}
    body = json.dumps({"inputs": [tensor]}).encode()
    print(f"\n4 doubles, 1 row, v2: {microseconds(lambda: parser.read_v2(body), 10_000):.2f} us")


def test_answers():
    print(f"\nanswer of 1 row: {microseconds(lambda: invocations_body([1]), 10_000):.2f} us")

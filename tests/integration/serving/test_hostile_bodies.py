"""Ten thousand broken bodies, and schemathesis against the server's own description."""

from __future__ import annotations

import contextlib
import http.client
import json
import random

import pytest

from served_bundles import Serving, serving, split

ROW = [5.1, 3.5, 1.4, 0.2]
BODIES = 10_000
SETTLED = 2000
ODD = [
    None,
    True,
    [],
    {},
    [[]],
    "",
    "x" * 300,
    -0.0,
    1e308,
    -1e400,
    2**70,
    "NaN",
    {"a": 1},
    float("nan"),
    "\ud800",
    0,
]
KEYS = [
    "dataframe_split",
    "dataframe_records",
    "instances",
    "inputs",
    "columns",
    "data",
    "index",
    "params",
    "id",
]
TYPES = [
    "application/json",
    "text/csv",
    "application/json; charset=utf-16",
    "image/png",
    "",
    "text/csv; charset=x",
]


def fuzzed(random_: random.Random) -> bytes:
    """Return a body that is a good one with something done to it, or nothing of the kind."""
    good = split(*([ROW] * random_.randint(1, 4)))
    kind = random_.randrange(6)
    if kind == 0:
        return random_.randbytes(random_.randint(0, 200))
    if kind == 1:
        return json.dumps(changed(good, random_)).encode(errors="surrogatepass")
    if kind == 2:
        return json.dumps({random_.choice(KEYS): nested(random_, 3) for _ in range(3)}).encode()
    if kind == 3:
        return b"[" * random_.randint(1, 50_000)
    if kind == 4:
        tensor = {
            "name": "x",
            "shape": [random_.choice([1, -1, 2**40, "a"]), 4],
            "datatype": "FP64",
            "data": ROW,
        }
        return json.dumps({"inputs": [changed(tensor, random_)]}).encode()
    text = bytearray(json.dumps(good).encode())
    for _ in range(random_.randint(1, 5)):
        text[random_.randrange(len(text))] = random_.randrange(256)
    return bytes(text)


def changed(value: object, random_: random.Random) -> object:
    """Return a value of which one part, at any depth, is another one."""
    if isinstance(value, dict) and value and random_.random() < 0.9:
        key = random_.choice(list(value))
        return {**value, key: changed(value[key], random_)}
    if isinstance(value, list) and value and random_.random() < 0.9:
        place = random_.randrange(len(value))
        return [*value[:place], changed(value[place], random_), *value[place + 1 :]]
    return random_.choice(ODD)


def nested(random_: random.Random, depth: int) -> object:
    if not depth or random_.random() < 0.3:
        return random_.choice([it for it in ODD if it != "\ud800"])
    if random_.random() < 0.5:
        return [nested(random_, depth - 1) for _ in range(random_.randrange(4))]
    return {random_.choice(KEYS): nested(random_, depth - 1) for _ in range(random_.randrange(3))}


def send(server: Serving, random_: random.Random, count: int) -> dict[int, int]:
    """Send broken bodies on one connection, and return how often each status came."""
    statuses: dict[int, int] = {}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with contextlib.closing(connection):
        for _ in range(count):
            path = random_.choice(["/invocations", "/invocations", "/v2/models/iris/infer", "/feedback"])
            connection.request("POST", path, fuzzed(random_), {"Content-Type": random_.choice(TYPES)})
            answer = connection.getresponse()
            body = answer.read()
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            assert b"Traceback" not in body
            json.loads(body)
    return statuses


@pytest.mark.slow
def test_no_broken_body_is_a_fault_of_the_server_or_stays_in_memory(logistic, tmp_path):
    random_ = random.Random(20261121)
    with serving(*logistic, tmp_path) as server:
        assert server.predict([1e40, 1, 1, 1]).status == 200  # reads the model, which usual rows do not need
        send(server, random_, SETTLED)
        before = server.pss_bytes()
        statuses = send(server, random_, BODIES - SETTLED)
        grown = server.pss_bytes() - before
        assert server.predict(ROW).json == {"predictions": [0]}
        code, said = server.stop()
    print(f"\n{BODIES} bodies: {statuses}; memory grew by {grown >> 10} kB of {before >> 20} MB")
    assert code == 0
    assert said.count("failed") == 0, said
    assert {status for status in statuses if status >= 500} == set()
    assert {200, 400} <= statuses.keys()
    assert grown < 4 << 20


@pytest.mark.slow
def test_the_server_is_as_it_describes_itself(logistic, tmp_path):
    schemathesis = pytest.importorskip("schemathesis")
    with serving(*logistic, tmp_path) as server:
        found = checked(schemathesis, f"http://127.0.0.1:{server.port}")
    assert found > 200


def is_beyond_schemas(case) -> bool:
    """Whether no schema of JSON says what is right here: which texts are tables, which numbers fit a shape or others."""
    if case.media_type == "text/csv" or case.path.endswith("/infer"):
        return True
    layouts = case.body.values() if isinstance(case.body, dict) else ()
    columns = [layout.values() for layout in layouts if isinstance(layout, dict)]
    return any(len({len(it) for it in several if isinstance(it, list)}) > 1 for several in columns)


def checked(schemathesis, url: str) -> int:
    """Let schemathesis ask every operation, and return how many requests it made."""
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    asked = 0
    for operation in (found.ok() for found in schema.get_all_operations()):

        @given(case=operation.as_strategy())
        @settings(
            max_examples=40 if operation.method == "post" else 6,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        def ask(case) -> None:
            nonlocal asked
            asked += 1
            without = [positive_data_acceptance] if is_beyond_schemas(case) else []
            case.call_and_validate(base_url=url, excluded_checks=without)

        ask()
    return asked

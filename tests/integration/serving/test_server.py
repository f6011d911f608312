"""A server in a process of its own, asked over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading

import pytest

from served_bundles import (
    COLUMNS,
    environment,
    free_port,
    iris,
    log_lines,
    serving,
    split,
    until,
    write_pickled,
)

ROW = [5.1, 3.5, 1.4, 0.2]

SLOW = """
import threading, time
class Model:
    def predict(self, context, rows):
        if (rows["sepal_length"] > 90).any():
            time.sleep(float(rows["sepal_width"].iloc[0]))
        if (rows["sepal_length"] < 0).any():
            raise MemoryError("the petal is 12345")
        return [0] * len(rows)
"""


def test_every_row_gets_the_answer_of_the_model(server, whole, tmp_path):
    from sklearn.linear_model import LogisticRegression

    features, classes = iris()
    model = LogisticRegression(max_iter=500).fit(features, classes)
    answers = [server.predict(*features.to_numpy().tolist())]
    with serving(*whole, tmp_path) as other:
        answers.append(other.predict(*features.to_numpy().tolist()))
    for answer in answers:
        assert answer.status == 200
        assert answer.json["predictions"] == model.predict(features).tolist()


def test_the_open_inference_protocol_answers_the_same(server):
    tensor = {"name": "input", "shape": [2, 4], "datatype": "FP64", "data": [*ROW, 6.7, 3.0, 5.2, 2.3]}
    for base in ("/v2/models/iris", "/v2/models/iris/versions/3"):
        answer = server.ask("POST", f"{base}/infer", {"id": "q1", "inputs": [tensor]})
        assert answer.status == 200
        assert answer.json["id"] == "q1"
        assert answer.json["outputs"][0]["data"] == [0, 2]


@pytest.mark.parametrize(
    "path",
    [
        "/ping",
        "/health",
        "/health/live",
        "/health/ready",
        "/v2",
        "/v2/health/live",
        "/v2/health/ready",
        "/version",
        "/v2/models/iris",
        "/v2/models/iris/ready",
        "/v2/models/iris/versions/3/ready",
        "/metrics",
        "/lineage",
    ],
)
def test_what_can_be_read_is_there(server, path):
    answer = server.ask("GET", path)
    assert answer.status == 200
    assert server.ask("HEAD", path).body == b""
    assert server.ask("DELETE", path).status == 405


def test_the_description_names_addresses_that_exist(server):
    document = server.ask("GET", "/openapi.json").json
    assert document["openapi"] == "3.1.0"
    for path, item in document["paths"].items():
        for method in item:
            assert server.ask(method.upper(), path, b"").status not in {404, 405}, (method, path)


def test_the_model_is_described(server):
    found = server.ask("GET", "/v2/models/iris").json
    assert found["versions"] == ["3"]
    assert [item["name"] for item in found["inputs"]] == COLUMNS
    assert server.ask("GET", "/version").json["run_id"] == "0123abcd"
    assert server.ask("GET", "/lineage").json == {"run_id": "0123abcd"}


def test_unknown_addresses_and_methods_are_told_in_json(server):
    missing = server.ask("GET", "/v2/models/other")
    assert (missing.status, missing.json["error_code"]) == (404, "NOT_FOUND")
    assert "iris" in missing.json["message"]
    wrong = server.ask("GET", "/invocations")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")


def test_the_request_id_is_returned_with_every_answer(server):
    assert server.predict(ROW, X_Request_Id="mine-1").headers["x-request-id"] == "mine-1"
    made = server.predict(ROW, X_Request_Id="a b").headers["x-request-id"]
    assert made != "a b"
    assert server.ask("GET", "/nowhere").json["request_id"]


def test_problems_are_listed_without_data_or_traces(server):
    answer = server.predict([1, None, "12345", 4], [1, 2])
    assert answer.status == 400
    assert answer.json["problem_count"] >= 2
    assert b"12345" not in answer.body
    assert b"Traceback" not in answer.body


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(server):
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        head = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"
        connection.sendall(head)
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_a_body_of_unknown_length_is_cut_off_at_the_limit(logistic, tmp_path):
    with serving(*logistic, tmp_path, max_body_bytes="1000") as small:
        connection = http.client.HTTPConnection("127.0.0.1", small.port, timeout=10)
        connection.request("POST", "/invocations", iter([b"x" * 600] * 3))
        assert connection.getresponse().status == 413
        connection.close()
        assert small.predict(ROW).status == 200


def test_compressed_bodies_and_too_many_rows_are_refused(logistic, tmp_path, server):
    assert server.ask("POST", "/invocations", b"x", Content_Encoding="gzip").status == 415
    with serving(*logistic, tmp_path, max_rows="2") as small:
        assert small.predict(ROW, ROW).status == 200
        assert small.predict(ROW, ROW, ROW).status == 413


def test_predictions_and_feedback_are_logged(logistic, tmp_path):
    with serving(*logistic, tmp_path) as running:
        running.predict(ROW, ROW, X_Request_Id="q-7")
        answer = running.ask("POST", "/feedback", {"id": "q-7", "targets": [0, 1]})
        assert (answer.status, answer.json) == (200, {"accepted": 2})
        code, said = running.stop()
    assert code == 0, said
    first, second, *truths = log_lines(tmp_path)
    assert (first["id"], first["row"], second["row"]) == ("q-7", 0, 1)
    assert first["inputs"] == dict(zip(COLUMNS, ROW, strict=True))
    assert [(truth["row"], truth["target"]) for truth in truths] == [(0, 0), (1, 1)]


def test_metrics_tell_what_happened(logistic, tmp_path):
    with serving(*logistic, tmp_path) as running:
        for _ in range(3):
            running.predict(ROW)
        running.predict([None] * 4)
        text = running.ask("GET", "/metrics").body.decode()
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert lines['nbship_requests_total{code="200",protocol="mlflow",route="/invocations"}'] == "3.0"
    assert lines['nbship_requests_total{code="400",protocol="mlflow",route="/invocations"}'] == "1.0"
    assert lines['nbship_predictions_total{value="0"}'] == "3.0"
    assert lines['nbship_validation_errors_total{reason="missing_value"}'] == "4.0"
    assert lines["nbship_batch_size_count"] == "3.0"
    assert lines["nbship_in_flight"] == "0.0"
    assert float(lines['nbship_feature_drift{feature="sepal_length",statistic="ks"}']) > 0.5
    assert lines['nbship_feature_missing_ratio{feature="sepal_length"}'] == "0.0"
    assert 'nbship_prediction_drift{statistic="psi"}' in lines
    assert any(name.startswith("nbship_model_info{") and 'version="3"' in name for name in lines)


def test_the_metrics_are_what_prometheus_reads(server):
    from prometheus_client.parser import text_string_to_metric_families

    text = server.ask("GET", "/metrics").body.decode()
    assert len(list(text_string_to_metric_families(text))) > 10


def test_with_a_token_only_health_is_open(logistic, tmp_path):
    with serving(*logistic, tmp_path, token="s3cret") as closed:
        assert closed.ask("GET", "/health/live").status == 200
        for answer in (
            closed.predict(ROW),
            closed.ask("GET", "/metrics"),
            closed.predict(ROW, Authorization="Bearer x"),
        ):
            assert answer.status == 401
            assert answer.headers["www-authenticate"] == "Bearer"
        assert closed.predict(ROW, Authorization="Bearer s3cret").status == 200
        assert (
            "securitySchemes"
            in closed.ask("GET", "/openapi.json", Authorization="Bearer s3cret").json["components"]
        )


def test_the_health_check_of_the_image_tells_ready_from_not(server):
    def check(port: int) -> int:
        given = os.environ | {"NBSHIP_SERVE_PORT": str(port), "NBSHIP_SERVE_HOST": "0.0.0.0"}
        return subprocess.run(
            [sys.executable, "-m", "nbship.serving.health"], env=given, check=False
        ).returncode

    assert check(server.port) == 0
    assert check(free_port()) == 1


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slow")
    digest, pickled = write_pickled(folder, SLOW, name="slow")
    with serving(
        folder,
        digest,
        tmp_path_factory.mktemp("log"),
        trusted=pickled,
        timeout_seconds="1.5",
        max_concurrent="3",
    ) as it:
        yield it


def test_a_model_that_fails_answers_500_without_its_words(slow):
    answer = slow.predict([-1, 1, 1, 1])
    assert answer.status == 500
    assert b"12345" not in answer.body
    assert slow.predict(ROW).json == {"predictions": [0]}


def test_a_slow_answer_is_given_up_while_health_answers(slow):
    answers = []
    asking = threading.Thread(target=lambda: answers.append(slow.predict([99, 4, 1, 1])))
    asking.start()
    while asking.is_alive():
        assert slow.ask("GET", "/health/live").status == 200
    assert (answers[0].status, answers[0].json["error_code"]) == (504, "TIMEOUT")


def test_too_many_requests_at_once_are_refused(slow):
    until(lambda: slow.predict(ROW).status == 200)  # what an earlier test left in the model
    answers = []
    asking = [
        threading.Thread(target=lambda: answers.append(slow.predict([99, 0.7, 1, 1]))) for _ in range(5)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    refused = [answer for answer in answers if answer.status == 503]
    assert len(refused) == 2
    assert all(
        answer.json["error_code"] == "OVERLOADED" and answer.headers["retry-after"] for answer in refused
    )


def test_a_body_that_never_comes_is_given_up(slow):
    with socket.create_connection(("127.0.0.1", slow.port), 10) as connection:
        connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
        assert connection.recv(12) == b"HTTP/1.1 408"


def test_a_head_that_never_ends_is_given_up(slow):
    with socket.create_connection(("127.0.0.1", slow.port), 10) as connection:
        connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\n")
        assert connection.recv(100) == b""


def test_a_head_that_is_too_long_is_cut_off(logistic, tmp_path):
    head = b"GET / HTTP/1.1\r\n" + (b"X-Padding: " + b"x" * 10_000 + b"\r\n") * 2000
    with (
        serving(*logistic, tmp_path, max_body_bytes="1000") as running,
        socket.create_connection(("127.0.0.1", running.port), 10) as connection,
    ):
        with pytest.raises(ConnectionError):
            connection.sendall(head)
        assert running.predict(ROW).status == 200


def test_several_requests_sent_at_once_are_answered_in_order(server):
    body = json.dumps(split(ROW)).encode()
    one = b"POST /invocations HTTP/1.1\r\nHost: x\r\nX-Request-Id: %d\r\nContent-Length: %d\r\n\r\n%s"
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(b"".join(one % (number, len(body), body) for number in range(20)))
        received = b""
        while received.count(b"predictions") < 20:
            received += connection.recv(65536)
    ids = [line.split(b": ")[1] for line in received.split(b"\r\n") if line.startswith(b"x-request-id")]
    assert ids == [b"%d" % number for number in range(20)]


def test_before_the_model_is_there_the_server_lives_but_is_not_ready(logistic, tmp_path):
    with serving(*logistic, tmp_path, wait=False) as starting:
        seen = []

        def ready() -> bool:
            try:
                answers = [starting.ask("GET", path).status for path in ("/health/live", "/health/ready")]
                seen.append((*answers, starting.predict(ROW).status))
            except OSError:
                return False
            return answers == [200, 200]

        until(ready)
    assert seen[0] == (200, 503, 503)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"NBSHIP_SERVE_BUNDLE_SHA256": "0" * 64}, 3, "is not what was packaged"),
        ({"NBSHIP_SERVE_PORT": "many"}, 2, "NBSHIP_SERVE_PORT"),
        ({"NBSHIP_SERVE_BUNDLE": "/nowhere"}, 3, "there is no bundle"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(logistic, tmp_path, change, code, said):
    given = environment(*logistic, tmp_path, free_port()) | change
    ended = subprocess.run(
        [sys.executable, "-m", "nbship.serving"], env=given, capture_output=True, text=True, check=False
    )
    assert ended.returncode == code
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_port_in_use_is_told_with_the_next_step(server, logistic, tmp_path):
    given = environment(*logistic, tmp_path, server.port)
    ended = subprocess.run(
        [sys.executable, "-m", "nbship.serving"], env=given, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 3
    assert "in use" in ended.stderr
    assert "NBSHIP_SERVE_PORT" in ended.stderr


def test_an_untrusted_pickle_is_not_served(tmp_path):
    digest, _ = write_pickled(tmp_path / "bundle", SLOW)
    given = environment(tmp_path / "bundle", digest, tmp_path / "log", free_port())
    ended = subprocess.run(
        [sys.executable, "-m", "nbship.serving"], env=given, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "pickle" in ended.stderr


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise RuntimeError('first\\nsecond')", "RuntimeError: first second"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
    ],
)
def test_a_model_that_fails_while_it_is_loaded_ends_the_server_with_one_line(tmp_path, code, said):
    source = f"class Model:\n    @property\n    def predict(self):\n        {code}\n"
    digest, pickled = write_pickled(tmp_path / "bundle", source)
    given = environment(tmp_path / "bundle", digest, tmp_path / "log", free_port(), trusted=pickled)
    ended = subprocess.run(
        [sys.executable, "-m", "nbship.serving"], env=given, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 3
    assert ended.stderr == f"nbship: the model cannot be served, loading it failed: {said}\n"


def test_nothing_of_jupyter_or_mlflow_is_imported(logistic, tmp_path):
    code = (
        "import sys, nbship.serving.lifecycle, nbship.serving.served_bundle; print([n for n in "
        "('mlflow', 'IPython', 'pandas', 'pyarrow', 'blake3', 'requests', 'sklearn', 'scipy') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_log_that_cannot_be_written_fails_no_request(logistic, tmp_path):
    (tmp_path / "file").write_text("")
    with serving(*logistic, tmp_path / "file" / "log") as running:
        assert running.predict(ROW).status == 200

        def dropped() -> bool:
            return b"nbship_prediction_log_dropped_total 1.0" in running.ask("GET", "/metrics").body

        until(dropped)
        code, said = running.stop()
    assert code == 0
    assert said.count("predictions are not logged") == 1


def test_without_a_log_feedback_has_no_place(logistic, tmp_path):
    with serving(*logistic, tmp_path / "log", log="off") as running:
        assert running.predict(ROW).status == 200
        assert running.ask("POST", "/feedback", {"id": "a", "target": 1}).status == 409
    assert not (tmp_path / "log").exists()

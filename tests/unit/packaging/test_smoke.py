from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from nbship.errors import PackagingError, SmokeTestError
from nbship.packaging.smoke import replay, run_smoke_test

EXAMPLE = {"columns": ["a"], "data": [[1.0], [2.0]], "predictions": [0.1, 0.2]}


@pytest.fixture
def bundle_folder(tmp_path):
    (tmp_path / "example.json").write_text(json.dumps(EXAMPLE))
    return tmp_path


class Started:
    """A real HTTP server that gives one answer, with the interface of a started process."""

    def __init__(self, body, status=200, ready=0.25):
        self.asked = []
        self.stopped = False
        self._ready = ready
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                outer.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def wait_ready(self, timeout_seconds):
        if isinstance(self._ready, Exception):
            raise self._ready
        return self._ready

    def stop(self):
        self.stopped = True
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def stderr_tail(self):
        return ""


def answering(predictions, **options):
    return Started(json.dumps({"predictions": predictions}).encode(), **options)


def test_equal_answers_pass_and_the_server_is_stopped(bundle_folder):
    server = answering([0.1, 0.2])
    test = run_smoke_test(lambda: server, bundle_folder)
    assert (test.where, test.rows, test.ready_seconds, test.largest_difference) == ("process", 2, 0.25, 0.0)
    assert server.asked == [{"dataframe_split": {"columns": ["a"], "data": [[1.0], [2.0]]}}]
    assert server.stopped


def test_the_last_digits_of_a_number_may_differ(bundle_folder):
    test = run_smoke_test(lambda: answering([0.1, 0.2 * (1 + 1e-12)]), bundle_folder)
    assert 0 < test.largest_difference < 1e-11


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ([0.1, 0.3], "row 1: expected 0.2, got 0.3"),
        ([0.1, None], "row 1: expected 0.2, got null"),
        ([0.1, "0.2"], 'row 1: expected 0.2, got "0.2"'),
        ([0.1, [0.2]], "row 1"),
        ([0.1], "1 predictions where the model gave 2"),
    ],
)
def test_other_answers_fail_and_tell_where(bundle_folder, answer, told):
    server = answering(answer)
    with pytest.raises(SmokeTestError) as raised:
        run_smoke_test(lambda: server, bundle_folder)
    assert told in str(raised.value)
    assert server.stopped


def test_nested_answers_and_labels_are_compared(tmp_path):
    predictions = [{"p": [0.5, 0.5], "label": "a"}, {"p": [1.0, 0.0], "label": "b"}]
    (tmp_path / "example.json").write_text(json.dumps({"inputs": [[1], [2]], "predictions": predictions}))
    assert run_smoke_test(lambda: answering(predictions), tmp_path).rows == 2
    with pytest.raises(SmokeTestError, match="in 1 of 2 rows"):
        run_smoke_test(lambda: answering([predictions[0], {**predictions[1], "label": "c"}]), tmp_path)


def test_a_refusal_is_told_in_the_servers_words(bundle_folder):
    body = json.dumps({"message": "2 problems", "problems": [{"message": "column a is missing"}]}).encode()
    with pytest.raises(SmokeTestError, match=r"status 400: 2 problems column a is missing"):
        run_smoke_test(lambda: Started(body, 400), bundle_folder)


def test_a_server_that_does_not_start_fails_the_test_and_is_stopped(bundle_folder):
    server = answering([], ready=PackagingError("it ended: no module named orjson"))
    with pytest.raises(SmokeTestError, match="no module named orjson"):
        run_smoke_test(lambda: server, bundle_folder)
    assert server.stopped


def test_a_bundle_without_an_example_is_said_to_have_none(tmp_path):
    test = replay("http://127.0.0.1:1", tmp_path, where="container", ready_seconds=1.0)
    assert (test.rows, test.ready_seconds) == (0, 1.0)
    assert "no recorded example" in test.note


def test_a_server_that_is_gone_is_an_error_of_the_test(bundle_folder):
    with pytest.raises(SmokeTestError, match="does not answer"):
        replay("http://127.0.0.1:9", bundle_folder, where="container", timeout_seconds=5)

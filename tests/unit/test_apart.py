from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from nbship.config import load_settings
from nbship.errors import RunNotFoundError, StoreError, UsageError
from nbship.service.apart import answer_apart, asking, in_kernel
from nbship.store.refusal import RefusedError

PASSWORD = "hunter2"

REFUSED = (
    "API request to http://127.0.0.1:9/api/2.0/mlflow/experiments/search failed with exception "
    "HTTPConnectionPool(host='127.0.0.1', port=9): Max retries exceeded with url: /api/2.0/mlflow/experiments/search "
    "(Caused by NewConnectionError(\"HTTPConnection(host='127.0.0.1', port=9): Failed to establish a new connection: "
    '[Errno 111] Connection refused"))'
)


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    return replace(load_settings(tmp_path), tracking_uri=f"http://ann:{PASSWORD}@127.0.0.1:9")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (REFUSED, "Connection refused"),
        ("(Caused by ResponseError('too many 503 error responses'))", "too many 503 error responses"),
        ("the server is on fire", "the server is on fire"),
    ],
)
def test_a_store_that_is_down_is_named_with_the_cause_and_what_to_do(settings, said, reason):
    with pytest.raises(StoreError) as caught, asking(settings):
        raise StoreError(said)
    message = str(caught.value)
    assert message.startswith("the store http://ann:***@127.0.0.1:9 cannot be read: ")
    assert f"{reason}; make sure that it runs" in message
    assert "retries" not in message


def test_a_missing_library_is_a_store_that_cannot_be_read(settings):
    with pytest.raises(StoreError, match=r"No module named 'psycopg'; install it"), asking(settings):
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")


def test_other_answers_of_a_store_stay_as_they_are(settings):
    for error in (RefusedError("no"), RunNotFoundError("no"), UsageError("no")):
        with pytest.raises(type(error), match=r"^no$"), asking(settings):
            raise error
    local = replace(settings, tracking_uri="sqlite:////tmp/a.db")
    with pytest.raises(StoreError, match=r"^cannot read"), asking(local):
        raise StoreError("cannot read /tmp/a.db")


def test_what_another_process_says_is_one_line_without_the_password(settings):
    with pytest.raises(StoreError) as caught:
        answer_apart(settings, "compare", [], ["a", "b"])
    assert "cannot be read" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_a_process_that_broke_down_leaves_its_last_line(settings):
    with pytest.raises(UsageError) as caught:
        answer_apart(settings, "no-such-command", [], [])
    assert "\n" not in str(caught.value)
    assert "no-such-command" in str(caught.value)


def test_a_test_is_no_kernel(monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel.kernelapp", raising=False)
    assert not in_kernel()

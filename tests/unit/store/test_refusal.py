from __future__ import annotations

import pytest

from nbship.errors import StoreError
from nbship.store.refusal import RefusedError, translated


@pytest.mark.parametrize(
    "code", ["INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST", "BAD_REQUEST", "INVALID_STATE"]
)
def test_an_answer_that_will_not_change_is_a_refusal(code):
    with pytest.raises(RefusedError, match=r"first line$"), translated():
        raise _error(code)


@pytest.mark.parametrize(
    "code",
    [
        "INTERNAL_ERROR",
        "TEMPORARILY_UNAVAILABLE",
        "REQUEST_LIMIT_EXCEEDED",
        "PERMISSION_DENIED",
        "ENDPOINT_NOT_FOUND",
    ],
)
def test_an_answer_that_may_change_is_an_outage(code):
    with pytest.raises(StoreError) as caught, translated():
        raise _error(code)
    assert not isinstance(caught.value, RefusedError)


def test_a_transport_that_fails_is_an_outage_and_a_missing_file_is_not():
    with pytest.raises(StoreError, match="refused") as caught, translated():
        raise ConnectionRefusedError("refused")
    assert not isinstance(caught.value, RefusedError)
    with pytest.raises(RefusedError, match="blob"), translated():
        raise FileNotFoundError(2, "missing", "blob")


def test_a_database_that_cannot_be_reached_is_an_outage():
    from sqlalchemy import create_engine

    nowhere = create_engine("sqlite:////no/such/folder/mlflow.db")
    with pytest.raises(StoreError, match="unable to open") as caught, translated(), nowhere.connect():
        pass
    assert not isinstance(caught.value, RefusedError)
    assert "\n" not in str(caught.value)


def test_a_server_that_nobody_hears_is_said_in_few_words():
    from mlflow.exceptions import MlflowException

    text = (
        "API request to http://127.0.0.1:9/api/2.0/mlflow/experiments/search failed with exception "
        "HTTPConnectionPool(host='127.0.0.1', port=9): Max retries exceeded with url: /api/2.0/mlflow/experiments/search "
        "(Caused by NewConnectionError(\"HTTPConnection(host='127.0.0.1', port=9): Failed to establish a new connection: "
        '[Errno 111] Connection refused"))'
    )
    with pytest.raises(StoreError) as caught, translated():
        raise MlflowException(text)
    assert str(caught.value) == "http://127.0.0.1:9 does not answer: [Errno 111] Connection refused"


def _error(code):
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import ErrorCode

    return MlflowException("first line\nsecond", error_code=ErrorCode.Value(code))

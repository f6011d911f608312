import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from nbship.serving.outcomes import predictions_of

NOON = dt.datetime(2024, 2, 29, 12)  # noqa: DTZ001 - naive, as numpy's times are


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (np.array([1, 2]), [1, 2]),
        (np.array([True, False]), [True, False]),
        (np.array([[0.25, 0.75], [1.0, 0.0]]), [[0.25, 0.75], [1.0, 0.0]]),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array(["a", np.int64(2)], dtype=object), ["a", 2]),
        ([np.float32(0.5), np.str_("b")], [0.5, "b"]),
        ((1, None), [1, None]),
        (pd.Series(["a", None], dtype="object"), ["a", None]),
        (pd.Series([1, None], dtype="Int64"), [1, None]),
        (
            pd.DataFrame({"label": ["a", "b"], "score": [0.5, 1.0]}),
            [{"label": "a", "score": 0.5}, {"label": "b", "score": 1.0}],
        ),
        (
            {"label": ["a", "b"], "score": np.array([1, 2])},
            [{"label": "a", "score": 1}, {"label": "b", "score": 2}],
        ),
        (sparse.csr_matrix([[0, 1], [1, 0]]), [[0, 1], [1, 0]]),
        (np.array(["2024-02-29T12:00", "NaT"], dtype="datetime64[ns]"), [NOON, None]),
        (np.array([1500, 0], dtype="timedelta64[ms]"), [1.5, 0.0]),
        (
            [np.array([[0.1, 0.9], [0.2, 0.8]]), np.array([[1.0], [1.0]])],
            [[[0.1, 0.9], [1.0]], [[0.2, 0.8], [1.0]]],
        ),
        ([{"a": np.int8(1)}, {"a": np.int8(2)}], [{"a": 1}, {"a": 2}]),
    ],
)
def test_whatever_a_model_returns_becomes_one_prediction_a_row(result, expected):
    answers = predictions_of(result, 2)

    assert answers == expected
    assert all(not isinstance(answer, np.generic) for answer in answers)


@pytest.mark.parametrize(("result", "expected"), [(7, [7]), ("text", ["text"]), (np.float64(2), [2.0])])
def test_one_answer_to_one_row_needs_no_list(result, expected):
    assert predictions_of(result, 1) == expected


@pytest.mark.parametrize("result", [np.array([1.0]), [1, 2, 3], 5, {"a": [1]}, np.float64(1), None])
def test_another_number_of_answers_is_an_error(result):
    with pytest.raises(RuntimeError, match="predictions for 2 rows"):
        predictions_of(result, 2)

from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.utils import Bunch

from nbship.capture.first_rows import first_rows, rows_of_expression

FRAME = pd.DataFrame({"a": range(9), "b": range(9, 18), "t": list("abcdefghi")})
ARRAY = np.arange(36).reshape(9, 4)


class Watched:
    """Fails the test when anything of it is run."""

    @property
    def data(self):
        raise AssertionError("a property ran")

    def __getitem__(self, key):
        raise AssertionError("an item was asked for")

    def __getattr__(self, name):
        raise AssertionError("an attribute was asked for")


NAMESPACE = {
    "df": FRAME,
    "X": ARRAY,
    "features": ["b", "a"],
    "index": FRAME.columns[:2],
    "mask": FRAME["a"] > 3,
    "rows": np.array([8, 7]),
    "splits": {"train": FRAME, "both": (FRAME, ARRAY)},
    "iris": Bunch(data=ARRAY, frame=FRAME),
    "box": SimpleNamespace(X=ARRAY, inner=SimpleNamespace(y=FRAME)),
    "watched": Watched(),
    "i": 1,
    "name": "train",
}

HEAD, TOP = FRAME.head(), ARRAY[:5]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("df", HEAD),
        (" df[features] ", HEAD[["b", "a"]]),
        ("df[index]", HEAD[["a", "b"]]),
        ("df[['a', 'b']]", HEAD[["a", "b"]]),
        ("df[mask]", HEAD),
        ("df[:100]", HEAD),
        ("df.loc[mask, features]", HEAD[["b", "a"]]),
        ("df.loc[:, ['a']]", HEAD[["a"]]),
        ("df.iloc[rows]", HEAD),
        ("df.iloc[:, :2]", HEAD[["a", "b"]]),
        ("df.iloc[:, :-1]", HEAD[["a", "b"]]),
        ("df[['a', 'b']].values", HEAD[["a", "b"]].to_numpy()),
        ("df['t']", HEAD["t"].to_numpy(dtype=object)),
        ("df.t", HEAD["t"].to_numpy(dtype=object)),
        ("X", TOP),
        ("X[rows]", TOP),
        ("X[:, 1:3]", TOP[:, 1:3]),
        ("X[:, [0, 2]]", TOP[:, [0, 2]]),
        ("splits['train']", HEAD),
        ("splits[name]", HEAD),
        ("splits['both'][1]", TOP),
        ("splits['both'][i]", TOP),
        ("iris.data", TOP),
        ("iris.frame[features]", HEAD[["b", "a"]]),
        ("box.X", TOP),
        ("box.inner.y", HEAD),
    ],
)
def test_the_first_rows_of_what_an_expression_names(source, expected):
    found = rows_of_expression(source, NAMESPACE)
    assert type(found) is type(expected)
    assert found.tolist() == expected.tolist() if isinstance(found, np.ndarray) else found.equals(expected)


@pytest.mark.parametrize(
    "source",
    [
        "gone",
        "df['gone']",
        "df['a']",
        "df.gone",
        "X[0]",
        "splits['gone']",
        "df.drop(columns='a')",
        "X + 1",
        "f(X)",
        "watched.data",
        "watched['a']",
        "watched",
        "df[",
        "x = 1",
        "",
        "[y for y in X]",
        "(lambda: X)()",
        "i",
        "__import__('os').environ",
    ],
)
def test_an_expression_that_does_more_than_to_name_has_no_rows(source):
    assert rows_of_expression(source, NAMESPACE) is None


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "lil", "dok"])
@pytest.mark.parametrize("make", [sparse.random, sparse.random_array])
def test_rows_of_a_sparse_matrix_are_cut_in_every_format(kind, make):
    shape = {"shape": (9, 4)} if make is sparse.random_array else {"m": 9, "n": 4}
    matrix = make(**shape, density=0.5, format=kind, rng=np.random.default_rng(0))
    assert first_rows(matrix).toarray().tolist() == matrix.toarray()[:5].tolist()


def test_frames_of_other_libraries_become_pandas_frames():
    data = {"a": [1, 2], "b": ["x", "y"]}
    for table in (pl.DataFrame(data), pa.table(data)):
        assert first_rows(table).to_dict(orient="list") == data


@pytest.mark.parametrize(
    "texts", [["a", "b"], ("a", "b"), pd.Series(["a", "b"], index=[3, 1]), pl.Series(["a", "b"])]
)
def test_texts_become_an_array_of_objects(texts):
    found = first_rows(texts)
    assert found.dtype == object
    assert found.tolist() == ["a", "b"]


def test_nested_lists_of_numbers_become_an_array():
    assert first_rows([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "value", [None, 3, "text", [], [1, 2], [[1], [2, 3]], [["a"]], {"a": 1}, np.float64(1), np.array(1)]
)
def test_other_values_have_no_rows(value):
    assert first_rows(value) is None


def test_the_rows_are_a_copy_of_their_own():
    frame, array = first_rows(FRAME), first_rows(ARRAY)
    frame.loc[0, "a"] = array[0, 0] = 99
    assert FRAME.loc[0, "a"] == 0
    assert ARRAY[0, 0] == 0

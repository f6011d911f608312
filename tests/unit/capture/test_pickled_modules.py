import io
import pickle

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from nbship.capture.pickled_modules import pickled_modules

X = np.random.default_rng(0).normal(size=(60, 4))
Y = (X[:, 0] > 0).astype(int)
TEXTS = ["json numpy torch", "pandas sys"] * 30

OBJECTS = {
    "linear": LogisticRegression().fit(X, Y),
    "forest": RandomForestClassifier(5).fit(X, Y),
    "boosting": HistGradientBoostingRegressor(max_iter=3).fit(X, Y),
    "texts": make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, Y),
    "frame": pd.DataFrame({"a": [1], "b": pd.Categorical(["x"]), "c": pd.to_datetime(["2020-01-01"])}),
    "long strings": [
        "é" * 70_000,
        b"x" * 70_000,
        bytearray(300),
        2**70,
        -1.5,
        None,
        {1: "a"},
        {2},
        frozenset([3]),
    ],
}


class Spy(pickle.Unpickler):
    """Records what loading really imports."""

    def __init__(self, data):
        super().__init__(io.BytesIO(data))
        self.modules = set()

    def find_class(self, module, name):
        self.modules.add(module)
        return super().find_class(module, name)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("kind", OBJECTS)
def test_the_modules_are_those_that_loading_imports(kind, protocol):
    data = pickle.dumps(OBJECTS[kind], protocol=protocol)
    spy = Spy(data)
    spy.load()
    renamed = {"__builtin__": "builtins", "copy_reg": "copyreg"}  # what protocol 2 calls them
    modules, complete = pickled_modules(data)
    assert {renamed.get(name, name) for name in modules} == {renamed.get(name, name) for name in spy.modules}
    assert complete


def test_words_of_a_vocabulary_are_no_modules():
    modules, _ = pickled_modules(cloudpickle.dumps(OBJECTS["texts"]))
    assert {name.partition(".")[0] for name in modules} == {"numpy", "sklearn", "scipy"} & {
        name.partition(".")[0] for name in modules
    }


def test_modules_that_a_function_of_the_notebook_uses_are_found():
    namespace = {"__name__": "__main__", "np": np, "pd": pd}
    exec("def f(x): return np.mean(pd.Series(x))\ndef g(x): return np.sum(f(x))", namespace)
    modules, _ = pickled_modules(cloudpickle.dumps([namespace["f"], namespace["g"]]))
    assert {"numpy", "pandas"} <= modules


def test_reading_stops_when_the_time_is_over():
    modules, complete = pickled_modules(pickle.dumps([[i] for i in range(50_000)] + [X]), limit_seconds=0)
    assert (modules, complete) == (set(), False)


@pytest.mark.parametrize("data", [b"\x80\x05\x8c", b"\x80\x05c"])
def test_a_torn_pickle_is_refused(data):
    with pytest.raises(ValueError, match=r"not a pickle|subsection"):
        pickled_modules(data)

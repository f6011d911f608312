from __future__ import annotations

from dataclasses import replace

from nbship.pipeline.cache.entry import CacheEntry, Difference
from nbship.pipeline.cache.explain import explain
from nbship.pipeline.cache.key import KeyParts

PARTS = KeyParts(
    python="3.11.7",
    kernel="python3",
    cells=("a", "b", "c"),
    parameters={"depth": "int:4"},
    shown={"depth": "4"},
    inputs={"flights": "1"},
    outputs={"model": "model.pkl"},
)


def why(differences=(), before=PARTS, failed=False, **changes):
    return explain(replace(PARTS, **changes), CacheEntry(before), differences, failed_before=failed)


def test_a_step_without_a_past():
    assert explain(PARTS, None, ()) == "never ran before"
    assert explain(PARTS, None, (), failed_before=True) == "did not complete before"


def test_nothing_differs_so_the_outputs_must_be_gone():
    assert why() == "outputs are gone from the cache"


def test_cells_are_counted_from_one():
    assert why(cells=("a", "b", "x")) == "cell 3 changed"
    assert why(cells=("a", "b", "c", "d")) == "cell 4 is new"
    assert why(cells=("a", "c")) == "cell 2 was removed"
    assert why(cells=("n", "a", "b", "c")) == "cell 1 is new"


def test_cells_that_do_nothing_are_counted_and_do_not_matter():
    assert why(cells=("", "a", "b", "x")) == "cell 4 changed"


def test_parameters():
    assert why(parameters={"depth": "int:6"}, shown={"depth": "6"}) == "parameter depth: 4 -> 6"
    assert why(parameters={"depth": "str:4"}) == "parameter depth: 4 -> 4 of another type"
    assert why(parameters={}, shown={}) == "parameter depth is not given any more"
    more = {"depth": "int:4", "lr": "float:1"}
    assert why(parameters=more, shown={"depth": "4", "lr": "1.0"}) == "parameter lr is given now: 1.0"


def test_long_values_are_shortened():
    text = why(parameters={"depth": "x"}, shown={"depth": "word " * 50})
    assert text.startswith("parameter depth: 4 -> word word")
    assert len(text) < 80


def test_what_was_used():
    assert why([Difference("module", "src/clean.py", "1", "2")]) == "clean.py changed"
    assert why([Difference("file", "data/flights.csv", "1", "2")]) == "data/flights.csv changed"
    assert why([Difference("file", "data/flights.csv", "1", None)]) == "data/flights.csv is gone"
    newer = Difference("distribution", "scikit-learn", "1.8.0", "1.9.1")
    assert why([newer]) == "scikit-learn 1.8.0 -> 1.9.1"
    assert why([replace(newer, now=None)]) == "scikit-learn was removed"


def test_inputs_outputs_secrets_and_the_interpreter():
    assert why(inputs={"flights": "2"}) == "input flights changed"
    assert why(outputs={"model": "m.pkl"}) == "output model: model.pkl -> m.pkl"
    assert why(outputs={"model": "model.pkl", "plot": "p.png"}) == "output plot is new"
    assert why(secrets={"token": "1"}) == "secret token changed"
    assert why(kernel="ir") == "kernel python3 -> ir"
    assert why(python="3.12.1") == "Python 3.11.7 -> 3.12.1"


def test_several_reasons_have_the_most_important_first_and_an_end():
    differences = [Difference("distribution", "numpy", "1", "2"), Difference("module", "clean.py", "1", "2")]
    text = why(differences, cells=("a", "b", "x"), inputs={"flights": "2"})
    assert text == "cell 3 changed; clean.py changed; input flights changed; numpy 1 -> 2"
    assert why(differences, cells=("x", "b", "y"), inputs={"flights": "2"}).endswith("; and 1 more")


def test_a_failure_since_is_named_only_where_nothing_else_changed():
    assert why(failed=True) == "did not complete before"
    assert why(failed=True, cells=("a", "b", "x")) == "cell 3 changed"

from __future__ import annotations

import pytest

from nbship.model.profile import ColumnKind
from nbship.profiling import read_table
from nbship.profiling.strings import read_like_text


def kind_of(values):
    return read_table({"a": values}).columns[0].kind


@pytest.mark.parametrize(
    "values",
    [
        [f"four words at least {n}" for n in range(20)],
        [f"{n:040}" for n in range(20)],
        [f"one longer text {n}" for n in range(30)] * 1 + [f"one longer text {n}" for n in range(25)],
    ],
    ids=["words", "length", "more than half distinct"],
)
def test_many_words_or_characters_mostly_different_are_text(values):
    assert kind_of(values) is ColumnKind.TEXT


@pytest.mark.parametrize(
    "values",
    [
        [f"four words at least {n}" for n in range(19)],
        [f"three words {n}" for n in range(100)],
        [f"id-{n}" for n in range(100)],
        [f"four words at least {n}" for n in range(25)] * 2,
        ["a b c d e f"] * 1000,
        [""] * 50,
    ],
    ids=["too few", "three words", "identifiers", "half distinct", "constant", "empty"],
)
def test_everything_else_is_levels(values):
    assert kind_of(values) is ColumnKind.CATEGORICAL


def test_what_repeats_beyond_the_sample_is_levels():
    values = [f"a status with some words {n % 6000}" for n in range(30_000)]
    assert kind_of(values) is ColumnKind.CATEGORICAL


def test_all_values_are_counted_only_where_the_sample_leaves_it_open():
    def fail():
        raise AssertionError

    assert not read_like_text(["short"] * 50, 1000, fail)
    assert not read_like_text(["many words but always one"] * 50, 1000, fail)
    assert read_like_text([f"many words, all of them new {n}" for n in range(50)], 1000, lambda: 900)

from __future__ import annotations

import pytest

from nbship.magics.drift import _words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("train summer", ["train", "summer"]),
        ("  train   summer  ", ["train", "summer"]),
        ('train[train["delay"] > 10] summer', ['train[train["delay"] > 10]', "summer"]),
        ("train.query('delay > 10') summer", ["train.query('delay > 10')", "summer"]),
        ("\"train.query('delay > 10')\" summer", ["train.query('delay > 10')", "summer"]),
        ("'my run:train' summer", ["my run:train", "summer"]),
        ('"two words.csv" summer --by MS', ["two words.csv", "summer", "--by", "MS"]),
        ("train[['a', 'b']] f(x, y)[0]", ["train[['a', 'b']]", "f(x, y)[0]"]),
        ("train summer --columns='a b'", ["train", "summer", "--columns=a b"]),
        ("train['a)'] summer", ["train['a)']", "summer"]),
        ("", []),
    ],
)
def test_a_line_is_split_as_a_person_reads_it(line, words):
    assert _words(line) == words

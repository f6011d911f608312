from __future__ import annotations

import argparse

import pytest

from nbship.service.word_lists import add_words


def parsed(line: str) -> tuple[list[str], list[str]]:
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    parser.add_argument("--by")
    found, left = parser.parse_known_args(line.split())
    return add_words(found, "words", left), found.words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a b", ["a", "b"]),
        ("a --by D b c", ["a", "b", "c"]),
        ("--by D a b", ["a", "b"]),
        ("a --by D -- -b", ["a", "-b"]),
        ("-- -a b", ["-a", "b"]),
        ("", []),
    ],
)
def test_words_are_one_list_wherever_options_stand(line, words):
    assert parsed(line) == ([], words)


def test_an_option_that_nobody_knows_is_left_over():
    assert parsed("a --bye b")[0] == ["--bye", "b"]

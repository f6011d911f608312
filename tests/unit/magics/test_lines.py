from __future__ import annotations

import argparse

import pytest

from nbship.errors import UsageError
from nbship.magics.lines import filled_in, parsed, split_line


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs="*")
    parser.add_argument("--html")
    return parser


def test_options_stand_anywhere(parser):
    assert parsed("compare", parser, ["a", "--html", "f", "b"], "runs").runs == ["a", "b"]


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("--hmtl=x", r"^%compare has no option --hmtl; did you mean --html\? `%compare\?` lists them$"),
        ("--zzz", r"^%compare has no option --zzz; `%compare\?` lists them$"),
        ("--plot", r"has no option --plot"),
    ],
)
def test_an_option_that_nobody_knows_is_one_clear_error(parser, word, says):
    with pytest.raises(UsageError, match=says):
        parsed("compare", parser, ["a", word, "b"], "runs")


def test_help_is_where_ipython_has_it():
    with pytest.raises(UsageError, match=r"`%compare\?` shows"):
        parsed("compare", argparse.ArgumentParser(add_help=False), ["--help"], "runs")


def test_names_with_blanks_are_quoted():
    assert split_line("'my run: v2' b") == ["my run: v2", "b"]
    with pytest.raises(UsageError, match=r"^'my run: v2 b: No closing quotation; put"):
        split_line("'my run: v2 b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{run}:train", "deep:train"),
        ("$run", "deep"),
        ("part-{at + 1}.json", "part-3.json"),
        ("{other}", "{other}"),
        ("{", "{"),
        ("a$", "a$"),
        ("plain", "plain"),
    ],
)
def test_values_of_the_notebook_are_filled_in_where_there_are_such(text, expected):
    assert filled_in(text, {"run": "deep", "at": 2}) == expected

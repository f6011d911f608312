from __future__ import annotations

import math
from html.parser import HTMLParser

import pytest

from nbship.display.page import STATUS_SIGNS, counted, number, seconds, styled, table, tag
from nbship.model.run import RunStatus

HOSTILE = "\"'><script>alert(1)</script>&amp;"


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_every_status_has_a_sign():
    assert STATUS_SIGNS.keys() == {status.value for status in RunStatus}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (3.0, "3"),
        (1234567, "1,234,567"),
        (0.123456, "0.1235"),
        (-0.5, "-0.5"),
        (1e-9, "1e-09"),
        (1e15, "1e+15"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers_have_four_digits_and_whole_ones_all(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (0.0, "0 s"),
        (0.4213, "0.42 s"),
        (9.4, "9.4 s"),
        (12.3, "12 s"),
        (59.4, "59 s"),
        (59.7, "1 min 0 s"),
        (185.2, "3 min 5 s"),
        (3599.7, "1 h 0 min"),
        (7261, "2 h 1 min"),
        (360_000, "100 h 0 min"),
    ],
)
def test_durations_are_written_for_a_person(value, text):
    assert seconds(value) == text


def test_one_is_counted_in_the_singular():
    assert (counted(1, "cell"), counted(0, "cell"), counted(2, "cell")) == ("1 cell", "0 cells", "2 cells")


def test_text_and_title_of_a_tag_stay_text():
    parsed = Tags(tag("span", HOSTILE, "dim warn", title=HOSTILE))
    assert parsed.found == [("span", {"class": "nbship-dim nbship-warn", "title": HOSTILE})]
    assert parsed.text == HOSTILE


def test_heads_of_a_table_stay_text_and_numbers_stand_right():
    parsed = Tags(table([HOSTILE, "auc"], [["a", "1"]], frozenset({1})))
    assert [name for name, _ in parsed.found] == [
        "table",
        "thead",
        "tr",
        "th",
        "th",
        "tbody",
        "tr",
        "td",
        "td",
    ]
    assert [attributes for name, attributes in parsed.found if name == "td"] == [{}, {"class": "nbship-n"}]


def test_the_look_stays_inside_and_asks_for_nothing_from_elsewhere():
    page = styled("x")
    assert page.startswith('<div class="nbship"><style>')
    assert "http" not in page
    rules = page.split("<style>")[1].split("</style>")[0].strip().splitlines()
    assert all(rule.startswith(".nbship") for rule in rules)

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest

from nbship.model.codec import decode, encode


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    colour: Colour
    parts: tuple[Part, ...] = ()
    pair: tuple[int, str] = (0, "")
    by_name: dict[str, Part] = field(default_factory=dict)
    listed: list[Part] = field(default_factory=list)
    best: Part | None = None
    anything: Any = None


FULL = Whole(
    Colour.RED,
    parts=(Part("a", 1), Part("b")),
    pair=(1, "x"),
    by_name={"k": Part("c")},
    listed=[Part("d")],
    best=Part("e"),
    anything={"nested": [1, None, {"x": True}]},
)


@pytest.mark.parametrize("whole", [FULL, Whole(Colour.RED)])
def test_what_was_encoded_is_decoded_to_the_same_through_json(whole):
    assert decode(Whole, json.loads(json.dumps(encode(whole)))) == whole


def test_encoding_gives_plain_json_types():
    encoded = encode(FULL)
    assert type(encoded["colour"]) is str
    assert encoded["parts"] == [{"name": "a", "size": 1}, {"name": "b", "size": None}]
    assert encode({1: (Colour.RED,)}) == {"1": ["red"]}
    assert encode(Part) is Part


def test_unknown_keys_are_ignored_and_missing_ones_take_the_default():
    data = {"colour": "red", "parts": [{"name": "a", "weight": 3}], "later": 1}
    assert decode(Whole, data) == Whole(Colour.RED, parts=(Part("a"),))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, TypeError),
        ({"colour": "blue"}, ValueError),
        ({"colour": "red", "parts": [3]}, TypeError),
        ({"colour": "red", "parts": None}, TypeError),
        ({"colour": "red", "pair": [1]}, ValueError),
        ([], TypeError),
        (None, TypeError),
        ("text", TypeError),
    ],
)
def test_what_does_not_fit_is_refused(data, error):
    with pytest.raises(error):
        decode(Whole, data)

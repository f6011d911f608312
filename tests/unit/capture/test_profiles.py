from __future__ import annotations

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nbship.capture.profiles import ProfileMemory, build_profile, profile_json, too_wide
from nbship.capture.secrets import Masker
from nbship.capture.thinned import plan, thin
from nbship.model.profile import ColumnKind, Profile

FRAME = pd.DataFrame(
    {
        "delay": np.arange(200.0),
        "carrier": ["AA", "UA", "DL", "B6"] * 50,
        "password": [f"hunter{n % 7}" for n in range(200)],
        "api_key": np.arange(200),
    }
)
FRAME.loc[:9, "password"] = None


def made(value, masker=None, **options) -> Profile:
    return build_profile(all_of(value), "d1", masker or Masker(), **options)


def all_of(value):
    return thin(value, plan(value), copy=False)


def test_a_table_is_summarised_under_its_digest():
    profile = made(FRAME)
    delay, carrier = profile.column("delay"), profile.column("carrier")

    assert (profile.rows, profile.digest, profile.sampled_from) == (200, "d1", None)
    assert (delay.count, delay.minimum, delay.maximum) == (200, 0, 199)
    assert carrier.levels == (("AA", 50), ("B6", 50), ("DL", 50), ("UA", 50))


@pytest.mark.parametrize(
    "table",
    [
        pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", None]}),
        pa.table({"a": [1, 2, 3], "b": ["x", "y", None]}),
        pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", None]}),
    ],
)
def test_tables_of_every_library_are_summarised(table):
    profile = made(table)
    assert [(column.name, column.kind, column.missing) for column in profile.columns] == [
        ("a", ColumnKind.NUMERIC, 0),
        ("b", ColumnKind.CATEGORICAL, 1),
    ]


def test_the_columns_of_an_array_go_by_their_position():
    assert [column.name for column in made(np.zeros((5, 3))).columns] == ["0", "1", "2"]


def test_columns_that_are_named_like_secrets_are_only_counted():
    profile = made(FRAME)
    password, key = profile.column("password"), profile.column("api_key")

    assert (password.count, password.missing, password.levels, password.other) == (200, 10, (), 0)
    assert (key.kind, key.count, key.edges, key.moments, key.minimum) == (
        ColumnKind.UNSUPPORTED,
        200,
        (),
        None,
        None,
    )
    assert "hunter" not in profile_json(profile)
    assert profile.notes == (
        "password: only counted, since it is named like a secret",
        "api_key: only counted, since it is named like a secret",
    )


def test_levels_that_hold_a_secret_are_withheld():
    masker = Masker()
    masker.learn("password", "tr0ub4dor&3")
    frame = pd.DataFrame({"note": ["tr0ub4dor&3"] * 3 + ["fine"] * 5})
    (column,) = made(frame, masker).columns

    assert column.levels == (("fine", 5),)
    assert (column.other, column.other_levels, column.withheld) == (3, 1, 1)


def test_rare_levels_are_withheld_on_request():
    frame = pd.DataFrame({"name": ["common"] * 9 + ["rare"]})
    assert made(frame).column("name").levels == (("common", 9), ("rare", 1))
    assert made(frame, min_count=2).column("name").levels == (("common", 9),)


def test_a_very_wide_table_is_named_and_not_summarised():
    profile = Profile.from_dict(json.loads(too_wide(np.zeros((2, 2_001)), "pixels", "d9")))
    assert (profile.name, profile.digest, profile.rows, profile.columns) == ("pixels", "d9", 2, ())
    assert profile.notes == ("2,001 columns: a profile is kept for tables of 2,000 at most",)
    assert too_wide(np.zeros((2, 2_000)), "pixels", "d9") is None


def test_documents_are_no_levels():
    frame = pd.DataFrame({"body": ["once upon a time " * 100, "short"] * 3})
    (column,) = made(frame).columns
    assert column.levels == (("short", 3),)
    assert (column.other, column.other_levels, column.withheld) == (3, 1, 1)


@pytest.mark.parametrize(
    "value", [FRAME.iloc[:0], FRAME[[]], np.zeros((0, 2)), np.zeros((3, 0)), pl.DataFrame(), pa.table({})]
)
def test_empty_tables_have_profiles(value):
    assert made(value).rows == value.shape[0]


def get(memory: ProfileMemory, value, name="df", digest="d1", **options) -> Profile:
    data = memory.known(name, digest, **options) or memory.build(
        all_of(value), name, digest, Masker(), **options
    )
    return Profile.from_dict(json.loads(data))


def test_equal_content_is_summarised_once_whatever_its_name():
    memory = ProfileMemory()
    first = get(memory, FRAME, "train")
    again = get(memory, None, "naïve <b>")

    assert memory.known("x", "other") is None
    assert (first.name, again.name) == ("train", "naïve <b>")
    assert first.columns == again.columns == made(FRAME).columns
    assert len(memory) == 1


def test_other_content_and_other_options_are_summarised_anew():
    memory = ProfileMemory()
    get(memory, FRAME)
    assert get(memory, FRAME.head(3), digest="d2").rows == 3
    assert get(memory, FRAME, min_count=51).column("carrier").levels == ()
    assert len(memory) == 3


def test_the_least_recently_used_profile_is_forgotten():
    memory = ProfileMemory()
    for digest in ("a", "b"):
        get(memory, FRAME, digest=digest)
    memory.most_bytes = memory.size_bytes + 10
    get(memory, None, digest="a")
    get(memory, FRAME, digest="c")

    assert len(memory) == 2
    assert get(memory, None, digest="a").digest == "a"
    assert memory.size_bytes <= memory.most_bytes
    assert get(memory, FRAME.head(2), digest="b").rows == 2


def test_one_profile_is_kept_however_large():
    memory = ProfileMemory(most_bytes=1)
    get(memory, FRAME)
    assert get(memory, None).rows == 200

from __future__ import annotations

import pandas as pd
import pytest

from nbship.hashing import fingerprint
from nbship.provenance.dataset_matching import KnownDataset, match_datasets


def known(name, value):
    found = fingerprint(value)
    return KnownDataset(name, found.digest, found.rows, found)


def frame(*values, column="a"):
    return pd.DataFrame({column: values})


def named(left, right):
    return [(old and old.name, new and new.name) for old, new in match_datasets(left, right)]


def test_names_are_matched_before_contents():
    left = [known("a", frame(1)), known("b", frame(2))]
    right = [known("b", frame(1)), known("a", frame(2))]
    assert named(left, right) == [("b", "b"), ("a", "a")]


def test_versions_of_one_name_are_matched_by_content_first():
    old = [known("df", frame(1)), known("df", frame(1, 2))]
    pairs = match_datasets(old, [known("df", frame(1, 2)), known("df", frame(3))])
    assert [(left.rows, right.rows) for left, right in pairs] == [(2, 2), (1, 1)]


def test_a_renamed_dataset_is_known_by_its_content_or_its_shape():
    left = [known("train", frame(1, 2)), known("test", frame(3))]
    right = [known("X_train", frame(1, 2)), known("X_test", frame(4))]
    assert named(left, right) == [("train", "X_train"), ("test", "X_test")]


@pytest.mark.parametrize("other", [frame(1, 2, column="b"), frame(1, 2, 3)])
def test_another_shape_is_another_dataset(other):
    assert named([known("x", frame(5, 6))], [known("y", other)]) == [(None, "y"), ("x", None)]


def test_what_mlflow_knows_is_matched_by_name_and_digest():
    left = [KnownDataset("a", "1" * 8, 5), KnownDataset("b", "2" * 8, None)]
    right = [KnownDataset("c", "2" * 8, None), KnownDataset("d", "3" * 8, 5)]
    assert named(left, right) == [("b", "c"), (None, "d"), ("a", None)]

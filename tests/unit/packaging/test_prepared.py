from __future__ import annotations

import json

import pytest

from nbship.errors import PackagingError, SmokeTestError
from nbship.model.bundle import Bundle, ModelFormat
from nbship.packaging.prepared import Prepared, check_prepared, read_prepared

BUNDLE = Bundle("m", "r", ModelFormat.SKOPS, "model/m", "d")


def test_what_the_preparation_found_is_read(tmp_path):
    found = {
        "bundle": BUNDLE.to_dict(),
        "predictions": [1],
        "matches": True,
        "difference": 0.0,
        "needs": ["pandas"],
    }
    (tmp_path / "prepared.json").write_text(json.dumps(found))
    assert read_prepared(tmp_path) == Prepared(BUNDLE, [1], matches=True, needs=("pandas",))


@pytest.mark.parametrize("content", [None, "{torn", '{"error": "no such class"}'])
def test_a_preparation_that_failed_says_why(tmp_path, content):
    if content is not None:
        (tmp_path / "prepared.json").write_text(content)
    with pytest.raises(PackagingError, match="could not be prepared"):
        read_prepared(tmp_path)


def test_predictions_that_differ_from_the_recorded_ones_are_refused():
    with pytest.raises(SmokeTestError, match=r"by up to 0\.5"):
        check_prepared(Prepared(BUNDLE, [1.5], matches=False, difference=0.5))


@pytest.mark.parametrize("matches", [True, None])
def test_predictions_that_agree_or_were_not_recorded_pass(matches):
    check_prepared(Prepared(BUNDLE, [1], matches=matches))

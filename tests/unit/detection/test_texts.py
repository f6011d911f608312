"""Texts: lengths, and words that the reference does not know."""

import numpy as np
import pytest

from nbship.detection.novelty import novelty
from nbship.detection.ordered_side import SortedSide
from nbship.detection.text_side import TextSide, compare_words, words_of
from nbship.detection.texts import text_finding
from nbship.model.drift import DriftOptions


def texts(rng, number, words=8, vocabulary=2000, unknown=0.0):
    shares = 1 / np.arange(1, vocabulary + 1)
    picked = rng.choice(vocabulary, (number, words), p=shares / shares.sum())
    fresh = rng.random((number, words)) < unknown
    return [
        " ".join(f"new{w}" if new else f"w{w}" for w, new in zip(row, news, strict=True))
        for row, news in zip(picked, fresh, strict=True)
    ]


def side(lines, *, profile=False):
    words, groups = words_of(lines)
    lengths = SortedSide(np.sort(np.array([len(line) for line in lines], float)))
    return TextSide(lengths, words, None if profile else groups)


def test_the_expected_share_is_that_of_words_met_once():
    found = novelty(np.array([1, 1, 2, 6, 0, 0]), np.array([0, 3, 3, 3, 1, 0]), 1.0)
    assert (found.expected, found.share) == (0.2, 0.1)
    assert found.p_value > 0.2


@pytest.mark.parametrize("profile", [False, True])
def test_nothing_new_raises_at_most_the_alarms_that_were_promised(profile):
    rng, repeats = np.random.default_rng(0), 60
    p_values = [
        compare_words(side(texts(rng, 300), profile=profile), side(texts(rng, 200))).p_value
        for _ in range(repeats)
    ]
    assert np.mean(np.array(p_values) < 0.05) <= 0.12
    assert np.mean(p_values) > 0.3


def test_new_words_are_found():
    rng = np.random.default_rng(0)
    found = text_finding(side(texts(rng, 1000)), side(texts(rng, 400, unknown=0.2)), DriftOptions())
    words = found.evidence[-1]
    assert words.effect.measure == "novelty"
    assert words.large
    assert words.test.p_value < 1e-6
    assert "unknown to the reference" in words.finding


def test_texts_that_became_longer_without_new_words_are_no_novelty():
    rng = np.random.default_rng(0)
    lengths, *_, words = text_finding(
        side(texts(rng, 1000)), side(texts(rng, 500, words=20)), DriftOptions()
    ).evidence
    assert lengths.large
    assert "characters" in lengths.finding
    assert not words.large


def test_texts_without_words_have_lengths_only():
    found = text_finding(side(["...", "!!"]), side(["?", "!!!"]), DriftOptions())
    assert {item.effect.measure for item in found.evidence} == {"wasserstein"}

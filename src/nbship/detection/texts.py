"""Evidence about texts: their lengths, and words that the reference does not know."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from nbship.detection.evidence import Evidence
from nbship.detection.ordered_evidence import OrderedFinding, ordered_finding
from nbship.detection.text_side import TextSide, compare_words
from nbship.detection.wording import percent
from nbship.model.drift import Effect, Measure, SignificanceTest
from nbship.model.profile import ColumnKind

if TYPE_CHECKING:
    from nbship.detection.novelty import Novelty
    from nbship.model.drift import DriftOptions

__all__ = ["text_finding"]

_UPPER = 1.645


def text_finding(
    reference: TextSide, current: TextSide, options: DriftOptions, *, thin: bool = False
) -> OrderedFinding:
    """Compare two sides that both have texts: lengths as ordered values, then the share of unknown words."""
    lengths = ordered_finding(reference.lengths, current.lengths, options, ColumnKind.TEXT, thin=thin)
    words = compare_words(reference, current)
    if words is None:
        return lengths
    return OrderedFinding(
        (*lengths.evidence, _evidence(words, options)), (*lengths.measures, _measure(words)), lengths.notes
    )


def _evidence(words: Novelty, options: DriftOptions) -> Evidence:
    """Return the evidence of unknown words: their share beyond what is expected, against the threshold."""
    beyond = max(0.0, words.share - words.expected)
    threshold = sqrt(options.novelty**2 + words.deviation**2)
    said = f"{percent(words.share)} of the words are unknown to the reference, where {percent(words.expected)} are expected"
    test = SignificanceTest("good_turing", words.statistic, words.p_value)
    return Evidence(Effect("novelty", beyond, threshold), test, said, "words")


def _measure(words: Novelty) -> Measure:
    return Measure("novelty", words.share, words.expected + _UPPER * words.deviation)

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nbship.profiling.tokens import BUCKETS, add_tokens, count_tokens

WORDS = st.lists(
    st.sampled_from(["Delay", "delay", "gate", "straße", "STRASSE", "!", "\ud83d", "été", "a b"]), max_size=6
)


def test_a_word_counts_once_a_text_whatever_its_case():
    counts = count_tokens(["The delay, the DELAY!", "a delay", "", "..."])
    assert counts.words == 4
    assert sorted(count for count in counts.texts if count) == [1, 1, 2]
    assert len(counts.texts) == BUCKETS


def test_buckets_do_not_change_between_versions():
    assert [place for place, count in enumerate(count_tokens(["delay gate"]).texts) if count] == [1327, 2002]


@settings(max_examples=30, deadline=None)
@given(st.lists(WORDS.map(" ".join), max_size=12), st.integers(0, 12))
def test_parts_add_up(texts, cut):
    assert add_tokens([count_tokens(texts[:cut]), count_tokens(texts[cut:])]) == count_tokens(texts)


def test_more_words_than_are_gathered_at_once_are_counted():
    many = count_tokens(" ".join(f"w{n}" for n in range(3000)) for _ in range(700))
    assert many.words == 2_100_000
    assert max(many.texts) == 700

"""The words of texts as counts by hash, so that new words show without keeping any."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbship.model.profile import TokenCounts

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BUCKETS", "add_tokens", "count_tokens"]

BUCKETS = 4096
"""Number of hash buckets; stored profiles depend on it."""

_WORD = re.compile(r"\w+")
_AT_ONCE = 1 << 20


class _Buckets(dict[str, int]):
    """The bucket of each word, hashed when it is met first."""

    def __missing__(self, word: str) -> int:
        from blake3 import blake3  # noqa: PLC0415

        digest = blake3(word.encode("utf-8", "surrogatepass")).digest(length=8)
        self[word] = bucket = int.from_bytes(digest, "little") % BUCKETS
        return bucket


def count_tokens(texts: Iterable[str]) -> TokenCounts:
    """Return how many texts have a word in each bucket, and how many words they have, each counted once a text."""
    import numpy as np

    counts, words, bucket_of = np.zeros(BUCKETS, np.int64), 0, _Buckets().__getitem__
    met: list[int] = []
    for text in texts:
        found = set(_WORD.findall(text.casefold()))
        words += len(found)
        met += {bucket_of(word) for word in found}
        if len(met) >= _AT_ONCE:
            counts += np.bincount(met, minlength=BUCKETS)
            met = []
    counts += np.bincount(np.array(met, np.int64), minlength=BUCKETS)
    return TokenCounts(tuple(counts.tolist()), words)


def add_tokens(parts: Iterable[TokenCounts]) -> TokenCounts:
    """Return the counts of all texts of several parts."""
    found = list(parts)
    texts = tuple(map(sum, zip(*(part.texts for part in found), strict=True)))
    return TokenCounts(texts, sum(part.words for part in found))

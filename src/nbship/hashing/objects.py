"""Columns of Python objects: text at the speed of a join, everything else value by value."""

from __future__ import annotations

import sys
from typing import Any

from nbship.hashing.canonical import Content
from nbship.hashing.values import MISSING, ValueEncoder, is_missing

__all__ = ["object_content"]

_ROWS = 16_384  # a block of this many short strings stays in the cache between its two joins
_LONG_TEXT = 80  # characters from which a second join costs more than asking each text for its length


class _NotTextError(Exception):
    """A value of the column is neither text nor missing, or all are missing."""


def object_content(values: Any, label: str = "") -> Content:
    """Return the content of a one-dimensional numpy array of objects, as ``string`` if it is text throughout.

    Values of several types, and values that only pickle can put into bytes, make it `weak`. A `label` given
    replaces ``object``, or says that the column is ``string`` even without any text in it.
    """
    try:
        return _text_content(values, may_lack_text=label == "string")
    except _NotTextError:
        return _mixed_content(values, label or "object")


def _text_content(values: Any, *, may_lack_text: bool) -> Content:
    content = Content("string")
    has_text = may_lack_text
    for start in range(0, len(values), _ROWS):
        block = values[start : start + _ROWS]
        missing = _feed_texts(content, block)
        has_text = has_text or len(missing) < len(block)
        content.feed("nulls", (missing + start).astype("<i8", copy=False).view("u1"))
    if not has_text:
        raise _NotTextError
    return content


def _feed_texts(content: Content, block: Any) -> Any:
    """Feed a block of texts; return the positions of missing values."""
    import numpy as np

    missing = np.zeros(0, np.int64)
    texts = block.tolist()
    try:
        joined = "".join(texts)
    except TypeError:
        missing, texts = _blank_missing(block)
        joined = _join_texts(texts)
    content.feed("lengths", _lengths(texts, joined).astype("<i8", copy=False).view(np.uint8))
    content.feed("values", _utf8(joined))
    return missing


def _lengths(texts: list[str], joined: str) -> Any:
    """Return the lengths in bytes: of short texts from where NULs fall in a joined copy, cheaper than asking each."""
    import numpy as np

    if joined.isascii() and len(joined) > _LONG_TEXT * len(texts):
        return np.fromiter(map(len, texts), np.int64, len(texts))
    marked = _utf8("\0".join(texts))
    cuts = np.flatnonzero(np.frombuffer(marked, np.uint8) == 0)
    if len(cuts) == len(texts) - 1:
        return np.diff(cuts, prepend=-1, append=len(marked)) - 1
    return np.array([len(_utf8(text)) for text in texts])  # some text holds a NUL of its own


def _blank_missing(block: Any) -> tuple[Any, list[str]]:
    """Return where values are missing, and the block as a list with empty text there."""
    import numpy as np

    pandas = sys.modules.get("pandas")  # its answer is the same, and ten times faster
    mask = pandas.isna(block) if pandas else np.fromiter(map(is_missing, block), bool, len(block))
    return np.flatnonzero(mask), np.where(mask, "", block).tolist()


def _join_texts(texts: list[Any]) -> str:
    try:
        return "".join(texts)
    except TypeError as error:
        raise _NotTextError from error


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # half an emoji is text too, if a broken one


def _mixed_content(values: Any, label: str) -> Content:
    content = Content(label)
    encoder = ValueEncoder()
    types: set[bytes] = set()
    for start in range(0, len(values), _ROWS):
        codes = [encoder.encode(value) for value in values[start : start + _ROWS].tolist()]
        types.update(code[:1] for code in codes)
        content.feed("values", b"".join(codes))
    content.weak = encoder.pickled or len(types - {MISSING}) > 1
    return content

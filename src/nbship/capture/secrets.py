"""Secrets are hidden before anything of a cell reaches a disk."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.capture.secret_assignments import Assignments, worth_masking
from nbship.capture.secret_names import is_secret_name
from nbship.capture.secret_tokens import Span, address_spans, bearer_spans, hide_private_keys, token_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, MutableMapping

__all__ = ["MASK", "Masked", "Masker", "is_secret_name"]

MASK = "***"

_SHORTEST = 6
_MAX_LEARNED = 500
_TRIVIAL = frozenset(
    {
        *(
            "secret",
            "secrets",
            "password",
            "passwd",
            "default",
            "changeme",
            "change-me",
            "example",
            "testing",
        ),
        *(
            "username",
            "admin",
            "public",
            "private",
            "localhost",
            "development",
            "production",
            "bearer",
            "anonymous",
        ),
        *(
            "disabled",
            "enabled",
            "required",
            "optional",
            "unknown",
            "string",
            "placeholder",
            "postgres",
            "123456",
        ),
    }
)
_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without its secrets; `kinds` counts what was hidden, by kind."""

    text: str
    kinds: dict[str, int] = field(default_factory=dict)


class Masker:
    """Hides secrets in text and in JSON values.

    Hidden are tokens of well-known services by their shape, private keys, passwords in addresses, values given to
    names such as ``password`` or ``api_key`` in source, settings, JSON, YAML and options, and every exact occurrence
    of a value that was learned. Source stays valid Python with the same number of lines.

    Parameters
    ----------
    extra_values
        Values to hide wherever they occur.
    """

    def __init__(self, extra_values: Iterable[str] = ()) -> None:
        self._learned: dict[str, re.Pattern[str] | None] = {}
        for value in extra_values:
            self._remember(value)

    def learn(self, name: str, value: object) -> bool:
        """Remember the value of a variable that is named like a secret; tell whether it will be hidden.

        Short and trivial values, paths and plain numbers are not remembered: hiding them would garble other text.
        """
        if isinstance(value, dict):
            return sum(self.learn(str(key), item) for key, item in value.items()) > 0
        if type(value) is not str or not _is_distinct(value) or not is_secret_name(name):
            return False
        return self._remember(value)

    def add(self, value: str) -> None:
        """Hide a value everywhere: somebody has said that it is a secret. Of several lines each longer one is hidden."""
        lines = [line for line in value.splitlines() if len(line) >= _SHORTEST]
        for text in (value, *lines):
            if text:
                self._learned[text] = None

    def _remember(self, value: str) -> bool:
        if not value or (value not in self._learned and len(self._learned) >= _MAX_LEARNED):
            return False
        # A plain word is hidden where it stands alone, anything else everywhere.
        self._learned[value] = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)") if value.isalnum() else None
        return True

    def mask(self, text: str, *, python: bool | None = None) -> Masked:
        """Return the text with ``***`` in place of every secret.

        Parameters
        ----------
        text
            Anything: source, output, a diff, a setting.
        python
            Whether ``password: abc1`` and ``TOKEN=abc1`` at the start of a line can be Python, which names no secret
            there. None asks the parser.
        """
        text, keys = hide_private_keys(text)
        spans = list(self._spans(text, python=python))
        if not spans and not keys:
            return Masked(text)
        kinds = Counter({"private-key": keys} if keys else {})
        return Masked(_hide(text, spans, kinds), dict(kinds))

    def mask_json(self, value: Any, kinds: MutableMapping[str, int] | None = None) -> Any:
        """Return a copy of nested JSON with every string masked, and values under secret names replaced.

        Parameters
        ----------
        value
            Dictionaries, lists, tuples, strings, numbers, booleans and None.
        kinds
            Counts what was hidden, by kind.
        """
        if isinstance(value, str):
            masked = self.mask(value)
            _add(kinds, masked.kinds)
            return masked.text
        if isinstance(value, dict):
            return {self._mask_key(key): self._mask_item(key, item, kinds) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_json(item, kinds) for item in value]
        return value

    def _mask_key(self, key: Any) -> Any:
        """Hide what was learned; by their shape alone, names are no secrets."""
        learned = isinstance(key, str) and any(value in key for value in list(self._learned))
        return self.mask(key).text if learned else key

    def _mask_item(self, key: Any, value: Any, kinds: MutableMapping[str, int] | None) -> Any:
        if isinstance(key, str) and isinstance(value, str) and worth_masking(key, value):
            _add(kinds, {"named": 1})
            return MASK
        return self.mask_json(value, kinds)

    def _spans(self, text: str, *, python: bool | None) -> Iterator[Span]:
        lowered = text.lower()
        if len(lowered) != len(text):  # a few letters grow when lowered
            lowered = text.translate(_ASCII_LOWER)
        yield from token_spans(text)
        yield from address_spans(text)
        yield from bearer_spans(text, lowered)
        yield from Assignments(text, lowered, python=python).spans()
        for value, pattern in list(self._learned.items()):
            yield from _occurrences(text, value, pattern)


def _occurrences(text: str, value: str, pattern: re.Pattern[str] | None) -> Iterator[Span]:
    if value not in text:
        return
    for found in (pattern or re.compile(re.escape(value))).finditer(text):
        yield Span(*found.span(), "learned")


def _hide(text: str, spans: list[Span], kinds: Counter[str]) -> str:
    parts: list[str] = []
    position = 0
    for start, end, kind in sorted(spans, key=lambda span: (span.start, -span.end)):
        if end <= position or text[start:end] == MASK:
            continue
        if start >= position:
            parts += [text[position:start], MASK + "\n" * text.count("\n", start, end)]
            kinds[kind] += 1
        position = end
    return "".join([*parts, text[position:]])


def _is_distinct(value: str) -> bool:
    text = value.strip()
    if len(text) < _SHORTEST or text.lower() in _TRIVIAL or text == MASK:
        return False
    return not text.isdigit() and not text.startswith(("/", "~", "./", "../")) and text[1:3] != ":\\"


def _add(kinds: MutableMapping[str, int] | None, found: dict[str, int]) -> None:
    if kinds is not None:
        for kind, count in found.items():
            kinds[kind] = kinds.get(kind, 0) + count

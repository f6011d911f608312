"""Secrets that show by their own shape: tokens of well-known services, private keys, credentials in addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Span", "address_spans", "bearer_spans", "hide_private_keys", "token_spans"]


class Span(NamedTuple):
    """A secret from `start` to `end` of a text."""

    start: int
    end: int
    kind: str


_MIXED = r"(?=[\w-]{0,200}\d)"  # words joined by dashes hold no digit: names of styles, headings
# Every entry begins with a text that `str.find` looks for: over a megabyte that is far cheaper than an alternation.
# The third part is a sign that the token must hold; plain base64 has none of them, and is passed over quickly.
_TOKENS: tuple[tuple[str, str, str, re.Pattern[str]], ...] = tuple(
    (kind, prefix, needs, re.compile(re.escape(prefix) + rest))
    for kind, prefixes, needs, rest in (
        ("aws-access-key", ("AKIA", "ASIA"), "", r"[0-9A-Z]{16}(?![0-9A-Za-z])"),
        ("github-token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), "_", r"[A-Za-z0-9]{20,255}"),
        ("github-token", ("github_pat_",), "_", r"\w{20,255}"),
        ("gitlab-token", ("glpat-",), "-", r"[\w-]{16,300}"),
        ("slack-token", ("xox",), "-", r"[abeoprs]-[A-Za-z0-9-]{10,300}"),
        ("anthropic-key", ("sk-ant-",), "-", _MIXED + r"[\w-]{16,300}"),
        (
            "openai-key",
            ("sk-",),
            "-",
            r"(?:(?:proj|svcacct|admin|or)-" + _MIXED + r"[\w-]{16,300}|[A-Za-z0-9]{32,200})",
        ),
        ("huggingface-token", ("hf_",), "_", r"[A-Za-z0-9]{30,60}"),
        ("google-key", ("AIza",), "", r"[\w-]{35}"),
        (
            "stripe-key",
            ("sk_live_", "rk_live_", "sk_test_", "rk_test_", "whsec_"),
            "_",
            r"[A-Za-z0-9]{16,200}",
        ),
        ("npm-token", ("npm_",), "_", r"[A-Za-z0-9]{36}"),
        ("pypi-token", ("pypi-",), "-", r"[\w-]{50,400}"),
        ("databricks-token", ("dapi",), "", r"[0-9a-f]{32}"),
        ("jwt", ("eyJ",), ".", r"[\w-]{8,4000}\.eyJ[\w-]{4,8000}\.[\w-]{8,4000}"),
    )
    for prefix in prefixes
)
_NEARBY_AWS_SECRET = re.compile(r"[\"'\s:,=]([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])")
_SLACK_HOOK = re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/([\w/-]{16,200})")
_USER_AND_PASSWORD = re.compile(r"://[^\s/:@\"'<>]{0,100}:([^\s@\"'<>/]{1,200})@")
_LONG_USER = re.compile(r"://(" + _MIXED + r"[\w-]{20,200})@")
_BEARER = re.compile(r"bearer\s{1,4}([\w.~+/=-]{8,4000})", re.IGNORECASE)
_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=\s\\\"']{0,20000}")
_LONG_RUN = re.compile(r"[A-Za-z0-9+/=]{16}")
_KEY_WINDOW = 20_000
_LINE_BREAK = re.compile(r"(\\n|\n)")
_KEY_TEXT = re.compile(r"[A-Za-z0-9+/=]+")


def token_spans(text: str) -> Iterator[Span]:
    """Find tokens of well-known services."""
    present = {sign for sign in "_-." if sign in text}
    for kind, prefix, needs, pattern in _TOKENS:
        if needs and needs not in present:
            continue
        position = text.find(prefix)
        while position >= 0:
            end = position + len(prefix)
            found = pattern.match(text, position) if not _is_inside_word(text, position) else None
            if found is not None:
                end = found.end()
                yield Span(position, end, kind)
                if kind == "aws-access-key":
                    yield from _aws_secret(text, end)
            position = text.find(prefix, end)


def _is_inside_word(text: str, position: int) -> bool:
    if not position:
        return False
    before = text[position - 1]
    # `\nghp_…` in the source of a string: the letter belongs to the escape.
    return (before.isalnum() or before in "_-") and text[max(position - 2, 0) : position] not in (
        "\\n",
        "\\t",
        "\\r",
    )


def _aws_secret(text: str, start: int) -> Iterator[Span]:
    found = _NEARBY_AWS_SECRET.search(text, start, start + 200)
    if found is not None:
        yield Span(*found.span(1), "aws-secret-key")


def address_spans(text: str) -> Iterator[Span]:
    """Find passwords in ``scheme://user:password@host`` and the secret part of webhook addresses."""
    position = text.find("://")
    while position >= 0:
        found = _USER_AND_PASSWORD.match(text, position) or _LONG_USER.match(text, position)
        if found is not None and not found[1].startswith(("{", "$", "<", "***")):
            yield Span(*found.span(1), "url-password")
        position = text.find("://", position + 3)
    position = text.find("hooks.slack.com/")
    while position >= 0:
        found = _SLACK_HOOK.match(text, position)
        if found is not None:
            yield Span(*found.span(1), "slack-webhook")
        position = text.find("hooks.slack.com/", position + 1)


def bearer_spans(text: str, lowered: str) -> Iterator[Span]:
    """Find what follows ``Bearer``, in headers and in code."""
    position = lowered.find("bearer ")
    while position >= 0:
        found = _BEARER.match(text, position)
        if found is not None and (len(found[1]) >= 20 or any(sign.isdigit() for sign in found[1])):  # noqa: PLR2004
            yield Span(*found.span(1), "bearer-token")
        position = lowered.find("bearer ", position + 7)


def hide_private_keys(text: str) -> tuple[str, int]:
    """Replace the body of every private key, keeping its lines; return the text and the number of keys."""
    parts: list[str] = []
    position = count = 0
    for found in _KEY_BEGIN.finditer(text) if "PRIVATE KEY-" in text or "PRIVATE KEY B" in text else ():
        end = _key_end(text, found.end())
        body = text[found.end() : end]
        hidden = _hide_key(body)
        parts += [text[position : found.end()], hidden]
        position, count = end, count + (hidden != body)
    return "".join([*parts, text[position:]]), count


def _key_end(text: str, start: int) -> int:
    end = text.find("-----", start, start + _KEY_WINDOW)
    if end >= 0:
        return end
    found = _KEY_BODY.match(text, start)  # cut off: as far as it looks like a key
    assert found is not None
    return found.end()


def _hide_key(body: str) -> str:
    if not _LONG_RUN.search(body):  # a text or a pattern about keys
        return body
    return "".join(_hide_key_line(part) for part in _LINE_BREAK.split(body))


def _hide_key_line(line: str) -> str:
    if line in ("\n", "\\n"):
        return line
    marker = line[:1] if line[:1] == "+" else ""  # a line of a diff
    return marker + _KEY_TEXT.sub("***", line[len(marker) :])

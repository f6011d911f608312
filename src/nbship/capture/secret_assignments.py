"""Secrets that show by the name they are given to: in source, environment files, JSON, YAML, options, diffs.

Names are found with `str.find` on a few stems and looked at from there, with every step bounded: a megabyte of text
costs milliseconds, and no input makes it quadratic.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from nbship.capture.secret_names import is_secret_name, secret_word
from nbship.capture.secret_tokens import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Assignments", "worth_masking"]

_STEMS = ("pass", "pwd", "secret", "token", "cred", "auth", "dsn", "key", "conn", "webhook")
_LONGEST_NAME = 64
_SHORTEST_TOKEN = 6
_LONGEST_VALUE = 8000
_NAME_END = re.compile(r"[\w-]*")
_SEPARATOR = re.compile(
    r"(?P<close>\\?[\"'])?\s{0,4}\]?\s{0,4}(?::\s{0,4}[A-Za-z_][\w.\[\]|, ]{0,60}?\s{0,4}(?==))?"
    r"(?P<operator>=(?!=)|:=|:(?![:=])|=>|,)"
)
_OPEN = re.compile(
    r"[ \t]{0,40}(?P<paren>\(\s{0,40})?(?:(?:SecretStr|SecretBytes|Secret|str|bytes|Variable)\(\s{0,8})?"
    r"(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>\"\"\"|'''|\\?[\"'])"
)
_NEXT_PART = re.compile(r"[\s\\]{0,80}(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>[\"'])")
_INSIDE = {
    '"': re.compile(r'(?:[^"\\\n]|\\.){0,8000}+', re.DOTALL),
    "'": re.compile(r"(?:[^'\\\n]|\\.){0,8000}+", re.DOTALL),
}
_USER_PASSWORD = re.compile(
    r"\s{0,8}\(\s{0,8}(\"[^\"\n]{0,200}\"|'[^'\n]{0,200}')\s{0,8},\s{0,8}([\"'])([^\"'\n]{1,200})\2"
)
_ASKS_ENVIRONMENT = re.compile(r"(?:getenv|environ\.(?:get|setdefault|pop)|setenv|set_key)\(\s{0,8}[\"']\Z")
_BARE = re.compile(r"[ \t]{0,8}(?P<value>[^\s\"'`,;(){}\[\]<>#&|\\]{1,500})(?P<after>[(\[{\"'<,;]?)")
_OPTION = re.compile(r"[= ]{1,2}(?P<value>[^\s\"'`;(){}\[\]<>$|\\-][^\s\"'`;(){}\[\]<>|\\]{3,2000})")
_LINE_START = re.compile(
    r"[+\- ]?\s*(?:-\s+)?(?P<export>!?\s*(?:export|setx?|ENV|ARG|setenv|%(?:set_)?env)\s+|\$env:)?\Z"
)
_OTHER_SETTING = re.compile(r"\b(?:host|hostaddr|dbname|user|server|uid|port)=[^\s,]")
# What follows a quote that ends a literal such as "password: ".
_REST_OF_CODE = re.compile(r"\s*[,)\]}]|\s+[+%.]")
_SCHEME = re.compile(
    r"[ \t]{0,8}(?:Bearer|Basic|Token|Digest|ApiKey)[ \t]{1,4}(?P<value>[\w.~+/=-]{4,4000})", re.IGNORECASE
)
_RANDOM = re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=\D*\d)[A-Za-z0-9/+=]{32,}\Z")
_SETTINGS = re.compile(r"(?:(?:export )?[A-Z][A-Z0-9_]*=[^\s(]*|#.*|\s*)\Z")
_PLACEHOLDER = re.compile(
    r"\{[^{}]*\}|\$\{[^}]*\}|\{\{.*\}\}|<[^<>]*>|%\(\w+\)s|%s|\$\w+|\.{3}|\*+|[xX]{3,}|\[[A-Za-z_ ]*\]|"
    r"(?i:none|null|true|false|str|string|bytes|any|[-+]?\d+(?:\.\d*)?)"
)
_REPLACEMENT_FIELD = re.compile(r"\{[^{}]*\}")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\Z")
_HAS_SIGN = re.compile(r"\d|[A-Za-z][-_.+/=][A-Za-z]|[a-z][A-Z]")
_CREDENTIAL_INSIDE = re.compile(r"://|(?:password|pwd|accountkey|sharedaccesskey)\s{0,2}=", re.IGNORECASE)
_WEAK_WORDS = frozenset({"token", "auth", "creds", "credential", "credentials"})
_MAGIC_LINES = re.compile(r"(?m)^[ \t]*[%!].*$")


def worth_masking(name: str, value: str) -> bool:
    """Tell whether `value`, given to `name`, looks like the secret itself rather than like a word about it."""
    word = secret_word(name)
    text = value.strip()
    if word is None or not text or _PLACEHOLDER.fullmatch(text):
        return False
    if text.isupper() and is_secret_name(text) and _DOTTED.match(text):  # the name of a variable
        return False
    if word == "pwd" and text.startswith(("/", "~", ".", "C:\\")):  # the working folder
        return False
    if word in ("dsn", "str", "string") and _CREDENTIAL_INSIDE.search(
        text
    ):  # its password is found by itself
        return False
    if word == "authorization":
        rest = text.rpartition(" ")[2]
        return not _PLACEHOLDER.fullmatch(rest) and (rest != text or bool(_HAS_SIGN.search(text)))
    if word in _WEAK_WORDS:  # a token may be one of a text
        return len(text) >= _SHORTEST_TOKEN and " " not in text and bool(_HAS_SIGN.search(text))
    return len(text.split()) <= 4  # noqa: PLR2004 - more words are a sentence about passwords


class Assignments:
    """Finds values that are given to secret names in one text."""

    def __init__(self, text: str, lowered: str, *, python: bool | None = None) -> None:
        self._text = text
        self._lowered = lowered
        self._python = python  # None: found out when it matters

    def spans(self) -> Iterator[Span]:
        """Yield the values to hide, without their quotes."""
        text = self._text
        # Plain base64 has at most `=` at its end, and none of these.
        if not any(sign in text for sign in (":", '"', "'", "--")) and text.find("=", 0, len(text) - 2) < 0:
            return
        for stem in _STEMS:
            position = self._lowered.find(stem)
            while position >= 0:
                end = _end(_NAME_END, text, position)
                for span in self._at(position, end):
                    yield span
                    end = max(end, span.end)
                position = self._lowered.find(stem, end)

    def _at(self, stem: int, end: int) -> Iterator[Span]:
        separator = _SEPARATOR.match(self._text, end)
        if separator is None and self._text[end : end + 1] != " ":
            return
        start = self._name_start(stem)
        name = self._text[start:end]
        if len(name) > _LONGEST_NAME or not is_secret_name(name):
            return
        if name.startswith("--"):
            yield from self._option(name, end)
        elif separator is not None:
            yield from self._assigned(name, start, separator)

    def _name_start(self, stem: int) -> int:
        text, start = self._text, stem
        lowest = max(stem - _LONGEST_NAME - 1, 0)
        while start > lowest and (text[start - 1].isalnum() or text[start - 1] in "_-."):
            start -= 1
        if text[start] in "ntr" and text[start - 1 : start] == "\\":  # `\n` in the source of a string
            start += 1
        while text[start] in "-+." and text[start : start + 2] != "--":  # a line of a diff
            start += 1
        return start

    def _option(self, name: str, end: int) -> Iterator[Span]:
        found = _OPTION.match(self._text, end)
        if found is not None and not found["value"].isupper() and worth_masking(name, found["value"]):
            yield Span(*found.span("value"), "named")

    def _assigned(self, name: str, start: int, separator: re.Match[str]) -> Iterator[Span]:
        text, position = self._text, separator.end()
        asks = separator["operator"] == ","
        if asks and not (separator["close"] and _ASKS_ENVIRONMENT.search(text, max(start - 40, 0), start)):
            return
        pair = _USER_PASSWORD.match(text, position) if "auth" in name.lower() else None
        if pair is not None:
            yield Span(*pair.span(3), "named")
            return
        opening = _OPEN.match(text, position)
        if opening is not None:
            yield from self._quoted(name, opening)
        elif not asks:
            yield from self._bare(name, start, separator)

    def _quoted(self, name: str, opening: re.Match[str]) -> Iterator[Span]:
        part: re.Match[str] | None = opening
        while part is not None:
            start, end = part.end(), self._closing(part["quote"], part.end())
            if end < 0 or _REST_OF_CODE.match(self._text, start, end):
                return
            if not worth_masking(name, _without_fields(self._text[start:end], part["prefix"])):
                return
            yield self._without_scheme(name, start, end)
            # Strings that stand in parentheses are joined.
            part = (
                _NEXT_PART.match(self._text, end + 1)
                if opening["paren"] and len(part["quote"]) == 1
                else None
            )

    def _closing(self, quote: str, start: int) -> int:
        """Return where the string ends, -1 where it does not end on its line (or in the window of a long one)."""
        if len(quote) == 1:
            end = _end(_INSIDE[quote], self._text, start)
            return end if self._text.startswith(quote, end) or end == len(self._text) else -1
        return self._text.find(quote, start, start + _LONGEST_VALUE)

    def _without_scheme(self, name: str, start: int, end: int) -> Span:
        if "auth" in name.lower():
            scheme, blank, _ = self._text[start:end].partition(" ")
            start += len(scheme + blank) if blank else 0
        return Span(start, end, "named")

    def _bare(self, name: str, start: int, separator: re.Match[str]) -> Iterator[Span]:
        operator, end = separator["operator"], separator.end()
        if operator == ":" and "authorization" in name.lower():
            found = _SCHEME.match(self._text, end)
        elif operator == "=" and end - separator.start() == 1 and not self._text[end : end + 1].isspace():
            found = self._tight(name, start, end)
        else:
            found = self._spaced(name, start, separator)
        if found is not None and worth_masking(name, found["value"]):
            yield Span(*found.span("value"), "named")

    def _tight(self, name: str, start: int, end: int) -> re.Match[str] | None:
        """Look at ``name=value``: addresses, connection strings, settings, source."""
        text, before = self._text, self._text[start - 1 : start]
        found = _value_at(text, end)
        if found is None or (before and before in "?&"):
            return found
        if (before and before in ";\"'") or found["after"] == ";":
            # `Password=abc;` is part of a connection string, `x=1;password=abc` may be Python.
            return None if name.islower() and self._is_code(name, found["value"]) else found
        line = self._line_before(start)
        if before == " " and _OTHER_SETTING.search(text, max(start - len(line), start - 120), start + 120):
            return None if line.rstrip().endswith((",", "(")) else found
        return self._setting(name, line, found)

    def _spaced(self, name: str, start: int, separator: re.Match[str]) -> re.Match[str] | None:
        """Look at ``name: value`` of YAML and headers, and ``name = value`` of settings."""
        end = separator.end()
        if separator["close"] is not None or (
            separator["operator"] == ":" and not self._text[end : end + 1].isspace()
        ):
            return None
        line = self._line_before(start)
        return self._setting(name, line, _value_at(self._text, end)) if _LINE_START.match(line) else None

    def _setting(self, name: str, line: str, found: re.Match[str] | None) -> re.Match[str] | None:
        head = _LINE_START.match(line)
        if found is None or head is None or found["after"]:
            return None
        if head["export"] or _RANDOM.match(found["value"]):
            return found
        return None if self._is_code(name, found["value"]) or self._is_python() else found

    def _line_before(self, start: int) -> str:
        lowest = max(start - 300, 0)
        return self._text[max(self._text.rfind("\n", lowest, start) + 1, lowest) : start]

    def _is_code(self, name: str, value: str) -> bool:
        """Tell whether the value reads like another name of a program rather than like a secret."""
        if not _DOTTED.match(value):
            return False
        if name.isupper():
            return value.isupper() or "." in value
        return "_" in value or "." in value or value.isalpha()

    def _is_python(self) -> bool:
        if self._python is None:
            lines = self._text.split("\n")
            self._python = not all(_SETTINGS.match(line) for line in lines) and _parses(
                _MAGIC_LINES.sub("pass", self._text)
            )
        return self._python


def _parses(text: str) -> bool:
    try:
        compile(text, "<nbship>", "exec", ast.PyCF_ONLY_AST)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _value_at(text: str, position: int) -> re.Match[str] | None:
    found = _BARE.match(text, position)
    if found is None or found["after"] in ("(", "[", "{") or found["value"].startswith(("$", "%", "*")):
        return None
    return found


def _without_fields(value: str, prefix: str) -> str:
    """Return what an f-string says by itself; too little for a secret becomes nothing."""
    if "f" not in prefix.lower():
        return value
    rest = _REPLACEMENT_FIELD.sub("", value)
    return value if sum(sign.isalnum() for sign in rest) > 7 else ""  # noqa: PLR2004 - more than "Bearer "


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found: Any = pattern.match(text, position)
    return int(found.end())

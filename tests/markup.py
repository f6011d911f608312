"""What a browser would make of HTML: its elements, what they say, and whether any of it could run."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

DRAWN = {"svg", "path", "rect", "text", "title"}
WORDS = {
    "b",
    "bdi",
    "br",
    "code",
    "div",
    "figcaption",
    "figure",
    "i",
    "li",
    "main",
    "p",
    "section",
    "span",
    "ul",
    "style",
}
TABLES = {"table", "caption", "colgroup", "col", "thead", "tbody", "tr", "td", "th", "details", "summary"}
PAGES = {"html", "head", "meta", "body"}


class Markup(HTMLParser):
    """The elements of a piece of HTML.

    Attributes
    ----------
    tags
        How often each element occurs.
    attributes
        Every attribute with its value.
    words
        All text, of styles excepted.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self._words: list[str] = []
        self._style = False
        self.feed(html)
        self.close()

    @property
    def words(self) -> str:
        return " ".join(" ".join(self._words).split())

    @property
    def strange(self) -> set[str]:
        """Elements and attributes that a report of ours never has."""
        handlers = {
            name
            for name, value in self.attributes
            if name.startswith("on") or (name in ("href", "src") and "javascript:" in value)
        }
        return (set(self.tags) - DRAWN - WORDS - TABLES - PAGES) | handlers

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        self._style = tag == "style"

    def handle_endtag(self, tag):
        self._style = False

    def handle_data(self, data):
        if not self._style:
            self._words.append(data)

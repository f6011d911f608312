from __future__ import annotations

import re

from markup import Markup
from nbship.display.standalone import standalone


def variables(css: str) -> dict[str, str]:
    return dict(re.findall(r"(--jp-[\w-]+):([^;]+);", css))


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_page_is_a_document_without_anything_from_elsewhere():
    page = standalone("a title", "<p>text</p>")
    markup = Markup(page)
    assert page.startswith("<!doctype html>")
    assert markup.tags["main"] == markup.tags["title"] == 1
    assert not {"script", "link", "img"} & set(markup.tags)
    assert "url(" not in page
    assert "<main><p>text</p></main>" in page


def test_the_title_is_text_on_one_line():
    page = standalone("</title><script>alert(1)</script>\n" + "x" * 10_000, "")
    assert "<script" not in page
    assert len(page) < 8_000


def test_both_themes_name_the_same_colours():
    light, dark = standalone("", "").split("@media (prefers-color-scheme:dark)")[:2]
    assert variables(dark).keys() == {name for name in variables(light) if "font-family" not in name}


def test_text_is_read_easily_in_both_themes():
    light, dark = standalone("", "").split("@media (prefers-color-scheme:dark)")[:2]
    for theme in (variables(light), variables(dark)):
        ground = theme["--jp-layout-color1"]
        for name in (
            "ui-font-color1",
            "ui-font-color2",
            "brand-color1",
            "success-color1",
            "error-color1",
            "warn-color0",
        ):
            assert contrast(theme[f"--jp-{name}"], ground) >= 4.5, name

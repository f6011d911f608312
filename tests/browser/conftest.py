"""A real Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from chromium import launched


# For one module at a time: playwright keeps an event loop running, which other tests would stumble over.
@pytest.fixture(scope="module")
def browser(require) -> Iterator[Any]:
    """Return the browser; pages are opened by ``browser.new_page(color_scheme="dark")``."""
    programs = require("browser")
    if not find_spec("playwright"):
        missing = pytest.fail if "browser" in os.environ.get("NBSHIP_REQUIRE", "") else pytest.skip
        missing("playwright is not installed")
    with launched(programs["chromium"]) as started:
        yield started


@pytest.fixture
def opened(browser, tmp_path):
    """Return a function that opens HTML in the browser, and the dialogs, errors and requests of its page."""
    pages = []

    def open_(html: str, **context):
        path = tmp_path / f"{len(pages)}.html"
        path.write_text(html, encoding="utf-8")
        page = browser.new_page(**context)
        happened: list[str] = []
        page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: happened.append(str(error)))
        page.on(
            "request", lambda request: happened.append(request.url) if request.url != path.as_uri() else None
        )
        page.goto(path.as_uri())
        pages.append(page)
        return page, happened

    yield open_
    for page in pages:
        page.close()

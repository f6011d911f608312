"""A real Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

_FLAGS = [
    "--no-sandbox",  # it does not run as root otherwise
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


# For one module at a time: playwright keeps an event loop running, which other tests would stumble over.
@pytest.fixture(scope="module")
def browser(require) -> Iterator[Any]:
    """Return the browser; pages are opened by ``browser.new_page(color_scheme="dark")``."""
    programs = require("browser")
    try:
        from playwright import sync_api
    except ImportError as error:
        missing = pytest.fail if "browser" in os.environ.get("NBSHIP_REQUIRE", "") else pytest.skip
        missing(f"playwright is not installed: {error}")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(programs["chromium"]), args=_FLAGS)
        yield started
        started.close()


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

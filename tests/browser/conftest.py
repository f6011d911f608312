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

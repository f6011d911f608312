"""The Chromium that is on this machine, without a window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["launched"]

_FLAGS = [
    "--no-sandbox",  # it does not run as root otherwise
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def launched(program: Path) -> Iterator[Browser]:
    """Give a browser; its pages are opened by ``browser.new_page(color_scheme="dark")``."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(program), args=_FLAGS)
        yield started
        started.close()

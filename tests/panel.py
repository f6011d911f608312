"""JupyterLab and Notebook 7 with the panel, as one works with them: whatever has a role is found by role and name."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

__all__ = ["HOSTILE", "RUN_ENDS", "Panel", "wait_until", "write_notebook"]

HOSTILE = "<img src=x onerror=alert(1)>\"'&"
"""What a page that takes names for HTML would run."""

RUN_ENDS = """([prompt, name]) => {
  const shows = (selector, ...texts) => [...document.querySelectorAll(selector)].some(
    node => texts.every(text => node.textContent.includes(text))
  );
  let ended = null;
  window.untilShown = new Promise(resolve => {
    const look = () => {
      ended ??= shows('.jp-InputPrompt', prompt) ? performance.now() : null;
      if (ended !== null && shows('[role=listbox][aria-label="Runs"] [role=option]', name, 'Finished')) {
        resolve(performance.now() - ended);
      } else {
        requestAnimationFrame(look);
      }
    };
    look();
  });
}"""
"""Leaves in ``untilShown`` the milliseconds from the end of a cell to its run in the list, finished."""


def write_notebook(path: Path, *cells: str, parameters: str = "") -> Path:
    """Write a notebook of code cells; `parameters` becomes its first cell, tagged so."""
    import nbformat

    made = [nbformat.v4.new_code_cell(source) for source in cells]
    if parameters:
        made.insert(0, nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), path)
    return path


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait until something outside of the page is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come true within {seconds} s"
        time.sleep(0.05)


@dataclass(frozen=True)
class Panel:
    """A page of JupyterLab or of Notebook 7, with the panel in its left side bar."""

    page: Page
    is_lab: bool = True

    def open(self) -> Panel:
        """Open the side bar."""
        if not self.is_lab:
            return self._open_by_menu()
        tab = self.page.get_by_role("tab", name=re.compile("^nbship"))
        if tab.get_attribute("aria-selected") != "true":
            tab.click()
        self.sidebar.wait_for()
        return self

    def _open_by_menu(self) -> Panel:
        self.page.get_by_role("menuitem", name="View", exact=True).click()
        self.page.get_by_role("menu").get_by_text("Left Sidebar").hover()
        self.page.get_by_role("menuitem", name=re.compile("^Show nbship")).click()
        self.sidebar.wait_for()
        return self

    def wait_for_kernel(self) -> Panel:
        """Wait until the notebook in front has a kernel: what is run before is forgotten."""
        self.page.get_by_role("button", name="Track every cell of this session from here on").wait_for()
        return self

    @property
    def sidebar(self) -> Locator:
        return self.page.get_by_role("region", name="nbship", exact=True)

    def section(self, title: str) -> Locator:
        """Return a section of the side bar, open and alone, so that it has room."""
        for heading in self.sidebar.get_by_role("heading", level=3, name=re.compile(" Section$")).all():
            name = heading.get_attribute("aria-label") or ""
            is_open = heading.get_attribute("aria-expanded") == "true"
            if is_open != (name == f"{title} Section"):
                heading.click()
        found = self.sidebar.get_by_role("region", name=f"{title} Section")
        found.wait_for()
        return found

    @property
    def cells(self) -> Locator:
        return self.page.get_by_role("feed", name="Cells")

    def source(self, number: int) -> Locator:
        """Return the editor of a cell of the notebook in front, counted from 1."""
        return self.cells.get_by_role("textbox").nth(number - 1)

    def rewrite(self, number: int, source: str) -> None:
        """Write another source into a cell."""
        self.source(number).click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def run(self, number: int, count: int, *, wait: bool = True) -> None:
        """Run a cell, and wait until it has the count of its execution."""
        self.source(number).click()
        self.page.keyboard.press("Control+Enter")
        if wait:
            self.prompt(count).wait_for()

    def prompt(self, count: int) -> Locator:
        return self.cells.get_by_text(f"[{count}]:", exact=True).first

    @property
    def runs(self) -> Locator:
        """The rows of the list of runs that can be seen."""
        return self.page.get_by_role("listbox", name="Runs").get_by_role("option")

    def run_page(self, name: str | re.Pattern[str] = "") -> Locator:
        """Return the page of a run: in the main area, and in Notebook 7 on the right."""
        role: Any = "main" if self.is_lab else "complementary"
        wanted = re.compile(f"^Run {name}") if isinstance(name, str) else name
        return self.page.get_by_role(role).last.get_by_role("article", name=wanted)

    def tab(self, title: str | re.Pattern[str]) -> Locator:
        """Return a tab of the main area."""
        return self.page.get_by_role("main").get_by_role("tab", name=title)

    def body(self, title: str | re.Pattern[str]) -> Locator:
        """Return what a tab of the main area shows."""
        return self.page.get_by_role("tabpanel", name=title)

    def refresh(self) -> None:
        """Load everything that can be seen again."""
        tools = self.sidebar.get_by_role("toolbar", name="Tools of nbship")
        tools.get_by_role("button").click()

    def command(self, label: str) -> None:
        """Run a command from the palette."""
        self.page.keyboard.press("Control+Shift+C")
        palette = self.page.get_by_role("textbox", name="SEARCH", exact=True)
        palette.fill(label)
        palette.press("Enter")

    def evaluate(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(script, argument)

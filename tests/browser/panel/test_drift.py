"""From two files to the column that drifted."""

from __future__ import annotations

import random
import re

import pytest
from playwright.sync_api import expect

from panel import Panel, write_notebook

ROWS = 600


@pytest.fixture
def tables(project):
    """Write two tables whose prices differ, and whose sizes do not."""
    chance = random.Random(7)
    for name, price in (("winter.csv", 10.0), ("summer.csv", 14.0)):
        rows = (f"{chance.gauss(price, 1):.4f},{chance.gauss(5, 1):.4f}\n" for _ in range(ROWS))
        (project / name).write_text("price,size\n" + "".join(rows))
    return project


def choose(panel: Panel, label: str, file: str) -> None:
    """Find a file in one of the fields of the form."""
    field = panel.section("Drift").get_by_role("combobox", name=label)
    field.fill(file)
    panel.page.get_by_role("listbox", name=label).get_by_role("option").filter(has_text=file).first.click()


def test_a_report_names_the_column_that_drifted(lab, tables, open_panel):
    write_notebook(tables / "work.ipynb", "1")
    panel = open_panel(lab, f"{tables.name}/work.ipynb")
    choose(panel, "Reference", "winter.csv")
    choose(panel, "Current data", "summer.csv")
    drift = panel.section("Drift")
    expect(drift.get_by_label("The command that will run")).to_contain_text("nbship drift")
    drift.get_by_role("button", name="Check for drift").click()

    report = panel.body(re.compile("^Drift"))
    expect(report.get_by_role("heading", level=1)).to_contain_text("drifted")
    rows = report.get_by_role("row")
    expect(rows.filter(has=panel.page.get_by_role("rowheader", name="price"))).to_contain_text("drifted")
    expect(rows.filter(has=panel.page.get_by_role("rowheader", name="size"))).to_contain_text("stable")
    expect(drift.get_by_role("list", name="Drift reports")).to_contain_text("drifted")
    report.get_by_role("tab", name="Full report").click()
    expect(report.get_by_role("tabpanel")).to_contain_text("price")

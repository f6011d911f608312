# ruff: noqa: RUF001 - signs are typeset on purpose
from __future__ import annotations

from dataclasses import replace

import pytest

import drift_reports as made
from nbship.display.drift_text import drift_text, selfcheck_text
from nbship.display.plain_line import columns
from nbship.model.drift import DriftState, SelfCheck


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
@pytest.mark.parametrize(
    "report", [made.full(), made.wide(), made.hostile()], ids=["full", "wide", "hostile"]
)
def test_no_line_is_wider_than_the_terminal(report, width):
    for line in drift_text(report, width=width).splitlines():
        assert columns(line) <= width


def test_control_characters_do_not_reach_the_terminal():
    text = drift_text(made.hostile())
    assert all(char.isprintable() or char == "\n" for char in text)


def test_the_first_lines_say_what_was_found_in_what():
    lines = drift_text(made.full(), width=160).splitlines()
    assert lines[0].startswith("▲ 5 of 14 columns drifted: dep_delay, temp")
    assert "  reference  winter: 80,789 rows × 16 columns, from its profile" in lines
    assert "  current    summer: 86,995 rows × 17 columns" in lines
    assert any("at most 5 %" in line for line in lines)


def test_cells_stand_below_their_heads():
    lines = drift_text(made.full(), width=160).splitlines()
    head = next(line for line in lines if "what moved" in line)
    row = next(line for line in lines if "dep_delay" in line and "numeric" in line)
    for cell, name in (("dep_delay", "column"), ("numeric", "kind"), ("values moved", "what moved")):
        assert row.index(cell) == head.index(name)


def test_a_small_report_shows_every_column():
    text = drift_text(made.full(), width=160)
    assert all(f" {column.name} " in text for column in made.flights())


def test_a_wide_report_shows_what_drifted_and_counts_the_rest():
    text = drift_text(made.wide())
    assert text.count("▲ drifted") == 12
    assert "… and 288 stable" in text
    assert len(text.splitlines()) < 30


def test_very_many_drifted_columns_are_counted_too():
    text = drift_text(made.wide(300, 300))
    assert text.count("▲ drifted") == 60
    assert "… and 240 drifted" in text


def test_columns_that_nobody_compared_are_never_silent():
    columns_ = tuple(made.lone(f"c{i}", DriftState.NEW, "only in the current data") for i in range(30))
    assert drift_text(made.report(columns_)).count("+ new") == 30


def test_windows_are_a_line_of_signs_a_column():
    lines = drift_text(made.full()).splitlines()
    assert any(line.startswith("Windows of summer: 10 of 12 with drift") for line in lines)
    assert next(line for line in lines if line.startswith("  carrier ")).endswith("·····▲▲▲▲▲▲▲")


def test_a_narrow_terminal_keeps_the_reason():
    lines = drift_text(made.full(), width=60).splitlines()
    row = next(line for line in lines if line.startswith("  ▲ drifted") and "temp" in line)
    assert "values moved" in row
    assert "numeric" not in row


def test_wide_signs_are_wrapped_by_their_width():
    report = made.report((made.numeric("欄" * 30, 1.0),), notes=("注" * 300,))
    assert all(columns(line) <= 50 for line in drift_text(report, width=50).splitlines())


def test_nothing_to_show_is_a_headline():
    assert "No column could be compared" in drift_text(made.report((), tests=0))


def test_a_self_check_is_a_few_lines():
    check = SelfCheck("winter", 200, 40394, 5, 41, 42, 0.05, {f"c{i}": i for i in range(1, 20)}, ("why",))
    text = selfcheck_text(check, width=80)
    assert text.startswith("✓ 5 of 200 random splits raised a false alarm: 2.5 %, at most 5 % promised")
    assert "c19" in text
    assert "… and 7 more columns" in text
    assert text.endswith("note: why")
    assert all(columns(line) <= 80 for line in text.splitlines())
    assert "Nothing was split" in selfcheck_text(replace(check, splits=0))

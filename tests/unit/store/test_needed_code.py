from __future__ import annotations

import pytest

from nbship.store.needed_code import CodeCell, code_version, needed_code, plain_source


def ledger(*executions, cells, needed=()):
    listed = [
        {"index": at, "source": source, "cell_id": cell} for at, (cell, source) in enumerate(executions)
    ]
    return {"cells": list(cells), "needed": list(needed), "executions": listed}


def sources(found):
    return [cell.source for cell in found]


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("%%track first -p a=1\nx = 1", "x = 1"),
        ("\n %%track\n\nx = 1  \r\ny = 2\n\n", "x = 1\ny = 2"),
        ("%%track", ""),
        ("%%tracker\nx", "%%tracker\nx"),
        ("x = '%%track'\n", "x = '%%track'"),
    ],
)
def test_what_does_not_count_is_left_out(source, plain):
    assert plain_source(source) == plain


def test_only_what_the_run_depends_on_is_its_code():
    found = needed_code(
        ledger(("a", "x = 1"), ("b", "noise"), ("c", "%%track\ny = x"), cells=[2], needed=[0, 2])
    )
    assert found == (CodeCell("x = 1", "a", 0), CodeCell("y = x", "c", 2))


def test_a_cell_that_ran_twice_counts_once_at_its_last_place():
    found = needed_code(
        ledger(("a", "x += 1"), ("b", "y"), ("a", "x += 1"), ("c", "x"), cells=[3], needed=[0, 1, 2, 3])
    )
    assert sources(found) == ["y", "x += 1", "x"]


def test_an_older_source_that_the_result_still_rests_on_is_kept():
    found = needed_code(ledger(("a", "x = 1"), ("a", "y = 2"), ("c", "x + y"), cells=[2], needed=[0, 1, 2]))
    assert sources(found) == ["x = 1", "y = 2", "x + y"]


def test_drafts_of_a_cell_within_a_session_run_do_not_count():
    found = needed_code(
        ledger(("a", "x = 1"), ("a", "x = 2"), ("a", "x = 3"), cells=[0, 1, 2], needed=[0, 1, 2])
    )
    assert sources(found) == ["x = 3"]


def test_cells_without_an_id_are_told_by_their_source():
    found = needed_code(ledger((None, "a"), (None, "b"), (None, "a"), (None, ""), cells=[0, 1, 2, 3]))
    assert sources(found) == ["b", "a"]


def test_the_version_depends_on_sources_and_their_order_alone():
    one, two = CodeCell("x = 1", "a", 0), CodeCell("y = 2", "b", 1)
    assert code_version([one, two]) == code_version([CodeCell("x = 1", None, 7), CodeCell("y = 2", "z", 9)])
    assert (
        len({code_version(cells) for cells in ([one, two], [two, one], [one], [], [CodeCell("x = 1y = 2")])})
        == 5
    )
    assert len(code_version([CodeCell("'\udc80'")])) == 32


@pytest.mark.parametrize(
    "data", [{}, {"cells": 1, "needed": []}, {"cells": [0], "needed": [], "executions": [{}]}]
)
def test_what_is_no_ledger_is_said(data):
    with pytest.raises((KeyError, TypeError, ValueError)):
        needed_code(data)

from __future__ import annotations

from nbship.model.comparison import CellChange
from nbship.provenance.code_diff import diff_cells
from nbship.store.needed_code import CodeCell


def cells(*sources):
    return [CodeCell(source, f"id-{source[:1]}") for source in sources]


def told(left, right):
    return [(cell.change.value, cell.left, cell.right) for cell in diff_cells(left, right)]


def test_equal_runs_have_equal_cells_only():
    both = cells("a", "b")
    assert told(both, both) == [("same", 1, 1), ("same", 2, 2)]
    assert diff_cells([], []) == ()


def test_every_cell_of_either_run_is_told_once_in_the_order_of_the_second():
    left = cells("a = 1", "b = 1", "c", "d", "e")
    right = cells("x", "e", "a = 1", "b = 2", "c")
    assert told(left, right) == [
        ("added", None, 1),
        ("moved", 5, 2),
        ("same", 1, 3),
        ("changed", 2, 4),
        ("same", 3, 5),
        ("removed", 4, None),
    ]


def test_a_cell_that_was_first_and_is_gone_comes_first():
    assert told(cells("z", "a"), cells("a")) == [("removed", 1, None), ("same", 2, 1)]


def test_cells_bring_their_lines():
    left, right = cells("b = 1", "m\nn\no", "r", "s", "t"), cells("b = 2", "+x", "s", "t", "m\nn\no")
    found = {cell.change: cell for cell in diff_cells(left, right)}

    def lines(change):
        return [line.sign + line.text for line in found[change].lines]

    assert lines(CellChange.CHANGED) == ["-b = 1", "+b = 2"]
    assert lines(CellChange.ADDED) == ["++x"]
    assert lines(CellChange.MOVED) == [" m", " n", "@1 equal line"]
    assert lines(CellChange.REMOVED) == ["-r"]
    assert lines(CellChange.SAME) == []
    assert found[CellChange.CHANGED].cell_id == "id-b"

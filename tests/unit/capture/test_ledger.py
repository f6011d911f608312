from __future__ import annotations

from nbship.capture.dataflow import analyse, source_hash
from nbship.capture.ledger import Ledger
from nbship.model.cell import CellExecution, CellStatus


def ledger_of(*cells: str | tuple[str, CellStatus, dict[str, str]], ids: str = "") -> Ledger:
    """Build a ledger; a cell that ended well changed what it writes, any other says what it changed."""
    ledger = Ledger()
    for index, cell in enumerate(cells):
        source, status, changed = cell if isinstance(cell, tuple) else (cell, CellStatus.OK, {})
        flow = analyse(source)
        execution = CellExecution(
            index=index,
            source=source,
            source_hash=source_hash(source),
            status=status,
            cell_id=ids[index] if ids else None,
            changed=changed or (dict.fromkeys(flow.writes, "int") if status is CellStatus.OK else {}),
        )
        ledger.append(execution, flow)
    return ledger


def needed(ledger: Ledger, *reads: str) -> tuple[int, ...]:
    return ledger.slice(frozenset(reads), len(ledger.entries)).indices


def test_only_what_the_reads_depend_on_is_needed_directly_or_not():
    ledger = ledger_of("a = 1", "b = 2", "c = a + 1", "d = b", "e = c")
    assert needed(ledger, "e") == (0, 2, 4)
    assert ledger.slice(frozenset({"e"}), 5).bindings == {
        0: frozenset({"a"}),
        2: frozenset({"c"}),
        4: frozenset({"e"}),
    }
    assert needed(ledger) == ()
    assert needed(ledger, "unknown") == ()


def test_the_order_of_execution_counts_not_that_of_the_notebook():
    ledger = ledger_of("a = 1", "b = a", "a = 2")
    assert needed(ledger, "b") == (0, 1)
    assert needed(ledger, "a") == (2,)
    assert ledger.slice(frozenset({"a"}), 2).indices == (0,)


def test_a_change_in_place_is_needed_and_so_is_what_it_read():
    ledger = ledger_of("df = load()", "k = 3", "df['x'] = k", "print(df)")
    found = ledger.slice(frozenset({"df"}), 4)
    assert found.indices == (0, 1, 2)
    assert found.bindings[2] == frozenset()


def test_a_change_before_the_binding_is_not_needed():
    assert needed(ledger_of("df = 1", "df['x'] = 2", "df = 3"), "df") == (2,)


def test_a_cell_that_ran_before_the_session_counts_like_one_that_ran_through():
    early = CellStatus.UNOBSERVED
    ledger = ledger_of(("df = load()", early, {}), ("df['x'] = 1", early, {}))
    assert needed(ledger, "df") == (0, 1)


def test_of_a_failed_cell_only_what_it_really_bound_counts():
    ledger = ledger_of(
        "a = 1",
        ("a = 2\nb = 3\nraise E", CellStatus.ERROR, {"b": "int"}),
        ("a['x'] = 1", CellStatus.ERROR, {}),
    )
    assert needed(ledger, "a") == (0,)
    assert needed(ledger, "b") == (1,)


def test_a_loop_through_a_name_that_feeds_itself_ends():
    ledger = ledger_of("x = 1", "x = x + 1", "x = x + 1")
    assert needed(ledger, "x") == (0, 1, 2)


def test_a_function_needs_what_it_reads_when_it_is_called():
    ledger = ledger_of("k = 1", "def f():\n    return k", "k = 2")
    assert needed(ledger, "f") == (1, 2)
    assert ledger.reads_with_calls(frozenset({"f"}), 3) == {"f", "k"}


def test_functions_that_call_one_another_end():
    ledger = ledger_of("def f():\n    return g()", "def g():\n    return f() + z", "z = 1")
    assert ledger.reads_with_calls(frozenset({"f"}), 3) == {"f", "g", "z"}
    assert needed(ledger, "f") == (0, 1, 2)


def test_using_a_module_changes_no_value():
    ledger = ledger_of(("import plt", CellStatus.OK, {"plt": "module"}), "plt.figure()", "plt.show()")
    assert needed(ledger, "plt") == (0,)


def test_the_writer_is_the_last_one_before():
    ledger = ledger_of("a = 1", "b = 1", "a = 2")
    assert ledger.writer("a", 3) == 2
    assert ledger.writer("a", 2) == 0
    assert ledger.writer("a", 0) is None
    assert ledger.writer("zzz", 3) is None


def test_a_cell_that_was_deleted_or_run_anew_with_other_source_is_hidden():
    ledger = ledger_of("a = 1", "b = 1", "a = 2", "c = 1", ids="abad")
    assert ledger.hidden((0, 1, 2, 3)) == (0,)
    ledger.deleted.add("b")
    assert ledger.hidden((0, 1, 2, 3)) == (0, 1)


def test_without_ids_nothing_is_known_to_be_hidden():
    assert ledger_of("a = 1", "a = 2").hidden((0, 1)) == ()


def test_a_deleted_cell_that_came_back_and_ran_is_not_hidden():
    ledger = ledger_of("a = 1", ids="a")
    ledger.deleted.add("a")
    again = CellExecution(1, "a = 1", source_hash("a = 1"), CellStatus.OK, cell_id="a")
    ledger.append(again, analyse("a = 1"))
    assert ledger.hidden((0, 1)) == ()

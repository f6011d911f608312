from __future__ import annotations

from types import SimpleNamespace

import pytest

from nbship.magics.identity import cell_identity, notebook_name


def shell(namespace=None, parent=None):
    made = SimpleNamespace(
        user_ns=namespace or {}, history_manager=SimpleNamespace(input_hist_raw=["", "first", "second"])
    )
    if parent is not None:
        made.get_parent = lambda: parent
    return made


def info(**fields):
    return SimpleNamespace(**{"store_history": True, "cell_id": None, "cell_meta": None, **fields})


def test_jupyterlab_sends_id_tags_and_deleted_cells():
    meta = {"cellId": "abc", "deletedCells": ["x"], "tags": ["parameters"]}
    found = cell_identity(info(cell_id="abc", cell_meta=meta), shell())

    assert (found.cell_id, found.tags, found.deleted_cells) == ("abc", ("parameters",), ("x",))
    assert found.execution_count == 3


def test_kernels_that_do_not_hand_metadata_on_have_it_in_the_parent_message():
    parent = {"metadata": {"cellId": "abc", "tags": ["t"]}}
    found = cell_identity(info(), shell(parent=parent))

    assert (found.cell_id, found.tags) == ("abc", ("t",))


@pytest.mark.parametrize("meta", [None, {}, {"tags": "no list"}, {"deletedCells": None}, "nonsense"])
def test_nbclient_papermill_and_terminals_send_nothing(meta):
    found = cell_identity(info(cell_meta=meta), shell())

    assert (found.cell_id, found.tags, found.deleted_cells) == (None, (), ())


def test_a_cell_that_leaves_no_history_has_no_number():
    assert cell_identity(info(store_history=False), shell()).execution_count is None


def test_the_notebook_is_named_by_the_setting_then_the_server_then_vs_code(monkeypatch):
    vs_code = shell({"__vsc_ipynb_file__": "/home/me/code.ipynb"})
    assert notebook_name(vs_code, None) == "code.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", "folder/lab.ipynb")
    assert notebook_name(vs_code, None) == "lab.ipynb"
    assert notebook_name(vs_code, "set.ipynb") == "set.ipynb"


@pytest.mark.parametrize("value", [None, 3, ""])
def test_a_notebook_that_nobody_names_has_no_name(value):
    assert notebook_name(shell({"__vsc_ipynb_file__": value}), None) is None

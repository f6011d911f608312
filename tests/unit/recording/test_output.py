from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from nbship.model.cell import CellExecution, CellStatus
from nbship.recording.output import mark_dead, replace_file


def cell(status, *, kind="code", name=None):
    made = {"cell_type": kind, "metadata": {"papermill": {"status": status, "exception": None}}, "source": []}
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    return made | ({"id": name} if name else {})


def book(path, *cells, end_time=None):
    record = {"end_time": end_time, "exception": None}
    notebook = {"cells": list(cells), "metadata": {"papermill": record}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook))
    return path


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def states(path):
    return [one["metadata"]["papermill"]["status"] for one in read(path)["cells"]]


def ran(index, name, status, **fields):
    return CellExecution(index, "x", "h", status, cell_id=name, **fields)


def test_a_notebook_whose_runner_died_tells_what_the_journal_knows(tmp_path):
    path = book(
        tmp_path / "a.ipynb",
        cell("completed", name="a"),
        cell("running", name="b"),
        cell("pending", name="c"),
        cell("pending", name="d"),
        cell("pending", kind="markdown", name="e"),
        cell("skipped", name="f"),
    )
    output = {"output_type": "stream", "name": "stdout", "text": "hé\n"}
    known = [
        ran(0, "a", CellStatus.OK),
        ran(1, "b", CellStatus.OK, wall_seconds=2.5, outputs=(output,), execution_count=2),
        ran(2, "c", CellStatus.RUNNING),
    ]
    assert mark_dead(path, known)
    assert states(path) == ["completed", "completed", "killed", "not run", "not run", "skipped"]
    found = read(path)
    assert found["metadata"]["papermill"]["exception"] is True
    assert found["cells"][1]["outputs"] == [output]
    assert found["cells"][1]["execution_count"] == 2
    assert found["cells"][1]["metadata"]["papermill"]["duration"] == 2.5
    assert [one["metadata"]["papermill"]["exception"] for one in found["cells"][:3]] == [False, False, True]


def test_without_a_journal_the_running_cell_is_killed(tmp_path):
    path = book(tmp_path / "a.ipynb", cell("completed"), cell("running"), cell("pending"))
    assert mark_dead(path)
    assert states(path) == ["completed", "killed", "not run"]


def test_cells_without_ids_are_known_by_their_position(tmp_path):
    path = book(tmp_path / "a.ipynb", cell("pending", kind="markdown"), cell("running"), cell("pending"))
    known = [ran(0, "#1", CellStatus.ERROR), ran(1, "#2", CellStatus.INTERRUPTED)]
    assert mark_dead(path, known)
    assert states(path) == ["not run", "failed", "killed"]


def test_outputs_that_were_saved_are_kept(tmp_path):
    saved = cell("running", name="a") | {
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "mine"}]
    }
    path = book(tmp_path / "a.ipynb", saved)
    mark_dead(path, [ran(0, "a", CellStatus.OK, outputs=({"output_type": "stream", "text": "other"},))])
    assert read(path)["cells"][0]["outputs"][0]["text"] == "mine"


def test_a_notebook_that_ended_is_left_alone(tmp_path):
    path = book(tmp_path / "a.ipynb", cell("completed"), end_time="2026-01-01T00:00:00+00:00")
    before = path.read_bytes()
    assert not mark_dead(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"metadata": {"papermill": 3}}', '{"cells": 1, "metadata": {}}']
)
def test_what_is_no_executed_notebook_is_left_alone(tmp_path, text):
    path = tmp_path / "a.ipynb"
    path.write_text(text)
    assert not mark_dead(path)
    assert path.read_text() == text


def test_a_missing_file_is_left_missing(tmp_path):
    assert not mark_dead(tmp_path / "a.ipynb")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with path.open() as reader:
        assert replace_file(path, "né\ud83d") == 6
        assert reader.read() == "old"
    assert path.read_bytes() == b"n\xc3\xa9\xed\xa0\xbd"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_and_links_stay(tmp_path):
    path, link = tmp_path / "a.txt", tmp_path / "link.txt"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    replace_file(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_to_nothing_makes_what_it_names(tmp_path):
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "a.txt")
    replace_file(link, "new")
    assert (tmp_path / "a.txt").read_text() == "new"


def test_a_device_is_written_to_and_not_replaced(tmp_path):
    assert replace_file(Path(os.devnull), "text") == 4
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_name_as_long_as_the_system_allows_is_fine(tmp_path):
    path = tmp_path / ("a" * 255)
    replace_file(path, "text")
    assert path.read_text() == "text"


def test_a_write_that_fails_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "taken"
    folder.mkdir()
    with pytest.raises(OSError, match="taken"):
        replace_file(folder, "text")
    assert list(tmp_path.iterdir()) == [folder]
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "missing" / "a.txt", "text")

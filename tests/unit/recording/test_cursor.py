from __future__ import annotations

from nbship.recording.cursor import Cursor, run_ids


def test_a_cursor_comes_back_as_it_was_saved(tmp_path):
    cursor = Cursor.load(tmp_path)
    cursor.runs["local"] = "stored"
    cursor.warn("local", ("w", "w"))
    cursor.warn("local", ("w", "v"))
    cursor.advance("sqlite:///a", 10)
    cursor.advance("sqlite:///a", 5)
    cursor.settle(7, ["local"])
    again = Cursor.load(tmp_path)
    assert (again.applied, again.lanes, again.open) == (7, {"sqlite:///a": 10}, ["local"])
    assert again.warnings == {"local": ["w", "v"]}
    assert run_ids(tmp_path) == {"local": "stored"}


def test_what_did_not_change_is_not_written(tmp_path):
    Cursor.load(tmp_path).settle(0, [])
    assert list(tmp_path.iterdir()) == []


def test_a_cursor_that_cannot_be_read_starts_over(tmp_path):
    for text in ("{torn", "[]", '{"version": 99, "applied": 5}'):
        (tmp_path / "cursor.json").write_text(text)
        assert Cursor.load(tmp_path).applied == 0
    assert run_ids(tmp_path) == {}


def test_a_session_that_is_gone_is_not_made_again(tmp_path):
    cursor = Cursor.load(tmp_path / "gone")
    cursor.advance("u", 1)
    assert not (tmp_path / "gone").exists()

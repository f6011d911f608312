from __future__ import annotations

from nbship.recording.layout import new_session_name, read_json, session_folders, strangers, write_json


def test_sessions_strangers_and_own_files_are_told_apart(tmp_path):
    for name in ("b", "a", ".making"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "journal.jsonl").touch()
    for name in (
        "recorder.lock",
        "recorder.log",
        "recorder.log.1",
        "recorder.wake",
        "state.json",
        "notes.txt",
    ):
        (tmp_path / name).touch()
    (tmp_path / "set-aside").mkdir()
    (tmp_path / "empty").mkdir()
    assert [path.name for path in session_folders(tmp_path)] == ["a", "b"]
    assert [path.name for path in strangers(tmp_path)] == ["empty", "notes.txt"]
    assert session_folders(tmp_path / "none") == strangers(tmp_path / "none") == []


def test_json_files_are_replaced_whole(tmp_path):
    write_json(tmp_path / "a.json", {"n": 1})
    write_json(tmp_path / "a.json", {"n": 2})
    assert read_json(tmp_path / "a.json") == {"n": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_json_that_cannot_be_read_is_empty(tmp_path):
    (tmp_path / "torn").write_text('{"n"')
    (tmp_path / "list").write_text("[1]")
    assert [read_json(tmp_path / name) for name in ("torn", "list", "none")] == [{}, {}, {}]


def test_names_of_sessions_sort_by_age():
    names = [new_session_name() for _ in range(200)]
    assert names == sorted(names)
    assert len(set(names)) == 200
    assert {len(name) for name in names} == {32}
    assert all(set(name) <= set("0123456789abcdef") for name in names)

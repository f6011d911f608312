from __future__ import annotations

import os

from nbship.service.table_files import table_files


def made(path, age=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x\n1\n", encoding="utf-8")
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


def test_tables_are_found_the_newest_first(tmp_path):
    old, new = made(tmp_path / "a" / "old.csv", 10), made(tmp_path / "new.parquet")
    made(tmp_path / "notes.txt")
    made(tmp_path / "package.json")
    found, more = table_files(tmp_path)
    assert [file.path for file in found] == [new, old]
    assert not more


def test_what_is_hidden_or_of_a_library_is_passed_over(tmp_path):
    for folder in (".nbship", "node_modules", "__pycache__"):
        made(tmp_path / folder / "x.csv")
    assert table_files(tmp_path) == ((), False)


def test_links_to_folders_are_not_followed(tmp_path):
    made(tmp_path / "data" / "x.csv")
    (tmp_path / "data" / "round").symlink_to(tmp_path)
    assert len(table_files(tmp_path)[0]) == 1


def test_all_words_have_to_be_in_the_path(tmp_path):
    made(tmp_path / "flights" / "june.csv.gz")
    made(tmp_path / "flights" / "july.csv")
    found, _ = table_files(tmp_path, "FLIGHTS june")
    assert [file.path.name for file in found] == ["june.csv.gz"]


def test_a_long_list_is_cut(tmp_path):
    for number in range(5):
        made(tmp_path / f"{number}.csv")
    found, more = table_files(tmp_path, limit=3)
    assert (len(found), more) == (3, True)

# ruff: noqa: PTH123, SIM115 - the builtin `open`, and calls of it that fail, are what is watched
from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nbship.capture.files import FileWatch, OpenedFiles, ignore_this_thread


@pytest.fixture
def watch():
    watch = FileWatch()
    watch.start()
    yield watch
    watch.stop()


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n")
    return path


def test_reading_and_writing_are_told_apart(table, watch, tmp_path):
    table.read_text()
    (tmp_path / "new.txt").write_text("x")
    with open(tmp_path / "log.txt", "a") as file:
        file.write("x")
    with open(table, "r+b"):
        pass
    opened = watch.stop()
    assert opened.read == (table,)
    assert opened.written == (tmp_path / "new.txt", tmp_path / "log.txt", table)


def test_file_descriptors_opened_by_the_system_interface_count(table, watch, tmp_path):
    os.close(os.open(table, os.O_RDONLY))
    os.close(os.open(os.fsencode(tmp_path / "out"), os.O_CREAT | os.O_WRONLY))
    os.close(os.open(tmp_path / "out2", os.O_CREAT | os.O_RDWR | os.O_TRUNC))
    opened = watch.stop()
    assert opened == OpenedFiles(read=(table,), written=(tmp_path / "out", tmp_path / "out2"))


def test_relative_paths_belong_to_the_folder_of_their_moment(table, watch, tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    Path("../table.csv").read_text()
    monkeypatch.chdir("/")
    assert watch.stop().read == (table,)


def test_databases_count_as_read(watch, tmp_path):
    for name in (str(tmp_path / "a.db"), f"file:{tmp_path}/b.db?mode=rwc"):
        sqlite3.connect(name, uri=name.startswith("file:")).close()
    sqlite3.connect(":memory:").close()
    (tmp_path / "a.db").touch()
    (tmp_path / "b.db").touch()
    assert set(watch.stop().read) >= {tmp_path / "a.db", tmp_path / "b.db"}


def test_what_is_no_data_of_the_user_is_left_out(watch, tmp_path):
    import sklearn

    (tmp_path / ".nbship").mkdir()
    (tmp_path / ".nbship" / "spool").write_text("x")
    (tmp_path / "ipykernel_1").mkdir()
    (tmp_path / "ipykernel_1" / "2.py").write_text("x")
    Path(sklearn.__file__).read_text("utf-8")
    Path(os.__file__).read_text("utf-8")
    Path("/proc/self/status").read_text()
    with open(os.devnull):
        pass
    read, write = os.pipe()
    with open(read), open(write, "w"):
        pass
    assert watch.stop() == OpenedFiles()


def test_files_that_are_gone_and_folders_are_left_out(watch, tmp_path):
    with pytest.raises(FileNotFoundError):
        open(tmp_path / "missing.csv")
    (tmp_path / "short-lived").write_text("x")
    (tmp_path / "short-lived").unlink()
    os.close(os.open(tmp_path, os.O_RDONLY))
    assert watch.stop() == OpenedFiles()


def test_modules_of_the_project_are_listed_apart(tmp_path):
    (tmp_path / "project_module.py").write_text("value = 1\n")
    (tmp_path / "data.csv").write_text("a\n1\n")
    code = """
import json, sys
from nbship.capture.files import FileWatch
import pandas
watch = FileWatch()
watch.start()
import project_module
frame = pandas.read_csv("data.csv")
frame.to_csv("out.csv")
opened = watch.stop()
print(json.dumps([[path.name for path in paths] for paths in (opened.read, opened.written, opened.modules)]))
"""
    for _ in range(2):  # the second time, the import opens nothing but the compiled module
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout) == [["data.csv"], ["out.csv"], ["project_module.py"]]


def test_other_threads_are_seen_but_for_those_that_work_for_nbship(table, watch, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("x")

    def own() -> None:
        ignore_this_thread()
        other.read_text()

    watch.start()
    for target in (table.read_text, own):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()
    assert watch.stop().read == (table,)


def test_nothing_is_seen_before_and_after(table):
    watch = FileWatch()
    table.read_text()
    assert watch.stop() == OpenedFiles()
    watch.start()
    assert watch.stop() == OpenedFiles()
    table.read_text()
    assert watch.stop() == OpenedFiles()


def test_two_watches_do_not_disturb_each_other(table, tmp_path):
    outer, inner = FileWatch(), FileWatch()
    outer.start()
    table.read_text()
    inner.start()
    (tmp_path / "new").write_text("x")
    assert inner.stop() == OpenedFiles(written=(tmp_path / "new",))
    table.read_text()
    assert outer.stop() == OpenedFiles(read=(table,), written=(tmp_path / "new",))


def test_each_file_is_listed_once_and_their_number_is_bounded(table, tmp_path):
    for index in range(1100):
        (tmp_path / f"{index}.txt").touch()
    watch = FileWatch()
    watch.start()
    for _ in range(3):
        table.read_text()
    for index in range(1100):
        (tmp_path / f"{index}.txt").read_text()
    opened = watch.stop()
    assert opened.read[0] == table
    assert len(opened.read) == len(set(opened.read)) == 1000
    assert opened.truncated


@pytest.mark.parametrize("path", ["a\0b", b"\xff\xfe", "", object()])
def test_odd_paths_fail_as_they_do_without_a_watch(watch, path):
    with pytest.raises((ValueError, OSError, TypeError)):
        open(path)
    assert watch.stop().read == ()

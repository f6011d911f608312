from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from nbship.errors import PackagingError
from nbship.packaging.oci.tar_stream import write_folder


def packed(root: Path, **owners: int) -> bytes:
    sink = io.BytesIO()
    write_folder(root, sink, owners)
    return sink.getvalue()


def fill(root: Path, names: list[str]) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return root


NAMES = ["b/x.py", "a/y.py", "a/long/" + "n" * 120 + ".py", "a.py", "ä.txt"]


def test_order_times_and_folder_do_not_show(tmp_path: Path) -> None:
    first = packed(fill(tmp_path / "one", NAMES))
    os.utime(fill(tmp_path / "two", NAMES[::-1]) / "a.py", (5, 5))
    (tmp_path / "two" / "a.py").chmod(0o600)
    assert packed(tmp_path / "two") == first


def test_folders_come_before_what_they_hold_and_no_name_twice(tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(packed(fill(tmp_path, NAMES)))) as archive:
        names = archive.getnames()
    assert len(names) == len(set(names)) == 8
    assert all(names.index(name.rpartition("/")[0]) < names.index(name) for name in names if "/" in name)


def test_modes_say_no_more_than_whether_a_file_runs(tmp_path: Path) -> None:
    fill(tmp_path, ["program", "text"])
    (tmp_path / "program").chmod(0o700)
    with tarfile.open(fileobj=io.BytesIO(packed(tmp_path, text=65532))) as archive:
        members = {member.name: member for member in archive}
    assert (members["program"].mode, members["text"].mode) == (0o555, 0o444)
    assert (members["text"].uid, members["text"].gid, members["program"].uid) == (65532, 65532, 0)
    assert {(member.mtime, member.uname, member.gname) for member in members.values()} == {(0, "", "")}


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(PackagingError, match="neither a file nor a folder"):
        packed(tmp_path)


def test_a_pipe_is_refused_without_reading_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PackagingError, match="neither a file nor a folder"):
        packed(tmp_path)

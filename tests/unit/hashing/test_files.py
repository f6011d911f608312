"""Digests of files and folders."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from blake3 import blake3

from nbship.errors import FingerprintError
from nbship.hashing import digest_file, files, fingerprint


def settle(path, seconds=60):
    """Give a file an age at which its digest may be remembered."""
    moment = time.time_ns() - seconds * 10**9
    os.utime(path, ns=(moment, moment))


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (33 << 20) + 7])
def test_the_digest_is_blake3_of_the_content(tmp_path, size):
    content = os.urandom(1 << 20) * (size // (1 << 20) + 1)
    (tmp_path / "f").write_bytes(content[:size])
    assert digest_file(tmp_path / "f") == blake3(content[:size]).hexdigest(length=16)


def test_a_file_is_described(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("a,b\n")
    found = fingerprint(path)
    assert (found.kind, found.size_bytes, found.digest) == ("file", 4, digest_file(str(path)))
    assert fingerprint(str(path)) == found


def test_a_settled_file_is_read_once(tmp_path):
    path = tmp_path / "f"
    path.write_text("before")
    settle(path)
    status = path.stat()
    before = digest_file(path)
    path.write_text("after!")
    os.utime(path, ns=(status.st_mtime_ns, status.st_mtime_ns))
    assert digest_file(path) == before  # nothing that the file system tells has changed
    settle(path, 30)
    assert digest_file(path) != before


def test_a_young_file_is_read_again(tmp_path):
    path = tmp_path / "f"
    path.write_text("before")
    moment = path.stat().st_mtime_ns
    before = digest_file(path)
    path.write_text("after!")
    os.utime(path, ns=(moment, moment))
    assert digest_file(path) != before


def test_the_memory_of_digests_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_CACHE_ENTRIES", 3)
    monkeypatch.setattr(files, "_cache", {})
    for number in range(5):
        path = tmp_path / str(number)
        path.write_text(str(number))
        settle(path)
        digest_file(path)
    assert len(files._cache) == 3


def make_folder(root):
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_text("a")
    (root / "sub" / "b.txt").write_text("b")
    return root


def test_a_folder_is_the_list_of_its_files(tmp_path):
    found = fingerprint(make_folder(tmp_path / "one"))
    assert (found.kind, found.rows, found.size_bytes) == ("folder", 2, 2)
    assert [column.name for column in found.columns] == ["a.txt", "sub/b.txt"]
    assert found == fingerprint(make_folder(tmp_path / "two"))


@pytest.mark.parametrize(
    "edit",
    [
        lambda root: (root / "sub" / "b.txt").write_text("c"),
        lambda root: (root / "sub" / "b.txt").rename(root / "b.txt"),
        lambda root: (root / "c.txt").write_text(""),
        lambda root: (root / "a.txt").unlink(),
    ],
)
def test_any_change_in_a_folder_counts(tmp_path, edit):
    root = make_folder(tmp_path / "one")
    before = fingerprint(root)
    edit(root)
    assert fingerprint(root).digest != before.digest


def test_links_are_followed_to_files_and_noted_for_folders(tmp_path):
    root = make_folder(tmp_path / "one")
    (root / "loop").symlink_to(root)
    (root / "link").symlink_to(root / "a.txt")
    assert [(column.name, column.dtype) for column in fingerprint(root).columns] == [
        ("a.txt", "file"),
        ("link", "file"),
        ("loop", "link"),
        ("sub/b.txt", "file"),
    ]


def test_what_cannot_be_read_is_refused_with_its_name(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FingerprintError, match="pipe: it is not a regular file"):
        digest_file(tmp_path / "pipe")
    with pytest.raises(FingerprintError, match="missing: No such file"):
        fingerprint(tmp_path / "missing")
    with pytest.raises(FingerprintError, match="null"):
        fingerprint("nul\0l")
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(FingerprintError, match="dangling"):
        fingerprint(Path(tmp_path))

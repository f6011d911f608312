from __future__ import annotations

import errno
import hashlib
import io
import os
import time
from pathlib import Path

import pytest

from nbship.errors import PackagingError, RegistryError
from nbship.packaging.oci.cache import CACHE_VARIABLE, Cache, writing


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def add(cache: Cache, content: bytes) -> str:
    cache.add_blob(io.BytesIO(content), digest_of(content))
    return digest_of(content)


def test_a_blob_comes_back_as_it_was(cache: Cache) -> None:
    digest = add(cache, b"layer")
    with cache.open_blob(digest) as blob:
        assert blob.read() == b"layer"
    assert cache.has_blob(digest, 5)
    assert not cache.has_blob(digest, 6)


def test_content_that_its_digest_does_not_fit_is_refused_and_leaves_nothing(cache: Cache) -> None:
    digest = digest_of(b"expected")
    with pytest.raises(PackagingError, match="is damaged"):
        cache.add_blob(io.BytesIO(b"other"), digest)
    assert not cache.has_blob(digest)
    assert not [path for path in cache.root.rglob("*") if path.is_file()]


def test_a_digest_that_is_a_path_is_refused(cache: Cache) -> None:
    with pytest.raises(PackagingError, match="is no digest"):
        cache.blob_path("sha256:../../etc/passwd")


def test_a_missing_blob_says_to_build_again(cache: Cache) -> None:
    with pytest.raises(PackagingError, match="build the image again"):
        cache.open_blob(digest_of(b"never"))


def test_records_come_back_and_damaged_ones_count_as_missing(cache: Cache) -> None:
    cache.remember("key", {"a": 1})
    assert cache.record("key") == {"a": 1}
    assert cache.record("other") is None
    next((cache.root / "oci-1" / "records").iterdir()).write_text("{")
    assert cache.record("key") is None


def test_a_scratch_folder_is_private_and_gone_after_an_error(cache: Cache) -> None:
    seen: list[Path] = []

    def work() -> None:
        with cache.scratch() as folder:
            assert folder.stat().st_mode & 0o077 == 0
            (folder / "file").touch()
            seen.append(folder)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert not seen[0].exists()


def test_what_a_killed_build_left_is_removed_a_day_later(cache: Cache) -> None:
    left = cache.root / "oci-1" / "unfinished" / "left"
    fresh = cache.root / "oci-1" / "unfinished" / "fresh"
    for folder in (left, fresh):
        folder.mkdir()
    os.utime(left, (0, 0))
    Cache(cache.root)
    assert not left.exists()
    assert fresh.exists()


def test_trimming_removes_what_was_not_used_for_longest_and_spares_the_last_hour(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=250)
    digests = [add(cache, bytes([number]) * 100) for number in range(4)]
    for age, digest in enumerate(digests):
        used = time.time() - 10_000 + age
        os.utime(cache.blob_path(digest), (used, used))
    assert cache.has_blob(digests[0])  # marks it as used
    cache.trim()
    assert [cache.blob_path(digest).exists() for digest in digests] == [True, False, False, True]
    cache.limit_bytes = 0
    cache.trim()
    assert [cache.blob_path(digest).exists() for digest in digests] == [True, False, False, False]


def test_trimming_removes_roots_whole(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=0)
    with cache.scratch() as folder:
        (folder / "root").mkdir()
        (folder / "root" / "file").write_bytes(bytes(10))
        root = cache.keep_root(folder / "root", digest_of(b"root"))
    os.utime(root, (0, 0))
    cache.trim()
    assert cache.root_path(digest_of(b"root")) is None


def test_the_second_of_two_builds_of_one_root_keeps_the_first(cache: Cache) -> None:
    for text in ("first", "second"):
        with cache.scratch() as folder:
            (folder / "root").mkdir()
            (folder / "root" / "file").write_text(text)
            root = cache.keep_root(folder / "root", digest_of(b"root"))
    assert (root / "file").read_text() == "first"


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "named"))
    assert Cache.default().root == tmp_path / "named"
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    assert Cache.default().root == tmp_path / "user" / "nbship"


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PackagingError, match=CACHE_VARIABLE):
        Cache(tmp_path / "file" / "cache")


def test_a_full_disk_says_what_to_do_and_other_errors_pass() -> None:
    with (
        pytest.raises(PackagingError, match=r"No space left on device\. Free some space"),
        writing(Path("x")),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(RegistryError, match="refused"), writing(Path("x")):
        raise RegistryError("refused")

from __future__ import annotations

import errno

import pytest

from nbship.errors import PackagingError, UsageError
from nbship.service.shipping.workshop import opened


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NBSHIP_CACHE_DIR", str(tmp_path))
    return tmp_path


def test_what_is_made_is_private_and_gone_with_the_work(cache):
    with opened({"a": 1.0}) as shop:
        room = shop.room("draft")
        assert room.is_relative_to(cache)
        assert (shop.folder.stat().st_mode & 0o777, room.stat().st_mode & 0o777) == (0o700, 0o700)
    assert not room.exists()
    with pytest.raises(UsageError, match="mine"), opened({"a": 1.0}):
        raise UsageError("mine")
    assert not list((cache / "oci-1" / "unfinished").iterdir())


def test_a_full_disk_is_told_with_what_can_be_done(cache):
    with pytest.raises(PackagingError, match=r"No space left.*NBSHIP_CACHE_DIR.*TMPDIR"), opened({"a": 1.0}):
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere")

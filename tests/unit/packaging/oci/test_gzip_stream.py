from __future__ import annotations

import gzip
import hashlib
import io
import os
import random
import subprocess

import pytest

from nbship.packaging.oci.gzip_stream import GzipStream

CHUNK = 1 << 19


def compressed(*parts: bytes) -> tuple[bytes, GzipStream]:
    target = io.BytesIO()
    with GzipStream(target) as stream:
        for part in parts:
            stream.write(part)
    return target.getvalue(), stream


def content_of(size: int) -> bytes:
    source = random.Random(7)
    return b"".join(
        source.choice([b"import numpy\n", b"return None\n", source.randbytes(9)]) for _ in range(size // 10)
    )[:size]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 17])
def test_what_comes_out_is_what_went_in(size: int) -> None:
    content = content_of(size)[:size]
    data, stream = compressed(content)
    assert gzip.decompress(data) == content
    assert (stream.plain_bytes, stream.size_bytes) == (len(content), len(data))
    assert stream.diff_id == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert stream.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_neither_the_cut_of_the_input_nor_the_number_of_cores_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    content = content_of(3 * CHUNK)
    whole, _ = compressed(content)
    pieces, _ = compressed(*(content[start : start + 1000] for start in range(0, len(content), 1000)))
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    many, _ = compressed(content)
    assert whole == pieces == many


def test_it_is_one_plain_member_that_gzip_itself_accepts() -> None:
    data, _ = compressed(content_of(4 * CHUNK))
    assert subprocess.run(["gzip", "-t"], input=data, check=False).returncode == 0
    assert data[4:8] == bytes(4)  # no time


def test_it_is_about_as_small_as_gzip_of_the_whole() -> None:
    content = content_of(8 * CHUNK)
    data, _ = compressed(content)
    assert len(data) < 1.02 * len(gzip.compress(content, 4))


def test_an_error_while_writing_ends_the_threads_and_passes() -> None:
    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            if self.tell() > 100:
                raise OSError(28, "No space left on device")
            return super().write(data)  # type: ignore[arg-type]

    with pytest.raises(OSError, match="No space left"), GzipStream(Full()) as stream:
        stream.write(random.Random(1).randbytes(40 * CHUNK))

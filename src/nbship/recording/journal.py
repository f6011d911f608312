r"""The spool format: how events lie on disk, and how a kernel appends them.

Public: ``SpoolWriter.create(spool, opened)``, ``.append(event)``, ``.sync()``, ``.put_blob(data, suffix)``,
``.reserve_blob(suffix)``, ``.close()``; ``read_journal(path, offset=0) -> JournalPart``,
``count_events(path, offset) -> (count, end)``.

A journal is a file of lines. Each is the JSON object ``{"c":"<crc>","e":<event>}``, where ``<crc>`` is the
CRC-32 of the bytes of ``<event>`` in eight hexadecimal digits and ``<event>`` is what
`nbship.model.event.event_to_json` gives. Everything is ASCII. The first line is a `SessionOpened`, which carries
the number of the format.

A line is written by one ``write`` to a descriptor in append mode. So a writer that is killed leaves whole lines,
or at worst one last line without its newline, which readers leave out. A power cut may cost what the operating
system had not yet written; `SpoolWriter.sync` is for those who want to wait for the disk.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import uuid
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import SpoolError
from nbship.model.event import Event, SessionOpened, event_from_json, event_to_json
from nbship.recording.layout import BLOBS, JOURNAL

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Entry", "JournalPart", "SpoolWriter", "count_events", "read_journal"]

_HEAD = len(b'{"c":"00000000","e":')


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a journal: the bytes from `start` to `end`, and the event or the reason why it is unreadable."""

    start: int
    end: int
    event: Event | None
    error: SpoolError | None = None


@dataclass(frozen=True, slots=True)
class JournalPart:
    """The whole lines behind an offset; `end` is where the next reading starts, `torn` says that bytes follow it."""

    entries: tuple[Entry, ...]
    end: int
    torn: bool


def encode_line(event: Event) -> bytes:
    """Return the line of an event, with its checksum and newline."""
    body = json.dumps(event_to_json(event), separators=(",", ":"), default=str).encode("ascii")
    return b'{"c":"%08x","e":%s}\n' % (zlib.crc32(body), body)


def decode_line(line: bytes) -> Event:
    """Return the event of a line without its newline.

    Raises
    ------
    ValueError
        When the frame, the checksum or the event is wrong.
    """
    return event_from_json(decode_object(line))


def decode_object(line: bytes) -> dict[str, Any]:
    """Return the event of a line as the JSON object that it is; an eighth of the time of `decode_line`.

    Raises
    ------
    ValueError
        When the frame or the checksum is wrong.
    """
    body = line[_HEAD:-1]
    if line != b'{"c":"%08x","e":%s}' % (zlib.crc32(body), body):
        raise ValueError("the checksum does not fit the text")
    event: dict[str, Any] = json.loads(body)
    return event


def read_journal(path: Path, offset: int = 0) -> JournalPart:
    """Read the whole lines behind `offset`.

    Raises
    ------
    SpoolError
        When the file cannot be read. A line that is corrupt does not raise: its entry carries the error.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except OSError as error:
        raise SpoolError(f"cannot read {path}: {error}") from error
    whole, _, rest = data.rpartition(b"\n")
    end = offset + len(data) - len(rest)
    return JournalPart(_entries(path, whole, offset) if end > offset else (), end, torn=bool(rest))


def count_events(path: Path, offset: int) -> tuple[int, int]:
    """Return how many events lie behind `offset`, corrupt ones included, and where the last one ends; reads none of them.

    Raises
    ------
    OSError
        When the file cannot be read.
    """
    count, end = 0, offset
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if line.endswith(b"\n"):
                count += line != b"\n"
                end += len(line)
    return count, end


def _entries(path: Path, data: bytes, start: int) -> tuple[Entry, ...]:
    entries = []
    for line in data.split(b"\n"):
        end = start + len(line) + 1
        if line:
            entries.append(_entry(path, line, start, end))
        start = end
    return tuple(entries)


def _entry(path: Path, line: bytes, start: int, end: int) -> Entry:
    try:
        return Entry(start, end, decode_line(line))
    except ValueError as error:
        return Entry(start, end, None, SpoolError(f"{path}: corrupt line at byte {start}: {error}"))


class SpoolWriter:
    """Appends the events of one kernel to its session in the spool.

    Nothing is created before the first `append` or `put_blob`. All methods may be called from any thread. In a
    forked child they do nothing: the session belongs to the process that opened it.
    """

    def __init__(self, spool: Path, opened: SessionOpened) -> None:
        self.spool = spool
        self.opened = opened
        self.folder = spool / opened.session
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._fd: int | None = None
        self._torn = False

    @classmethod
    def create(cls, spool: Path, opened: SessionOpened) -> Self:
        """Return a writer for the session; `opened` becomes its first event."""
        return cls(spool, opened)

    @property
    def started(self) -> bool:
        """Whether the session lies on disk."""
        return self._fd is not None

    def append(self, event: Event) -> None:
        """Write one event; it survives the death of this process from here on.

        Raises
        ------
        SpoolError
            When the disk refuses, e.g. because it is full.
        """
        if os.getpid() != self._pid:
            return
        line = encode_line(event)
        with self._lock:
            self._write(self._descriptor(), line)

    def sync(self) -> None:
        """Wait until what was appended is on the disk itself."""
        if os.getpid() == self._pid and self._fd is not None:
            os.fsync(self._fd)

    def put_blob(self, data: bytes | Path, suffix: str = "") -> str:
        """Copy bytes or a file into the session and return the name that events refer to it by.

        Raises
        ------
        SpoolError
            When the disk refuses or the file cannot be read.
        """
        name, path = self.reserve_blob(suffix)
        try:
            if isinstance(data, Path):
                shutil.copyfile(data, path)
            else:
                path.write_bytes(data)
        except OSError as error:
            raise SpoolError(
                f"cannot keep {len(data) if isinstance(data, bytes) else data} in {path}: {error}"
            ) from error
        return name

    def reserve_blob(self, suffix: str = "") -> tuple[str, Path]:
        """Return the name of a new blob and the path to write it to, for content that is written piece by piece."""
        if os.getpid() == self._pid:
            with self._lock:
                self._descriptor()
        name = uuid.uuid4().hex + suffix
        return name, self.folder / BLOBS / name

    def close(self) -> None:
        """Release the file; a later `append` opens it again."""
        with self._lock:
            if self._fd is not None and os.getpid() == self._pid:
                os.close(self._fd)
            self._fd = None

    def _descriptor(self) -> int:
        if self._fd is not None and not os.fstat(self._fd).st_nlink:
            os.close(self._fd)  # somebody deleted the session; what comes now must not go the same way
            self._fd = None
        if self._fd is None:
            try:
                self._fd = self._open()
            except OSError as error:
                raise SpoolError(f"cannot write the spool {self.spool}: {error}") from error
        return self._fd

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        if self.folder.exists():
            return os.open(self.folder / JOURNAL, flags, 0o600)
        # The folder appears under its name together with its first line, so no recorder meets it half made.
        making = self.spool / f".{self.opened.session}"
        (making / BLOBS).mkdir(parents=True, exist_ok=True)
        fd = os.open(making / JOURNAL, flags | os.O_TRUNC, 0o600)
        self._write(fd, encode_line(self.opened))
        if os.name == "nt":  # an open file keeps Windows from renaming its folder
            os.close(fd)
            making.rename(self.folder)
            return os.open(self.folder / JOURNAL, flags, 0o600)
        making.rename(self.folder)
        return fd

    def _write(self, fd: int, line: bytes) -> None:
        # After a write that a full disk cut short, the next line starts on its own, so only one line is lost.
        line = b"\n" + line if self._torn else line
        try:
            written = os.write(fd, line)
            while written < len(line):
                written += os.write(fd, line[written:])
        except OSError as error:
            self._torn = True
            raise SpoolError(f"cannot append to {self.folder / JOURNAL}: {error}") from error
        self._torn = False

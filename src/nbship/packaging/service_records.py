"""What is known of the processes that serve a model: a record each, ``<home>/services/NAME.json``, and a private folder.

Public: ``claim_service(home, name) -> ServiceClaim`` (as a context), ``ServiceRecord``, ``read_records(home)``.

A name is claimed with a lock of the operating system, which ends with the process that holds it, however that ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.errors import PackagingError, UsageError
from nbship.model.codec import decode, encode
from nbship.model.image import ServedModel  # noqa: TC001 - the codec reads the annotations
from nbship.packaging.process import RunningProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ServiceClaim", "ServiceRecord", "claim_service", "read_record", "read_records"]

RECORD_VERSION = 1
"""Format of a record. Raise it when an older nbship would misread a new one; adding a field with a default needs none."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """A process that serves a model, as it was written down when it started; `host` is the machine's name."""

    model: ServedModel
    port: int
    host: str
    version: int = RECORD_VERSION

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine: a project folder may be shared by several."""
        return self.host == socket.gethostname()


@dataclass(frozen=True, slots=True)
class ServiceClaim:
    """A name that nobody else can serve under meanwhile, and a private folder that is removed when the service stops."""

    home: Path
    name: str

    @property
    def folder(self) -> Path:
        """The private folder; it exists, and is empty at first."""
        return service_folder(self.home, self.name)

    def process(self, record: ServiceRecord) -> RunningProcess:
        """Return the process of a record."""
        return RunningProcess(self.folder.resolve(), record.port, record.model.pid)

    def write(self, record: ServiceRecord) -> None:
        """Replace the record in one step."""
        path = _record_path(self.home, self.name)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(encode(record)), encoding="utf-8")
        temporary.replace(path)

    def forget(self) -> None:
        """Remove record and folder, as far as they are there."""
        _record_path(self.home, self.name).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def claim_service(home: Path, name: str) -> Iterator[ServiceClaim]:
    """Claim a name for the block, in which its server is to be started; an error there removes what the block left.

    What a server of that name which has ended by itself left behind is removed first.

    Parameters
    ----------
    home
        The project's ``.nbship``.
    name
        1 to 63 of a-z, 0-9, ``.``, ``_`` and ``-``.

    Raises
    ------
    UsageError
        When the name is malformed, or a process of that name runs or is being started.
    PackagingError
        When the folder cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of a service: take up to 63 of a-z, 0-9, '.', '_' and '-', "
            "a letter or digit first"
        )
    claim = ServiceClaim(home, name)
    with _locked(home, name):
        _make_room(claim)
        try:
            yield claim
        except BaseException:  # Ctrl-C too: what never became a service leaves nothing
            claim.forget()
            raise


@contextmanager
def _locked(home: Path, name: str) -> Iterator[None]:
    try:
        _services(home).mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        descriptor = os.open(_services(home) / f".{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PackagingError(f"nothing can be served from {home}: {error}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise UsageError(
            f"{name!r} is just being started elsewhere: wait for it, or take another name"
        ) from error
    finally:
        os.close(descriptor)


def _make_room(claim: ServiceClaim) -> None:
    record = read_record(claim.home, claim.name)
    if record is not None and (not record.is_here or claim.process(record).is_alive()):
        where = "" if record.is_here else f" by {record.host}"
        raise UsageError(
            f"{claim.name!r} is already served{where} at {record.model.endpoint}: "
            f"stop it first (nbship stop {claim.name}), or take another name"
        )
    claim.forget()
    try:
        claim.folder.mkdir(mode=_PRIVATE)
    except OSError as error:
        raise PackagingError(f"{claim.folder} cannot be made: {error}") from error


def service_folder(home: Path, name: str) -> Path:
    """Return the private folder of a service."""
    return _services(home) / f"{name}.d"  # with an ending, or the folder of "a.json" were the record of "a"


def read_records(home: Path) -> list[ServiceRecord]:
    """Return the records of all processes of a project, by name; damaged ones are passed over."""
    with suppress(OSError):
        names = sorted(path.stem for path in _services(home).glob("[!.]*.json"))
        return [record for name in names if (record := read_record(home, name))]
    return []


def read_record(home: Path, name: str) -> ServiceRecord | None:
    """Return the record of a name; None without one."""
    try:
        data: dict[str, Any] = json.loads(_record_path(home, name).read_text(encoding="utf-8"))
        return decode(ServiceRecord, data)
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        return None


def _services(home: Path) -> Path:
    return home / "services"


def _record_path(home: Path, name: str) -> Path:
    return _services(home) / f"{name}.json"

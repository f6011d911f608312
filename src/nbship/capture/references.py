"""The profiles of a run's datasets, for later data to be compared with.

Public: `log_profiles`, `PendingArtifact`, `write_pending`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from nbship.capture.datasets import file_name
from nbship.capture.even_rows import even_rows, is_table
from nbship.capture.selection import find_datasets
from nbship.capture.watch import error_text
from nbship.errors import SpoolError
from nbship.model.event import ArtifactRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nbship.capture.open_run import OpenRun
    from nbship.capture.session import Session, Sink
    from nbship.model.data import DatasetRecord

__all__ = ["PendingArtifact", "log_profiles", "write_pending"]

_FOLDER = "nbship/profiles"
_LONGEST_STEM = 100
_MOST_PENDING_CELLS = 2_000_000
"""Of the copies that a run holds while its cell runs; 16 MB of numbers."""


@dataclass(frozen=True, slots=True)
class PendingArtifact:
    """A file of a run that is made when the cell is over.

    Attributes
    ----------
    path
        Among the run's artifacts.
    what
        How to call it where it cannot be made.
    make
        Returns its content. It reads nothing that the kernel may change meanwhile.
    """

    path: str
    what: str
    make: Callable[[], bytes]


def log_profiles(session: Session, run: OpenRun, records: Sequence[DatasetRecord]) -> None:
    """Keep the profile of each table among the datasets that a run has just got, and some rows for its model.

    A table that is new to the kernel is copied now and summarised when the cell is over; a large one is summarised now,
    since the copy would take the memory that the cell may need.
    """
    tables = [record for record in records if record.source == "variable"]
    if not session.settings().profiles or not tables:
        return
    values = dict(find_datasets({record.name.split("[")[0] for record in tables}, session.namespace))
    written = []
    for record in tables:
        value = values.get(record.name)
        try:
            written += _profiled(session, run, record, value) if is_table(value) else []
        except SpoolError:
            raise  # nothing more can be kept at all
        except Exception as error:  # noqa: BLE001 - tables of any library, with values of any class
            run.warnings.append(_complaint(f"profile of {record.name}", error))
    if written:
        session.sink().append(run.log(artifacts=tuple(written)))


def _profiled(session: Session, run: OpenRun, record: DatasetRecord, value: Any) -> list[ArtifactRecord]:
    """Return the profile of a table; nothing where it is made later."""
    settings, digest = session.settings(), record.fingerprint.digest
    rows, columns = value.shape
    file = _new_file(record.name, run)
    if settings.models:
        run.samples.add(record.name, digest, file, value)
    build = partial(
        session.profiles.build,
        name=record.name,
        digest=digest,
        masker=session.masker,
        min_count=settings.profile_min_count,
    )
    path = f"{_FOLDER}/{file}.json"
    data = session.profiles.known(record.name, digest, settings.profile_min_count)
    if data is None and run.pending_cells + rows * columns <= _MOST_PENDING_CELLS:
        copy = even_rows(value, rows)
        run.pending.append(PendingArtifact(path, f"profile of {record.name}", partial(build, copy)))
        run.pending_cells += rows * columns
        return []
    return [ArtifactRecord(path, session.sink().put_blob(data or build(value), ".json"))]


def _new_file(name: str, run: OpenRun) -> str:
    """Return a name that no file of the run has; those of one dataset sort in the order of its versions."""
    stem = file_name(name)[:_LONGEST_STEM]
    names = (stem if number == 1 else f"{stem}_{number:03}" for number in itertools.count(1))
    file = next(name for name in names if name.casefold() not in run.profiled)
    run.profiled[file.casefold()] = None  # some file systems do not tell `X` from `x`
    return file


def write_pending(sink: Sink, run: OpenRun, pending: Iterable[PendingArtifact]) -> None:
    """Make and keep what was put off; never raises, since it is work for a thread beside the kernel's."""
    for one in pending:
        try:
            record = ArtifactRecord(one.path, sink.put_blob(one.make(), ".json"))
            sink.append(run.log(artifacts=(record,)))
        except SpoolError:
            return  # a full disk is reported where the run itself is written
        except Exception as error:  # noqa: BLE001 - as above
            sink.append(run.log(warnings=(_complaint(one.what, error),)))


def _complaint(what: str, error: Exception) -> str:
    return f"no {what}: {type(error).__name__}: {error_text(error)}"

"""The profiles of a run's datasets, for later data to be compared with.

Public: `log_profiles`, `PendingArtifact`, `write_pending`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from nbship.capture.datasets import file_name
from nbship.capture.even_rows import is_table
from nbship.capture.profiles import too_wide
from nbship.capture.selection import find_datasets
from nbship.capture.thinned import plan, thin
from nbship.capture.watch import error_text
from nbship.errors import SpoolError
from nbship.model.event import ArtifactRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nbship.capture.open_run import OpenRun
    from nbship.capture.session import Session, Sink
    from nbship.capture.thinned import Thinned
    from nbship.model.data import DatasetRecord

__all__ = ["PendingArtifact", "log_profiles", "write_pending"]

_FOLDER = "nbship/profiles"
_LONGEST_STEM = 100
_MOST_PENDING_CELLS = 2_000_000
"""Of the copies that a run holds while its cell runs; 16 MB of numbers."""
_FEWEST_ROWS = 1_000
"""Copied of each table, however many there are."""
_SECONDS_NOW = 1.2
_SECONDS_LATER = 4.0
"""Less than a kernel waits for at its end."""
_NAMED = 3


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
    digest, rows
        Of a profile: the content, and the rows of it that `make` holds.
    cells, seconds
        What it holds, and the CPU time that it will take.
    """

    path: str
    what: str
    make: Callable[[], bytes]
    digest: str = ""
    rows: Thinned | None = None
    cells: int = 0
    seconds: float = 0.0


def log_profiles(session: Session, run: OpenRun, records: Sequence[DatasetRecord]) -> None:
    """Keep the profile of each table among the datasets that a run has just got, and some rows for its model.

    A table that is new to the kernel is copied now and summarised when the cell is over; a large one is summarised now,
    since the copy would take the memory that the cell may need. Of many or wide tables, only some rows are.
    """
    tables = [record for record in records if record.source == "variable"]
    if not session.settings().profiles or not tables:
        return
    values = dict(find_datasets({record.name.split("[")[0] for record in tables}, session.namespace))
    work = _Work(session, run, _SECONDS_NOW)
    for record in tables:
        value = values.get(record.name)
        try:
            if is_table(value):
                work.profile(record, value)
        except SpoolError:
            raise  # nothing more can be kept at all
        except Exception as error:  # noqa: BLE001 - tables of any library, with values of any class
            run.warnings.append(_complaint(f"profile of {record.name}", error))
    work.finish()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A profile that a run is to have; `build` makes it of some rows of the table."""

    name: str
    digest: str
    path: str
    build: Callable[[Thinned], bytes]

    def pending(self, rows: Thinned, cells: int = 0, seconds: float = 0.0) -> PendingArtifact:
        """Return it as work for later."""
        make = partial(self.build, rows)
        return PendingArtifact(self.path, f"profile of {self.name}", make, self.digest, rows, cells, seconds)


@dataclass(slots=True)
class _Work:
    """The tables of one cell, and how much of the time for them is left."""

    session: Session
    run: OpenRun
    seconds_left: float
    written: list[ArtifactRecord] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def profile(self, record: DatasetRecord, value: Any) -> None:
        """Make the profile of a table, or have it made later."""
        settings, name, digest = self.session.settings(), record.name, record.fingerprint.digest
        file = _new_file(name, self.run)
        if settings.models:
            self.run.samples.add(name, digest, file, value)
        minimum, profiles = settings.profile_min_count, self.session.profiles
        build = partial(
            profiles.build, name=name, digest=digest, masker=self.session.masker, min_count=minimum
        )
        wanted = _Wanted(name, digest, f"{_FOLDER}/{file}.json", build)
        data = profiles.known(name, digest, minimum) or too_wide(value, name, digest)
        twin = next((one.rows for one in self.run.pending if one.digest == digest and one.rows), None)
        if data is not None:
            self._write(wanted, data)
        elif twin is not None:
            self.run.pending.append(wanted.pending(twin))
        else:
            self._new(wanted, value)

    def _new(self, wanted: _Wanted, value: Any) -> None:
        """Make the profile of a large table now, and of a small one later; of a copy that has as many rows as fit."""
        intended = plan(value)
        room = _MOST_PENDING_CELLS - sum(one.cells for one in self.run.pending)
        later = intended.at_most(max(_FEWEST_ROWS, room // max(1, value.shape[1])))
        if later.cells < intended.cells and intended.seconds <= self.seconds_left:
            self.seconds_left -= intended.seconds
            self._write(wanted, wanted.build(thin(value, intended, copy=False)))
        elif later.seconds + sum(one.seconds for one in self.run.pending) > _SECONDS_LATER:
            self.left_out.append(wanted.name)
        else:
            rows = thin(value, later, copy=True)
            self.run.pending.append(wanted.pending(rows, later.cells, later.seconds))

    def _write(self, wanted: _Wanted, data: bytes) -> None:
        self.written.append(ArtifactRecord(wanted.path, self.session.sink().put_blob(data, ".json")))

    def finish(self) -> None:
        """Hand on what was made, and say what was not."""
        if self.written:
            self.session.sink().append(self.run.log(artifacts=tuple(self.written)))
        if self.left_out:
            more = len(self.left_out) - _NAMED
            names = ", ".join(self.left_out[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
            self.run.warnings.append(
                f"no profile of {names}: one cell's tables are summarised for {_SECONDS_LATER:g} s at most"
            )


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

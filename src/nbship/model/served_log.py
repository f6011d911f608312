"""Prediction logs of servers, read back.

A log is a folder of segments, or one of them. The first line of a segment is its header,
``{"nbship_log": 1, "model_digest": …, "columns": [{"name", "type"}, …], …}``; every other line is an answered row,
``{"ts_ms", "id", "row", "inputs", "prediction", "latency_ms"}``, or what turned out to be true for one,
``{"ts_ms", "id", "row", "target"}``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LOG_VERSION", "LoggedColumn", "ServedLog", "is_served_log", "read_log"]

LOG_VERSION = 1
"""Format of the segments. Adding a key needs no bump; anything else does, with a reader for the older format."""

_MARK = "nbship_log"


@dataclass(frozen=True, slots=True)
class LoggedColumn:
    """A logged column: name, and MLflow's name of its type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ServedLog:
    """What a prediction log says, oldest row first.

    Attributes
    ----------
    columns
        Of all segments together; empty for a model that takes tensors.
    rows
        Values of each answered row in the order of `columns`; None where a segment has no such column.
        For tensors a list with the one example.
    predictions
        One of each row.
    targets
        What feedback said of each row; None where there is none, the last word where there are several.
    times_ms
        When each request came, Unix milliseconds.
    request_ids, row_numbers
        What feedback is joined by.
    model_digests
        SHA-256 of the models that answered, in order of appearance.
    unmatched_targets
        Feedback for rows that are not in the log, as those of requests that were not sampled.
    broken_lines
        Lines that could not be read, such as the last one of a server that was killed.
    """

    columns: tuple[LoggedColumn, ...]
    rows: list[list[Any]]
    predictions: list[Any]
    targets: list[Any]
    times_ms: list[int]
    request_ids: list[str]
    row_numbers: list[int]
    model_digests: tuple[str, ...]
    run_ids: tuple[str, ...]
    unmatched_targets: int = 0
    broken_lines: int = 0

    def table(self) -> dict[str, list[Any]]:
        """Return the inputs by column name."""
        return {column.name: [row[place] for row in self.rows] for place, column in enumerate(self.columns)}


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    columns: dict[str, str] = field(default_factory=dict)
    records: list[tuple[int, str, int, Any, Any]] = field(default_factory=list)
    targets: dict[tuple[str, int], Any] = field(default_factory=dict)
    digests: dict[str, None] = field(default_factory=dict)
    runs: dict[str, None] = field(default_factory=dict)
    broken: int = 0


def is_served_log(path: Path) -> bool:
    """Return whether a file, or any file of a folder, is a segment of a prediction log."""
    return any(_first_header(segment) is not None for segment in _segments(path))


def read_log(path: Path) -> ServedLog:
    """Read a prediction log; torn and foreign lines are counted, not raised.

    Parameters
    ----------
    path
        A segment, or a folder of segments; other files of the folder are ignored.

    Raises
    ------
    OSError
        When a file cannot be read.
    ValueError
        When nothing there is a prediction log, or one is of a version that this nbship does not know.
    """
    reading, found = _Reading(), 0
    for segment in _segments(path):
        header = _first_header(segment)
        if header is None:
            continue
        _check_version(header, segment)
        found += 1
        _read_header(header, reading)
        _read_lines(segment, reading)
    if not found:
        raise ValueError(f"{path} holds no prediction log: no file begins with a header of nbship")
    return _assembled(reading)


def _segments(path: Path) -> list[Path]:
    """Return the segments by name, which is by time."""
    if not path.is_dir():
        return [path]
    return sorted(it for it in path.iterdir() if it.suffix == ".jsonl" and it.is_file())


def _first_header(segment: Path) -> dict[str, Any] | None:
    with segment.open("rb") as file:
        first = _record(file.readline())
    return first if first is not None and _MARK in first else None


def _check_version(header: dict[str, Any], segment: Path) -> None:
    version = header[_MARK]
    if not isinstance(version, int) or version > LOG_VERSION:
        raise ValueError(
            f"{segment} has format {version}, this nbship reads up to {LOG_VERSION}: update nbship"
        )


def _read_header(header: dict[str, Any], reading: _Reading) -> None:
    for column in header.get("columns") or []:
        reading.columns.setdefault(column["name"], column["type"])
    reading.digests[header.get("model_digest", "")] = None
    reading.runs[header.get("run_id", "")] = None


def _read_lines(segment: Path, reading: _Reading) -> None:
    with segment.open("rb") as file:
        next(file)
        for line in file:
            record = _record(line)
            if record is None or not _take(record, reading):
                reading.broken += 1


def _record(line: bytes) -> dict[str, Any] | None:
    """Return a line's object; None for what is none, and for a line that was cut off."""
    if not line.endswith(b"\n"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _take(record: dict[str, Any], reading: _Reading) -> bool:
    key, time_ms = (record.get("id"), record.get("row")), record.get("ts_ms")
    if not (isinstance(key[0], str) and isinstance(key[1], int) and isinstance(time_ms, int)):
        return False
    if "target" in record:
        reading.targets[key[0], key[1]] = record["target"]
        return True
    if "inputs" not in record or "prediction" not in record:
        return False
    reading.records.append((time_ms, key[0], key[1], record["inputs"], record["prediction"]))
    return True


def _assembled(reading: _Reading) -> ServedLog:
    records = sorted(reading.records, key=lambda record: record[0])
    keys = [(request_id, row) for _, request_id, row, _, _ in records]
    return ServedLog(
        columns=tuple(LoggedColumn(name, kind) for name, kind in reading.columns.items()),
        rows=[_row(inputs, reading.columns) for _, _, _, inputs, _ in records],
        predictions=[prediction for *_, prediction in records],
        targets=[reading.targets.get(key) for key in keys],
        times_ms=[time_ms for time_ms, *_ in records],
        request_ids=[request_id for request_id, _ in keys],
        row_numbers=[row for _, row in keys],
        model_digests=_named(reading.digests),
        run_ids=_named(reading.runs),
        unmatched_targets=len(reading.targets.keys() - set(keys)),
        broken_lines=reading.broken,
    )


def _row(inputs: Any, names: Iterable[str]) -> list[Any]:
    if isinstance(inputs, dict):
        return [inputs.get(name) for name in names]
    return [inputs]


def _named(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in found if name)

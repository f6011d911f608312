"""The log of what was asked and answered, in lines of JSON; it never holds up or fails a request."""

from __future__ import annotations

import sys
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from nbship.serving.log_segments import Segments
from nbship.serving.request_id import is_sampled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from nbship.model.bundle import Bundle

__all__ = ["LoggedFeedback", "LoggedRequest", "PredictionLog"]

_EVERY_SECONDS = 0.5
_MOST_ROWS = 200_000
"""How many rows wait for the disk at most."""
_CHUNK_BYTES = 1 << 20
_CHUNKS = 16
"""At least; so a chunk fills half a segment at most."""
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


@dataclass(slots=True)
class LoggedRequest:
    """One answered request: when it came, its rows in signature order, and what was answered."""

    time_ms: int
    request_id: str
    rows: list[list[Any]]
    predictions: list[Any]
    latency_ms: float


@dataclass(slots=True)
class LoggedFeedback:
    """What turned out to be true for the rows of a request: row and target."""

    time_ms: int
    request_id: str
    targets: list[tuple[int, Any]]


class PredictionLog:
    """Takes entries in memory; one thread writes them, twice a second.

    Parameters
    ----------
    bundle
        Gives the header its columns and digest.
    folder, most_bytes, sample, redact
        As in `nbship.serving.settings.ServeSettings`.
    complain
        Takes the one line that tells of a disk that cannot be written; standard error by default.
    """

    def __init__(
        self,
        bundle: Bundle,
        folder: Path,
        *,
        most_bytes: int = 128 << 20,
        sample: float = 1.0,
        redact: Collection[str] = (),
        complain: Callable[[str], None] | None = None,
    ) -> None:
        self._names = [column.name for column in bundle.inputs]
        self._kept = [name not in redact for name in self._names]
        self._keeps_all = all(self._kept)
        self._sample = sample
        self._chunk_bytes = min(_CHUNK_BYTES, most_bytes // _CHUNKS)
        self._segments = Segments(folder, _header(bundle, redact), most_bytes)
        self._complain = complain or _to_stderr
        self._folder = folder
        self._waiting: deque[LoggedRequest | LoggedFeedback] = deque()
        self._rows_waiting = 0
        self._count_lock = threading.Lock()
        self._failing = False
        self.dropped = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prediction-log", daemon=True)
        self._thread.start()

    def add(self, entry: LoggedRequest | LoggedFeedback) -> None:
        """Take an entry; what does not fit into memory any more is counted as dropped."""
        if not is_sampled(entry.request_id, self._sample):
            return
        rows = _rows_of(entry)
        with self._count_lock:
            if self._rows_waiting + rows > _MOST_ROWS:
                self.dropped += rows
                return
            self._rows_waiting += rows
        self._waiting.append(entry)

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Write what is left and stop."""
        self._stop.set()
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            stopping = self._stop.wait(_EVERY_SECONDS)
            self._drain()
        self._segments.close()

    def _drain(self) -> None:
        lines: list[bytes] = []
        size = 0
        while self._waiting:
            for line in self._lines(self._waiting.popleft()):
                lines.append(line)
                size += len(line)
                if size >= self._chunk_bytes:
                    self._write(lines)
                    lines, size = [], 0
        if lines:
            self._write(lines)

    def _write(self, lines: list[bytes]) -> None:
        try:
            self._segments.append(b"".join(lines))
        except OSError as error:
            self._done(len(lines), dropped=len(lines))
            if not self._failing:
                reason = error.strerror or type(error).__name__
                self._complain(
                    f"nbship: predictions are not logged: {self._folder}: {reason}; serving goes on"
                )
            self._failing = True
        else:
            self._done(len(lines))
            if self._failing:
                self._complain(f"nbship: predictions are logged again: {self._folder}")
            self._failing = False

    def _done(self, rows: int, *, dropped: int = 0) -> None:
        with self._count_lock:
            self._rows_waiting -= rows
            self.dropped += dropped

    def _lines(self, entry: LoggedRequest | LoggedFeedback) -> Iterator[bytes]:
        """Yield the lines of an entry; what JSON cannot hold, such as an integer of 65 bits, counts as dropped."""
        for record in self._records(entry):
            try:
                yield _line(record)
            except orjson.JSONEncodeError:
                self._done(1, dropped=1)

    def _records(self, entry: LoggedRequest | LoggedFeedback) -> Iterator[dict[str, Any]]:
        common = {"ts_ms": entry.time_ms, "id": entry.request_id}
        if isinstance(entry, LoggedFeedback):
            for place, target in entry.targets:
                yield {**common, "row": place, "target": target}
            return
        for number, (row, prediction) in enumerate(zip(entry.rows, entry.predictions, strict=True)):
            answer = {"inputs": self._inputs(row), "prediction": prediction, "latency_ms": entry.latency_ms}
            yield {**common, "row": number, **answer}

    def _inputs(self, row: Any) -> Any:
        """Return a row by column name; the example of a tensor as it is."""
        if not self._names:
            return row
        if self._keeps_all:
            return dict(zip(self._names, row, strict=True))
        named = zip(self._names, row, self._kept, strict=True)
        return {name: value for name, value, kept in named if kept}


def _rows_of(entry: LoggedRequest | LoggedFeedback) -> int:
    return len(entry.rows) if isinstance(entry, LoggedRequest) else len(entry.targets)


def _line(record: dict[str, Any]) -> bytes:
    return orjson.dumps(record, default=_text, option=_OPTIONS) + b"\n"


def _text(value: Any) -> str:
    """Return what JSON has no form for: bytes as hexadecimal digits."""
    return value.hex() if isinstance(value, bytes) else str(value)


def _header(bundle: Bundle, redact: Collection[str]) -> bytes:
    return _line(
        {
            "nbship_log": 1,
            "model": bundle.name,
            "model_version": bundle.model_version,
            "model_digest": bundle.model_digest,
            "run_id": bundle.run_id,
            "columns": [{"name": it.name, "type": it.type} for it in bundle.inputs if it.name not in redact],
            "tensor": None
            if bundle.tensor is None
            else {"dtype": bundle.tensor.dtype, "shape": bundle.tensor.shape, "name": bundle.tensor.name},
            "redacted": sorted({it.name for it in bundle.inputs} & set(redact)),
            "outputs": [{"name": output.name, "type": output.type} for output in bundle.outputs],
        }
    )


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the container's log

"""``--progress json``: how work goes on, for another program that reads the standard error stream.

Each line that begins with ``{`` is a JSON object, which takes the place of the one before; any other line is log. Objects
come at every change, but not more than five a second, nor more often than costs a twentieth of a core; the last one
always comes. Text of cells that begins with ``{`` is moved by a blank, so that no cell can pass for progress.
"""

from __future__ import annotations

import json
import math
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Generic, TextIO, TypeVar

from nbship.model.codec import encode
from nbship.model.run import json_number
from nbship.model.step import CellState, StepProgress, StepState

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from nbship.model.pipeline import PipelineReport, SweepReport
    from nbship.model.step import StepResult

__all__ = ["ProgressLines", "StepLines", "pipeline_object", "sweep_object"]

T = TypeVar("T")

INTERVAL_SECONDS = 0.2
_SHARE = 0.05
_PARTIAL_SECONDS = 1.0
_LOG_CHARACTERS = 4_000_000
_TRACEBACK_LINES = 30
_SOURCE_CHARACTERS = 2000


class ProgressLines(Generic[T]):
    """Writes the newest value that it is told, and a log, to a stream; a context manager.

    One thread writes, and no signal comes to it: an interrupt cuts no line in two, and a slow reader holds nothing up.
    When the reader goes away, the work goes on in silence.

    Parameters
    ----------
    form
        Makes the JSON object of a value.
    stream
        Where to write; by default the standard error stream.
    """

    def __init__(self, form: Callable[[T], dict[str, Any]], stream: TextIO | None = None) -> None:
        self._form = form
        self._stream = stream or sys.stderr
        self._changed = threading.Condition()
        self._newest: list[T] = []
        self._logs: dict[str, _Lines] = {}
        self._closing = self._gone = False
        self._thread = threading.Thread(target=self._write_on, name="nbship-progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def tell(self, value: T) -> None:
        """Write the value now or soon, unless a newer one comes before."""
        with self._changed:
            self._newest[:] = [value]
            self._changed.notify()

    def log(self, name: str, text: str) -> None:
        """Write text of the stream of that name, line by line; a line that does not end is written after a second."""
        with self._changed:
            if not self._gone:
                self._logs.setdefault(name, _Lines()).add(text, time.monotonic())
                self._changed.notify()

    def _write_on(self) -> None:
        try:
            while self._write_once():
                pass
        except (OSError, ValueError):  # whoever looked is gone
            with self._changed:
                self._gone = True
                self._logs.clear()

    def _write_once(self) -> bool:
        """Write what there is, and pause; False when it was the last time."""
        with self._changed:
            waits = any(log.waits for log in self._logs.values())
            self._changed.wait_for(self._has_work, timeout=_PARTIAL_SECONDS if waits else None)
            closing = self._closing
            values, self._newest = self._newest, []
            now = time.monotonic()
            lines = [line for log in self._logs.values() for line in log.take(now, whole=closing)]
        self._write(lines, values)
        pause = max(INTERVAL_SECONDS, (time.monotonic() - now) / _SHARE)
        with self._changed:
            self._changed.wait_for(lambda: self._closing, timeout=0 if closing else pause)
        return not closing

    def _has_work(self) -> bool:
        return self._closing or bool(self._newest) or any(log.has_lines for log in self._logs.values())

    def _write(self, lines: list[str], values: list[T]) -> None:
        texts = [f" {line}" if line.startswith("{") else line for line in lines]
        texts += [_dumped(self._form(value)) for value in values]
        if texts:
            self._stream.write("".join(f"{text}\n" for text in texts))
            self._stream.flush()


class _Lines:
    """Cuts a stream of text into lines, as a terminal would show them."""

    def __init__(self) -> None:
        self.has_lines = False
        self._parts: list[str] = []
        self._size = 0
        self._since = 0.0

    @property
    def waits(self) -> bool:
        """Whether there is a line without an end."""
        return bool(self._parts)

    def add(self, text: str, now: float) -> None:
        if not self._parts:
            self._since = now
        self._parts.append(text)
        self._size += len(text)
        self.has_lines = self.has_lines or "\n" in text
        if self._size > _LOG_CHARACTERS:  # nobody reads, or not as fast as is written
            kept = "".join(self._parts)[-_LOG_CHARACTERS // 2 :]
            self._parts, self._size = ["… (what came before is left out)\n", kept], len(kept)

    def take(self, now: float, *, whole: bool) -> list[str]:
        """Return the lines so far; one without an end only with `whole`, or when it has waited."""
        text = "".join(self._parts)
        head, end, rest = text.rpartition("\n")
        if rest and (whole or (not end and now - self._since >= _PARTIAL_SECONDS)):
            head, end, rest = text, "\n", ""
        self._parts, self._size, self.has_lines = [rest] if rest else [], len(rest), False
        if end:
            self._since = now
        return [_overwritten(line) for line in head.split("\n")] if end else []


def _overwritten(line: str) -> str:
    """Return what is to be seen of a line that was written over, as progress bars do."""
    return line.rstrip("\r").rpartition("\r")[2]


def _dumped(value: dict[str, Any]) -> str:
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value))


def _finite(value: Any) -> Any:
    """Return JSON types with the numbers that JSON has not as text."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return json_number(value) if isinstance(value, float) and not math.isfinite(value) else value


class StepLines(ProgressLines[tuple[StepProgress, StepState]]):
    """Progress of one step: that of its cells, and the step's state."""

    def __init__(self, step: str, stream: TextIO | None = None) -> None:
        super().__init__(_step_object, stream)
        self._last = StepProgress(step, 0, 0, 0.0)

    def __enter__(self) -> Self:
        self.tell((self._last, StepState.WAITING))
        return super().__enter__()

    def cell_began(self, progress: StepProgress) -> None:
        """Take the progress of a step that runs."""
        self._last = progress
        self.tell((progress, StepState.RUNNING))

    def ended(self, result: StepResult) -> None:
        """Take the end."""
        done = sum(cell.state is CellState.COMPLETED for cell in result.cells)
        total = self._last.total or len(result.cells)
        self.tell((StepProgress(result.name, done, total, result.seconds), result.state))


def _step_object(value: tuple[StepProgress, StepState]) -> dict[str, Any]:
    progress, state = value
    return {**encode(progress), "state": state.value}


def pipeline_object(report: PipelineReport) -> dict[str, Any]:
    """Return a report as progress: without the digests of outputs, and failures shortened."""
    data = report.to_dict()
    for step in data["steps"]:
        del step["outputs"]
        step["failure"] = _shortened(step["failure"])
    return data


def sweep_object(report: SweepReport) -> dict[str, Any]:
    """Return a report as progress: with failures shortened."""
    data = report.to_dict()
    for point in data["points"]:
        point["failure"] = _shortened(point["failure"])
    return data


def _shortened(failure: dict[str, Any] | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    traceback = failure["traceback"][-_TRACEBACK_LINES:]
    return {**failure, "traceback": traceback, "source": failure["source"][:_SOURCE_CHARACTERS]}

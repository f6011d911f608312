"""Batches without a timer: what arrived in the same turn of the event loop is predicted at once."""

from __future__ import annotations

import asyncio
import functools
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Batcher", "ModelRefusedError"]

_REFUSALS = (ArithmeticError, LookupError, TypeError, ValueError)
"""What models raise at rows that they cannot take; anything else is a fault of the model."""

_MOST_ROWS = 1024
_SLOW_SECONDS = 0.003
"""Slower batches run in the thread, so that health and metrics are answered meanwhile."""
_MEMORY = 0.2


class ModelRefusedError(Exception):
    """The model does not take these rows; its own words may hold data, so they stay here."""


@dataclass(slots=True)
class _Entry:
    """Rows that wait for their predictions."""

    rows: list[Any]
    future: asyncio.Future[list[Any]]


class Batcher:
    """Joins rows of several requests into one call of the model.

    Parameters
    ----------
    predict
        Rows to one prediction each.
    measured
        Told the rows and seconds of every call.
    known
        Whether the answer to a row depends on nothing else, and takes about as long as those before. Else requests
        are neither joined nor answered in the event loop.
    """

    def __init__(
        self,
        predict: Callable[[list[Any]], list[Any]],
        measured: Callable[[int, float], None],
        *,
        known: bool = True,
    ) -> None:
        self._predict, self._measured = predict, measured
        self._most_rows = _MOST_ROWS if known else 0
        self._waiting: list[_Entry] = []
        self._scheduled = False
        self._busy = False
        self._seconds_a_call = 0.0
        self._thread = ThreadPoolExecutor(1, "model")

    def learn(self, rows: list[Any]) -> list[Any]:
        """Predict outside of the event loop and remember how long it took; for warming up."""
        started = time.perf_counter()
        predictions = self._predict(rows)
        self._seconds_a_call = time.perf_counter() - started
        return predictions

    async def predict(self, rows: list[Any]) -> list[Any]:
        """Return one prediction a row.

        Raises
        ------
        ModelRefusedError
            When the model does not take these rows.
        Exception
            Whatever else the model raised.
        """
        future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Entry(rows, future))
        self._schedule()
        return await future

    async def apart(self, function: Callable[[], Any]) -> Any:
        """Run something long in the thread of the model, after what is there already."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _schedule(self) -> None:
        if not self._scheduled and not self._busy:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._start)

    def _start(self) -> None:
        self._scheduled = False
        batch, rows = self._take()
        if not batch:
            return
        if rows > self._most_rows or self._seconds_a_call > _SLOW_SECONDS:
            self._start_in_thread(batch)
        else:
            self._finish(batch, *self._timed(batch))
            if self._waiting:
                self._schedule()

    def _start_in_thread(self, batch: list[_Entry]) -> None:
        self._busy = True
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._thread, functools.partial(self._timed, batch))
        work.add_done_callback(functools.partial(self._thread_done, batch))

    def _thread_done(self, batch: list[_Entry], work: asyncio.Future[tuple[list[Any], float]]) -> None:
        self._busy = False
        if not work.cancelled():
            self._finish(batch, *work.result())
        if self._waiting:
            self._schedule()

    def _take(self) -> tuple[list[_Entry], int]:
        """Take what waits: at most 1,024 rows, unless a single request has more. Nobody waits for the given up."""
        waiting = [entry for entry in self._waiting if not entry.future.done()]
        count = rows = 0
        for entry in waiting:
            if count and rows + len(entry.rows) > self._most_rows:
                break
            count += 1
            rows += len(entry.rows)
        self._waiting = waiting[count:]
        return waiting[:count], rows

    def _timed(self, batch: list[_Entry]) -> tuple[list[list[Any] | Exception], float]:
        started = time.perf_counter()
        answers = self._answers(batch)
        return answers, time.perf_counter() - started

    def _answers(self, batch: list[_Entry]) -> list[list[Any] | Exception]:
        """Predict for all together; where that fails, for each by itself, so that no request fails another."""
        if len(batch) == 1:
            return [self._answer(batch[0].rows)]
        joined = [row for entry in batch for row in entry.rows]
        try:
            predictions = self._checked(joined)
        except Exception:  # noqa: BLE001 - the user's model may raise anything; who is to blame shows below
            return [self._answer(entry.rows) for entry in batch]
        answers: list[list[Any] | Exception] = []
        start = 0
        for entry in batch:
            answers.append(predictions[start : start + len(entry.rows)])
            start += len(entry.rows)
        return answers

    def _answer(self, rows: list[Any]) -> list[Any] | Exception:
        try:
            return self._checked(rows)
        except _REFUSALS:
            return ModelRefusedError()
        except Exception as error:  # noqa: BLE001 - the user's model may raise anything, the server goes on
            return error

    def _checked(self, rows: list[Any]) -> list[Any]:
        predictions = self._predict(rows)
        if len(predictions) != len(rows):
            raise RuntimeError(f"the model gave {len(predictions)} predictions for {len(rows)} rows")
        return predictions

    def _finish(self, batch: list[_Entry], answers: list[list[Any] | Exception], seconds: float) -> None:
        self._seconds_a_call += _MEMORY * (seconds - self._seconds_a_call)
        self._measured(sum(len(entry.rows) for entry in batch), seconds)
        for entry, answer in zip(batch, answers, strict=True):
            if entry.future.done():
                continue
            if isinstance(answer, Exception):
                entry.future.set_exception(answer)
            else:
                entry.future.set_result(answer)

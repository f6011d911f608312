from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from nbship.serving.batching import Batcher, ModelRefusedError


class Model:
    """Doubles its rows, and remembers how it was asked."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.threads: set[str] = set()
        self.gate: threading.Event | None = None

    def predict(self, rows: list[Any]) -> list[Any]:
        self.calls.append(len(rows))
        self.threads.add(threading.current_thread().name)
        if self.gate is not None:
            self.gate.wait(30)
        if "fault" in rows:
            raise RuntimeError("secret")
        return [row * 2 for row in (int(row) for row in rows)]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, 30))


def made(model: Model, **more: Any) -> tuple[Batcher, list[tuple[int, float]]]:
    measured: list[tuple[int, float]] = []
    return Batcher(model.predict, lambda rows, seconds: measured.append((rows, seconds)), **more), measured


def test_what_comes_in_the_same_turn_of_the_loop_is_asked_at_once():
    model = Model()
    batcher, measured = made(model)

    async def work() -> Any:
        return await asyncio.gather(*(batcher.predict([n, n + 1]) for n in range(5)))

    assert run(work()) == [[2 * n, 2 * n + 2] for n in range(5)]
    assert model.calls == [10]
    assert [rows for rows, _ in measured] == [10]


def test_a_lone_request_waits_for_nobody():
    model = Model()
    batcher, _ = made(model)
    assert run(batcher.predict([1])) == [2]
    assert model.calls == [1]
    assert model.threads == {"MainThread"}


def test_a_bad_request_fails_no_other():
    batcher, _ = made(Model())

    async def work() -> Any:
        rows: list[list[Any]] = [[1], ["no number"], [3], ["fault"]]
        return await asyncio.gather(*map(batcher.predict, rows), return_exceptions=True)

    first, refused, third, failed = run(work())
    assert (first, third) == ([2], [6])
    assert isinstance(refused, ModelRefusedError)
    assert str(refused) == ""
    assert isinstance(failed, RuntimeError)


def test_batches_are_bounded_but_one_request_stays_whole():
    model = Model()
    batcher, _ = made(model)

    async def work() -> None:
        await asyncio.gather(*(batcher.predict([1] * 400) for _ in range(5)), batcher.predict([1] * 5000))

    run(work())
    assert model.calls == [800, 800, 400, 5000]
    batcher.close()


def test_models_that_nobody_knows_get_requests_one_by_one_in_the_thread():
    model = Model()
    batcher, _ = made(model, known=False)

    async def work() -> None:
        await asyncio.gather(*(batcher.predict([1, 2]) for _ in range(3)))

    run(work())
    assert model.calls == [2, 2, 2]
    assert model.threads == {"model_0"}
    batcher.close()


def test_a_slow_model_leaves_the_loop_free_and_gathers_what_comes_meanwhile():
    model = Model()
    batcher, _ = made(model)
    model.gate = threading.Event()
    threading.Timer(0.05, model.gate.set).start()
    batcher.learn([1])  # slow
    model.gate.clear()

    async def work() -> Any:
        first = asyncio.ensure_future(batcher.predict([1]))
        while len(model.calls) < 2:  # noqa: ASYNC110 - the model runs in another thread
            await asyncio.sleep(0)
        others = [asyncio.ensure_future(batcher.predict([n])) for n in range(4)]
        await asyncio.sleep(0)  # the loop still turns
        assert not first.done()
        assert model.gate is not None
        model.gate.set()
        return await asyncio.gather(first, *others)

    assert run(work()) == [[2], [0], [2], [4], [6]]
    assert model.calls == [1, 1, 4]
    assert "model_0" in model.threads
    batcher.close()


def test_nobody_waits_for_a_request_that_was_given_up():
    model = Model()
    batcher, _ = made(model)

    async def work() -> Any:
        given_up = asyncio.ensure_future(batcher.predict([1]))
        kept = asyncio.ensure_future(batcher.predict([2]))
        await asyncio.sleep(0)
        given_up.cancel()
        return await kept

    assert run(work()) == [4]


def test_a_model_that_answers_too_little_is_at_fault():
    batcher = Batcher(lambda rows: [1], lambda _rows, _seconds: None)

    async def work() -> Any:
        return await asyncio.gather(batcher.predict([1]), batcher.predict([1, 2]), return_exceptions=True)

    good, bad = run(work())
    assert good == [1]
    assert isinstance(bad, RuntimeError)


def test_something_long_runs_in_the_thread_of_the_model():
    batcher, _ = made(Model())
    assert run(batcher.apart(lambda: threading.current_thread().name)) == "model_0"
    batcher.close()


@pytest.mark.parametrize(
    "error", [ValueError, TypeError, KeyError, IndexError, OverflowError, ZeroDivisionError]
)
def test_what_models_raise_at_rows_is_the_fault_of_the_rows(error):
    def predict(rows: list[Any]) -> list[Any]:
        raise error("contains data")

    batcher = Batcher(predict, lambda _rows, _seconds: None)
    with pytest.raises(ModelRefusedError):
        run(batcher.predict([1]))

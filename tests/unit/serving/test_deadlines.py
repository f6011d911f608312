from __future__ import annotations

import asyncio

import pytest

from nbship.serving.deadlines import Deadlines


async def _request(deadlines: Deadlines, done: asyncio.Event) -> str:
    task = deadlines.enter()
    try:
        await done.wait()
    except asyncio.CancelledError:
        if not deadlines.caught(task):
            raise
        return "given up"
    finally:
        deadlines.leave(task)
    return "answered"


def run(seconds: float, *, finish: bool) -> tuple[str, int]:
    async def work() -> tuple[str, int]:
        deadlines, done = Deadlines(seconds), asyncio.Event()
        task = asyncio.ensure_future(_request(deadlines, done))
        await asyncio.sleep(0)
        assert len(deadlines) == 1
        deadlines.look()
        if finish:
            done.set()
        return await task, len(deadlines)

    return asyncio.run(work())


def test_what_takes_too_long_is_given_up():
    assert run(-1, finish=False) == ("given up", 0)


def test_what_is_in_time_is_left_alone():
    assert run(60, finish=True) == ("answered", 0)


def test_a_cancellation_of_somebody_else_goes_through():
    async def work() -> None:
        task = asyncio.ensure_future(_request(Deadlines(60), asyncio.Event()))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())

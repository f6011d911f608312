"""Servers that are told to stop, while they are asked as fast as they answer."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import threading
from dataclasses import dataclass, field

from nbship.model.served_log import read_log
from served_bundles import serving, split, until, write_pickled

ROW = [5.1, 3.5, 1.4, 0.2]

SLOW = """
import time
class Model:
    def predict(self, context, rows):
        if (rows["sepal_length"] > 90).any():
            time.sleep(float(rows["sepal_width"].iloc[0]))
        return [0] * len(rows)
"""


@dataclass
class Tally:
    """What clients have seen. A request is lost when it was sent whole and got no answer."""

    answered: int = 0
    lost: list[str] = field(default_factory=list)
    refused: int = 0
    closes: int = 0


async def client(port: int, tally: Tally) -> None:
    """Ask on one connection after the other, as long as the server takes connections."""
    body = json.dumps(split(ROW)).encode()
    request = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            tally.refused += 1
            return
        try:
            while await exchange(reader, writer, request, tally):
                pass
        except (OSError, asyncio.IncompleteReadError) as error:
            tally.lost.append(repr(error))
        finally:
            writer.close()


async def exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, tally: Tally
) -> bool:
    """Ask once, and return whether the connection stays."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:-2])
    answer = await reader.readexactly(int(fields[b"content-length"]))
    assert head.startswith(b"HTTP/1.1 200"), head
    assert answer == b'{"predictions":[0]}'
    tally.answered += 1
    tally.closes += fields.get(b"connection") == b"close"
    return fields.get(b"connection") != b"close"


def test_no_request_is_lost_when_a_server_under_load_is_stopped(logistic, tmp_path):
    tally = Tally()
    with serving(*logistic, tmp_path, drain_seconds="1") as running:

        async def load() -> None:
            clients = [asyncio.ensure_future(client(running.port, tally)) for _ in range(16)]
            while tally.answered < 500:  # noqa: ASYNC110 - counted by the clients
                await asyncio.sleep(0.01)
            running.process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(asyncio.gather(*clients), 60)

        asyncio.run(load())
        _, said = running.process.communicate(timeout=30)
    assert running.process.returncode == 0, said
    assert tally.lost == []
    assert tally.closes > 16
    assert len(read_log(tmp_path).rows) == tally.answered


def test_an_answer_in_work_is_finished_and_readiness_tells_everybody(tmp_path):
    digest, pickled = write_pickled(tmp_path / "bundle", SLOW)
    answers = []
    with serving(tmp_path / "bundle", digest, tmp_path / "log", trusted=pickled) as running:
        asking = threading.Thread(target=lambda: answers.append(running.predict([99, 2, 1, 1])))
        asking.start()
        until(lambda: b"nbship_in_flight 1.0" in running.ask("GET", "/metrics").body)
        running.process.send_signal(signal.SIGTERM)
        until(lambda: running.ask("GET", "/health/ready").status == 503)
        assert running.ask("GET", "/health/live").headers["connection"] == "close"
        asking.join()
        running.process.communicate(timeout=30)
    assert running.process.returncode == 0
    assert answers[0].json == {"predictions": [0]}


def test_a_connection_that_is_made_before_the_end_is_still_answered(logistic, tmp_path):
    with serving(*logistic, tmp_path, drain_seconds="0.3") as running:
        waiting = socket.create_connection(("127.0.0.1", running.port), 10)
        running.process.send_signal(signal.SIGTERM)
        until(lambda: running.ask("GET", "/health/ready").status == 503)
        waiting.sendall(b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n")
        assert waiting.recv(12) == b"HTTP/1.1 200"
        waiting.close()
        running.process.communicate(timeout=30)
    assert running.process.returncode == 0


def test_a_server_that_nobody_asks_stops_at_once(logistic, tmp_path):
    with serving(*logistic, tmp_path, drain_seconds="60") as running:
        code, said = running.stop()
    assert code == 0, said

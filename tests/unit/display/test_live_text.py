from __future__ import annotations

import io
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from nbship.display.live_text import LiveText
from nbship.display.throttle import Throttle

WAIT_SECONDS = 30
NEVER = 3600.0


@dataclass
class Terminal:
    """As much of a terminal as the redrawing needs."""

    rows: list[str] = field(default_factory=lambda: [""])
    row: int = 0
    column: int = 0
    cursor: bool = True
    wraps: bool = True

    def feed(self, text: str) -> None:
        for escape, end, sign in re.findall(r"\x1b\[(\??\d*)([A-Za-z])|(.|\n)", text):
            if sign:
                self._sign(sign)
            else:
                self._obey(escape, end)

    def _sign(self, sign: str) -> None:
        if sign == "\n":
            self.row, self.column = self.row + 1, 0
            self.rows += [""] * (self.row + 1 - len(self.rows))
        elif sign == "\r":
            self.column = 0
        else:
            line = self.rows[self.row].ljust(self.column)
            self.rows[self.row] = line[: self.column] + sign + line[self.column + 1 :]
            self.column += 1

    def _obey(self, number: str, end: str) -> None:
        if end == "A":
            self.row -= int(number)
            assert self.row >= 0
        elif end == "K":
            self.rows[self.row] = self.rows[self.row][: self.column]
        elif end == "J":
            self.rows[self.row + 1 :] = []
            self.rows[self.row] = self.rows[self.row][: self.column]
        elif number == "?25":
            self.cursor = end == "h"
        elif number == "?7":
            self.wraps = end == "h"
        else:
            raise AssertionError((number, end))

    @property
    def text(self) -> str:
        return "\n".join(self.rows).rstrip("\n")


class Screen:
    """The two ends of a pseudo-terminal."""

    def __init__(self) -> None:
        self.near, far = os.openpty()
        self.stream = os.fdopen(far, "w", encoding="utf-8")
        self.terminal = Terminal()

    def look(self) -> Terminal:
        os.write(self.stream.fileno(), b"\0")
        data = b""
        while not data.endswith(b"\0"):
            data += os.read(self.near, 4096)
        self.terminal.feed(data[:-1].decode().replace("\r\n", "\n"))
        return self.terminal


@pytest.fixture
def screen(monkeypatch) -> Iterator[Screen]:
    monkeypatch.setenv("TERM", "xterm")
    made = Screen()
    yield made
    made.stream.close()
    os.close(made.near)


def told(before: str | None, now: str) -> list[str]:
    return [f"{before} -> {now}"] if before != now else []


def live(stream, interval_seconds: float = 0.0) -> LiveText[str]:
    return LiveText(stream, lambda value: value, told, interval_seconds=interval_seconds)


def wait_for(condition: Callable[[], bool]) -> None:
    wake = threading.Event()
    for _ in range(WAIT_SECONDS * 100):
        if condition():
            return
        wake.wait(0.01)
    raise AssertionError("it did not happen")


def test_a_block_is_redrawn_in_place(screen):
    print("before", file=screen.stream, flush=True)
    shown = live(screen.stream)
    shown.update("one\ntwo\nthree")
    assert screen.look().text == "before\none\ntwo\nthree"
    assert not screen.terminal.cursor
    shown.update("ONE\n2")
    assert screen.look().text == "before\nONE\n2"
    shown.close()
    print("after", file=screen.stream, flush=True)
    assert screen.look().text == "before\nONE\n2\nafter"
    assert (screen.terminal.cursor, screen.terminal.wraps) == (True, True)


def test_a_block_can_be_taken_away_at_the_end(screen):
    shown = live(screen.stream)
    shown.update("one\ntwo")
    shown.close(keep=False)
    assert screen.look().text == ""
    assert screen.terminal.cursor


def test_the_terminal_is_as_before_when_something_goes_wrong(screen):
    def go_wrong():
        with live(screen.stream) as shown:
            shown.update("one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        go_wrong()
    assert screen.look().text == "one"
    assert (screen.terminal.cursor, screen.terminal.wraps) == (True, True)


def test_a_block_that_is_too_tall_is_cut_while_it_lives_and_whole_at_the_end(screen, monkeypatch):
    monkeypatch.setenv("LINES", "4")
    shown = live(screen.stream)
    shown.update("1\n2\n3\n4\n5\n6")
    assert screen.look().text == "1\n2\n3"
    shown.close()
    assert screen.look().text == "1\n2\n3\n4\n5\n6"


def test_what_comes_too_fast_is_drawn_once_and_the_last_for_sure(screen):
    drawn = []
    shown = LiveText(screen.stream, lambda value: drawn.append(value) or value, told, interval_seconds=NEVER)
    for number in range(1000):
        shown.update(str(number))
    shown.close()
    assert drawn == ["0", "999", "999"]  # the last drawing is the one that stays
    assert screen.look().text == "999"


def test_what_came_too_fast_is_drawn_by_itself_a_little_later():
    drawn: list[str] = []
    throttle: Throttle[str] = Throttle(drawn.append, 0.05)
    throttle.offer("first")
    throttle.offer("second")
    wait_for(lambda: drawn == ["first", "second"])


def test_elsewhere_only_changes_are_written():
    stream = io.StringIO()
    with live(stream) as shown:
        for value in ("one", "one", "two"):
            shown.update(value)
    assert stream.getvalue() == "None -> one\none -> two\n"


def test_a_terminal_that_obeys_nothing_gets_lines(screen, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    with live(screen.stream) as shown:
        shown.update("one")
    assert screen.look().text == "None -> one"


def test_nothing_is_written_where_nothing_was_shown(screen):
    live(screen.stream).close()
    assert screen.look().text == ""


def test_a_reader_that_is_gone_stops_nothing():
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w", encoding="utf-8")
    with live(stream) as shown:
        shown.update("one")
        shown.update("two")
    with pytest.raises(BrokenPipeError):
        stream.close()

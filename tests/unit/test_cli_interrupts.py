from __future__ import annotations

import os
import signal
import threading

import pytest

from nbship.cli.interrupts import interruptible


def send(*numbers):
    for number in numbers:
        os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_interrupts_and_the_handlers_are_what_they_were(number):
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interruptible():
        send(number)
    assert signal.getsignal(number) is before


def test_a_second_signal_does_not_cut_the_cleaning_short_and_a_third_does():
    cleaned = []
    with interruptible():
        try:
            send(signal.SIGINT)
        except KeyboardInterrupt:
            send(signal.SIGTERM)
            cleaned.append("all of it")
            with pytest.raises(KeyboardInterrupt):
                send(signal.SIGINT)
    assert cleaned == ["all of it"]


def test_a_signal_is_waited_for_where_there_is_nothing_to_interrupt():
    with interruptible() as ending:
        ending.wait_for_it()
        assert not ending.asked.is_set()
        send(signal.SIGTERM)
        assert ending.asked.wait(5)


def test_a_thread_leaves_the_signals_alone():
    def work():
        with interruptible() as ending:
            seen.append((ending.asked.is_set(), signal.getsignal(signal.SIGTERM)))

    seen = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, signal.getsignal(signal.SIGTERM))]

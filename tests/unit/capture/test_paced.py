from __future__ import annotations

import numpy as np
import pytest

from nbship.capture.paced import WorkClock, ask_within


class Times:
    """A wall clock and a CPU clock that are set by hand."""

    def __init__(self) -> None:
        self.wall, self.cpu = 100.0, 7.0
        self.clock = WorkClock(lambda: self.wall, lambda: self.cpu)

    def after(self, wall: float, cpu: float) -> float:
        self.wall, self.cpu = 100.0 + wall, 7.0 + cpu
        return self.clock()


@pytest.mark.parametrize(
    ("wall", "cpu", "work"),
    [
        (1.0, 1.0, 1.0),  # nobody else is there
        (2.0, 1.0, 1.0),  # somebody else has half of the machine
        (
            8.0,
            1.0,
            8.0 / 3,
        ),  # nearly nothing is left for us: the user waits no longer than three times the budget
        (3.0, 0.0, 1.0),  # a model that sleeps, or works on another machine
        (1.0, 4.0, 1.0),  # four threads
    ],
)
def test_work_is_what_this_process_computes(wall, cpu, work):
    assert Times().after(wall, cpu) == pytest.approx(work)


def test_the_real_clock_starts_at_nothing_and_never_goes_back():
    clock = WorkClock()
    times = [clock() for _ in range(1000)]
    assert times[0] < 1
    assert times == sorted(times)


def test_what_is_asked_passes_its_errors_on():
    def refuse(rows):
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        ask_within(refuse, np.zeros((5, 1)), 1.0, WorkClock())


@pytest.mark.parametrize("rows", [1, 2, 3, 16, 17, 63])
def test_a_few_rows_are_asked_about_all(rows):
    found = ask_within(len, np.zeros((rows, 1)), 1.0, iter(np.arange(100) * 1e-9).__next__)
    assert found is not None
    assert (found.found, found.count) == (rows, rows)

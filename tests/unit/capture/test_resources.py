from __future__ import annotations

import sys
import time

import pytest

from nbship.capture.resources import Meter


def burn(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_wall_and_cpu_time_are_measured():
    meter = Meter()
    meter.start()
    burn(0.05)
    usage = meter.stop()
    assert usage.cpu_seconds >= 0.05
    assert usage.wall_seconds > 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can reset the high-water mark")
def test_the_peak_is_that_of_the_measured_time():
    meter = Meter()
    meter.start()
    block = b"x" * 300_000_000
    del block
    high = meter.stop().peak_memory_bytes
    meter.start()
    low = meter.stop().peak_memory_bytes
    assert high is not None
    assert low is not None
    assert high - low > 200_000_000

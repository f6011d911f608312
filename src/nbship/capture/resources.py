"""Time and memory of a cell."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass

__all__ = ["Meter", "Usage"]

_PEAK = re.compile(rb"^VmHWM:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used between a start and a stop.

    Attributes
    ----------
    wall_seconds
        Elapsed time.
    cpu_seconds
        User and system time of all threads of this process.
    peak_memory_bytes
        Highest resident size of the process in between; None where the platform cannot tell.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int | None


class Meter:
    """Measures what the process uses between `start` and `stop`.

    On Linux the high-water mark of memory is reset at the start, so meters that overlap see the peak since
    the newest start. Elsewhere the mark only ever grows, and tells something only when it did.
    """

    def __init__(self) -> None:
        self._wall = self._cpu = 0.0
        self._mark: int | None = None
        self._is_reset = False

    def start(self) -> None:
        """Begin to measure."""
        self._is_reset = _reset_peak()
        self._mark = None if self._is_reset else _peak_bytes()
        self._cpu = time.process_time()
        self._wall = time.perf_counter()

    def stop(self) -> Usage:
        """Return what was used since `start`."""
        wall = time.perf_counter() - self._wall
        cpu = time.process_time() - self._cpu
        peak = _peak_bytes()
        if not self._is_reset and peak == self._mark:
            peak = None
        return Usage(wall, cpu, peak)


def _reset_peak() -> bool:
    """Reset the high-water mark of resident memory; 5 is what proc(5) gives for that."""
    try:
        with open("/proc/self/clear_refs", "wb", buffering=0) as file:  # noqa: PTH123 - Path costs more than the call
            file.write(b"5")
    except OSError:
        return False
    return True


def _peak_bytes() -> int | None:
    try:
        with open("/proc/self/status", "rb", buffering=0) as file:  # noqa: PTH123
            found = _PEAK.search(file.read(8192))
    except OSError:
        return _largest_bytes()
    return int(found[1]) * 1024 if found else None


def _largest_bytes() -> int | None:
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - Unix only

    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024  # macOS counts bytes, others kilobytes

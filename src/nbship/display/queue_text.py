"""``nbship sync --status`` as text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nbship.display.page import counted

__all__ = ["queue_text"]


def queue_text(status: dict[str, Any]) -> str:
    """Return what waits, what keeps it, and what was set aside."""
    lines = []
    if status["drained"]:
        lines.append("Nothing waits: every run is in the store.")
    else:
        since = datetime.fromtimestamp(status["oldest_ms"] / 1000).astimezone().strftime("%H:%M:%S")
        lines.append(
            f"{counted(status['events'], 'event')} from {counted(status['sessions'], 'kernel')} waiting "
            f"({status['size_bytes']:,} bytes, last written {since})."
        )
    if status["recorder_pid"]:
        lines.append(f"The recorder runs (pid {status['recorder_pid']}).")
    for outage in status["outages"]:
        since = datetime.fromtimestamp(outage["since_ms"] / 1000).astimezone().strftime("%H:%M:%S")
        lines.append(f"The store {outage['tracking_uri']} does not answer since {since}: {outage['text']}")
    lines += [f"Set aside, because it could not be read: {path}" for path in status["set_aside"]]
    lines += [f"Left alone: {reason}" for reason in status["left_alone"]]
    return "\n".join(lines)

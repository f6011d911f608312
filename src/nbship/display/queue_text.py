"""``nbship sync --status`` as text."""

from __future__ import annotations

from typing import Any

from nbship.config import shown_uri
from nbship.display.page import counted, moment

__all__ = ["queue_text"]


def queue_text(status: dict[str, Any]) -> str:
    """Return what waits, what keeps it, and what was set aside."""
    lines = []
    if status["drained"]:
        lines.append("Nothing waits: every run is in the store.")
    else:
        since = moment(status["oldest_ms"])
        lines.append(
            f"{counted(status['events'], 'event')} from {counted(status['sessions'], 'kernel')} waiting "
            f"({status['size_bytes']:,} bytes, last written {since})."
        )
    if status["recorder_pid"]:
        lines.append(f"The recorder runs (pid {status['recorder_pid']}).")
    for outage in status["outages"]:
        since = moment(outage["since_ms"])
        lines.append(
            f"The store {shown_uri(outage['tracking_uri'])} does not answer since {since}: {outage['text']}"
        )
    lines += [f"Set aside, because it could not be read: {path}" for path in status["set_aside"]]
    lines += [f"Left alone: {reason}" for reason in status["left_alone"]]
    return "\n".join(lines)

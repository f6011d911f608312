"""``%track status``: what is captured, and where it goes."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from nbship.config import shown_uri
from nbship.display.page import counted, styled, table

if TYPE_CHECKING:
    from nbship.config import Settings

__all__ = ["CAPTURED", "status_bundle"]

CAPTURED = {
    "fingerprints": "content digests of tables and arrays",
    "profiles": "profiles of tables and of what the model predicts for them",
    "files": "files that are read, with digests",
    "models": "fitted estimators",
    "environment": "Python, platform and packages",
    "git": "commit, branch and uncommitted changes",
}
"""Setting to what it switches, for people."""


def status_bundle(settings: Settings, session_run: str | None, spool: dict[str, Any]) -> dict[str, str]:
    """Return the status as a mimebundle; `session_run` is the name of the session's run, `spool` what waits."""
    rows = _rows(settings, session_run, spool)
    width = max(len(label) for label, _ in rows)
    html = table(["tracking", ""], [[escape(label), escape(value)] for label, value in rows])
    return {
        "text/plain": "\n".join(f"{label:<{width}}  {value}" for label, value in rows),
        "text/html": styled(html),
    }


def _rows(settings: Settings, session_run: str | None, spool: dict[str, Any]) -> list[tuple[str, str]]:
    captured = [text for name, text in CAPTURED.items() if getattr(settings, name)]
    off = [name for name in CAPTURED if not getattr(settings, name)]
    local = settings.tracking_uri.startswith("sqlite") or any(
        host in settings.tracking_uri for host in ("//127.0.0.1", "//localhost")
    )
    rows = [
        (
            "session",
            f"on, run {session_run}" if session_run else "off; cells marked %%track are runs of their own",
        ),
        ("runs go to", shown_uri(settings.tracking_uri) + (" (this machine)" if local else "")),
        ("experiment", settings.experiment),
        ("set by", settings.origins.get("tracking_uri", "default")),
        ("captured", "; ".join(["source, outputs and timing of cells", "parameters", "metrics", *captured])),
        ("switched off", ", ".join(off) or "nothing"),
        ("masked", "tokens, keys, passwords and connection strings, before anything is written"),
        ("queue", _queue(spool)),
    ]
    if settings.origins.get("home", "default") != "default":
        rows.append(("kept in", f"{settings.home}, because {settings.origins['home']}"))
    rows += [("store is down", f"{outage['text']}") for outage in spool["outages"]]
    rows += [("set aside", path) for path in spool["set_aside"]]
    return rows


def _queue(spool: dict[str, Any]) -> str:
    recorder = (
        f"recorder runs (pid {spool['recorder_pid']})" if spool["recorder_pid"] else "no recorder is running"
    )
    waiting = (
        "empty"
        if spool["drained"]
        else f"{spool['events']} events wait, from {counted(spool['sessions'], 'kernel')}"
    )
    return f"{waiting}; {recorder}"

"""The one quiet line under a tracked cell."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.config import shown_uri
from nbship.display.page import ID_DIGITS, STATUS_SIGNS, counted, number, seconds, styled, tag

if TYPE_CHECKING:
    from nbship.model.report import TrackReport

__all__ = ["track_line"]

_MAX_METRICS = 4
_MAX_NAMES = 3


def track_line(report: TrackReport) -> dict[str, str]:
    """Return the line as a mimebundle with ``text/plain`` and ``text/html``."""
    return {"text/plain": _text(report), "text/html": _html(report)}


def _text(report: TrackReport) -> str:
    head = f"{STATUS_SIGNS[report.status]} {report.name} {report.status.value}"
    parts = [head, seconds(report.duration_seconds), *_metrics(report), *_captured(report)]
    lines = [" · ".join(parts) + f" · nbship show {_handle(report)}"]
    lines += [f"  {report.reason.splitlines()[0]}"] if report.reason else []
    lines += [f"  note: {warning}" for warning in report.warnings]
    return "\n".join(lines)


def _html(report: TrackReport) -> str:
    css = report.status.value
    parts = [
        f'<span class="nbship-{css}">{STATUS_SIGNS[report.status]} <b>{escape(report.name)}</b> {css}</span>',
        tag("span", seconds(report.duration_seconds), "dim"),
        *(tag("span", text) for text in _metrics(report)),
        *(tag("span", text, "dim") for text in _captured(report)),
        f'<span class="nbship-dim">open: <code>nbship show {escape(_handle(report))}</code></span>',
    ]
    body = '<span class="nbship-dim"> · </span>'.join(parts)
    if report.reason:
        body += f"<br>{tag('span', report.reason.splitlines()[0], css)}"
    body += "".join(f"<br>{tag('span', f'note: {warning}', 'warn')}" for warning in report.warnings)
    return styled(f'<div role="status" title="stored in {escape(shown_uri(report.where))}">{body}</div>')


def _handle(report: TrackReport) -> str:
    """The beginning of the id that MLflow and ``nbship runs`` show; before there is one, of the kernel's own."""
    return (report.store_run_id or report.run)[:ID_DIGITS]


def _metrics(report: TrackReport) -> list[str]:
    shown = [f"{name} {number(value)}" for name, value in list(report.metrics.items())[-_MAX_METRICS:]]
    hidden = len(report.metrics) - len(shown)
    return [*shown, f"+{hidden} metrics"] if hidden else shown


def _captured(report: TrackReport) -> list[str]:
    parts = []
    if report.params:
        parts.append(counted(report.params, "param"))
    if report.datasets:
        names = ", ".join(report.datasets[:_MAX_NAMES])
        more = len(report.datasets) - _MAX_NAMES
        parts.append(f"data {names}" + (f" +{more}" if more > 0 else ""))
    if report.model:
        parts.append(f"model {report.model}")
    if report.cells > 1:
        parts.append(counted(report.cells, "cell"))
    if report.masked:
        parts.append(f"{counted(report.masked, 'secret')} masked")
    return parts

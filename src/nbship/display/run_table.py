"""Runs as a list, and one run whole."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from nbship.config import shown_uri
from nbship.display.page import ID_DIGITS, STATUS_SIGNS, moment, number, seconds, styled, table, tag
from nbship.display.plain_line import clip, one_line

if TYPE_CHECKING:
    from nbship.model.run import Run, RunPage

__all__ = ["importance_text", "run_text", "runs_bundle", "runs_text"]

_MAX_METRICS = 6
_MAX_PARAMS = 6
_CELL_WIDTH = 28
_UNBROKEN = frozenset({0, 2, 3, 4})


def runs_bundle(page: RunPage) -> dict[str, str]:
    """Return the page as a mimebundle with ``text/plain`` and ``text/html``."""
    return {"text/plain": runs_text(page), "text/html": _runs_html(page)}


def runs_text(page: RunPage) -> str:
    """Return the page as a table of text."""
    if not page.runs:
        return f"No runs in {shown_uri(page.tracking_uri)}. Write %%track on the first line of a cell and run it."
    metrics, params = _columns(page)
    head = ["", "name", "id", "started", "took", *map(_clip, (*metrics, *params))]
    rows = [
        [
            f"{STATUS_SIGNS[run.status]} {run.status.value}",
            _clip(run.name),
            run.id[:ID_DIGITS],
            moment(run.started_ms),
            seconds(run.duration_seconds),
            *(number(run.metrics[key]) if key in run.metrics else "" for key in metrics),
            *(_clip(run.params.get(key, "")) for key in params),
        ]
        for run in page.runs
    ]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, *rows]
    ]
    if page.more:
        lines.append("… and more: ask with --limit N, or narrow the query")
    return "\n".join(lines)


def _runs_html(page: RunPage) -> str:
    if not page.runs:
        return styled(tag("div", runs_text(page), "dim"))
    metrics, params = _columns(page)
    rows = [
        [
            f'<span class="nbship-{run.status.value}">{STATUS_SIGNS[run.status]} {run.status.value}</span>',
            f"<b>{escape(run.name)}</b>",
            f'<code title="{escape(run.id)}">{escape(run.id[:ID_DIGITS])}</code>',
            escape(moment(run.started_ms)),
            escape(seconds(run.duration_seconds)),
            *(number(run.metrics[key]) if key in run.metrics else "" for key in metrics),
            *(escape(_clip(run.params.get(key, ""))) for key in params),
        ]
        for run in page.runs
    ]
    head = ["status", "name", "id", "started", "took", *map(_clip, (*metrics, *params))]
    more = tag("div", "… and more: ask with --limit N, or narrow the query", "dim") if page.more else ""
    return styled(table(head, rows, frozenset(range(5, 5 + len(metrics))), _UNBROKEN) + more)


def run_text(run: Run, detail: dict[str, Any]) -> str:
    """Return one run as text, section by section; empty sections are left out."""
    sign = STATUS_SIGNS[run.status]
    lines = [
        f"{sign} {one_line(run.name)}   {run.status.value}   {moment(run.started_ms)}   {seconds(run.duration_seconds)}"
    ]
    lines += [f"  id          {run.id}", f"  experiment  {one_line(run.experiment)}"]
    labels = {
        "mlflow.source.name": "notebook",
        "mlflow.source.git.commit": "commit",
        "mlflow.source.git.branch": "branch",
        "nbship.model": "model",
        "nbship.reason": "reason",
        "nbship.hidden_state": "hidden state",
    }
    lines += [
        f"  {label:<11} {one_line(run.tags[key])}" for key, label in labels.items() if run.tags.get(key)
    ]
    lines += _section("parameters", run.params)
    lines += _section("metrics", {key: number(value) for key, value in run.metrics.items()})
    lines += _section(
        "datasets",
        {d.name: d.digest + (f"   {d.rows:,} rows" if d.rows is not None else "") for d in run.datasets},
    )
    lines += _section("artifacts", dict.fromkeys(detail.get("artifacts", ()), ""))
    lines += _section("warnings", {f"{i}.": text for i, text in enumerate(detail.get("warnings", ()), 1)})
    return "\n".join(lines)


def importance_text(run: str, importance: dict[str, float], method: str) -> str:
    """Return what matters to the model of a run, the most important column first."""
    ordered = sorted(importance.items(), key=lambda item: -item[1])
    head = f"what matters to the model of {one_line(run)}: {one_line(method)}"
    return "\n".join([head, *_section("", {name: f"{share:6.1%}" for name, share in ordered})[2:]])


def _section(title: str, items: dict[str, str]) -> list[str]:
    if not items:
        return []
    shown = [(one_line(key), one_line(value)) for key, value in items.items()]
    width = min(max(len(key) for key, _ in shown), 40)
    return ["", title, *(f"  {key:<{width}}  {value}".rstrip() for key, value in shown)]


def _columns(page: RunPage) -> tuple[list[str], list[str]]:
    """The metrics and parameters worth a column: those that most runs have, parameters only where they differ.

    Parameters with several values come before those that some runs merely lack.
    """
    metrics = _most_common([set(run.metrics) for run in page.runs])[:_MAX_METRICS]
    keys = _most_common([set(run.params) for run in page.runs])
    differing = [key for key in keys if len({run.params.get(key) for run in page.runs}) > 1]
    values = {key: {run.params[key] for run in page.runs if key in run.params} for key in differing}
    return metrics, sorted(differing, key=lambda key: len(values[key]) == 1)[:_MAX_PARAMS]


def _most_common(sets: list[set[str]]) -> list[str]:
    counts: dict[str, int] = {}
    for keys in sets:
        for key in sorted(keys):
            counts[key] = counts.get(key, 0) + 1
    return sorted(counts, key=lambda key: -counts[key])


def _clip(text: str) -> str:
    return clip(text[: 2 * _CELL_WIDTH], _CELL_WIDTH)

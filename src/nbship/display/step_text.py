"""One executed notebook, in text: the bar while it runs, and how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.display.page import ID_DIGITS, number, seconds

if TYPE_CHECKING:
    from nbship.model.step import StepProgress, StepResult

__all__ = ["STATE_SIGNS", "bar", "failure_text", "progress_line", "step_text"]

STATE_SIGNS = {
    "completed": "✓",
    "cached": "≡",
    "failed": "✗",
    "timed out": "✗",
    "killed": "■",
    "not run": "–",
    "running": "▸",
    "waiting": "·",
}
"""A sign beside each state, so that colour is never the only signal."""

_BAR = 24
_WIDTH = 110
_MAX_METRICS = 6
_MAX_SOURCE_LINES = 20


def bar(done: int, total: int, width: int = _BAR) -> str:
    """Return a bar of `width` signs."""
    filled = width * done // max(total, 1)
    return "█" * filled + "░" * (width - filled)


def progress_line(progress: StepProgress) -> str:
    """Return one line with a bar, the time so far and the time to come, padded so that it covers the one before."""
    left = ""
    if progress.done:
        left = f" · about {seconds(progress.seconds / progress.done * (progress.total - progress.done))} left"
    counts = f"{progress.done}/{progress.total} cells  {seconds(progress.seconds)}{left}"
    text = f"{progress.step}  {bar(progress.done, progress.total)}  {counts}  {progress.heading}"
    return text[:_WIDTH].ljust(_WIDTH)


def step_text(result: StepResult, run_id: str | None = None) -> str:
    """Return how a notebook went, in a few lines."""
    done = sum(1 for cell in result.cells if cell.state == "completed")
    head = f"{STATE_SIGNS[result.state]} {result.name} {result.state.value}"
    lines = [f"{head} · {seconds(result.seconds)} · {done} of {len(result.cells)} cells"]
    if result.metrics:
        shown = list(result.metrics.items())[-_MAX_METRICS:]
        lines.append(f"  metrics   {'  '.join(f'{name} {number(value)}' for name, value in shown)}")
    if result.output_path and result.output_path != "-":
        lines.append(f"  notebook  {result.output_path}")
    if result.run is not None:
        lines.append(f"  run       nbship show {(run_id or result.run)[:ID_DIGITS]}")
    lines += [f"  note: {warning}" for warning in result.warnings]
    return "\n".join(lines)


def failure_text(result: StepResult, notebook: str) -> str:
    """Return what failed: position, source and traceback of the cell, and where the notebook up to there is."""
    failure = result.failure
    if failure is None:
        return ""
    lines = [f"nbship: {notebook} {result.state.value}: {failure.message}"]
    if failure.cell is not None:
        count = "" if failure.execution_count is None else f" (In [{failure.execution_count}])"
        lines.append(f"\ncell {failure.cell + 1}{count}:")
        source = failure.source.splitlines()
        lines += [f"    {line}" for line in source[:_MAX_SOURCE_LINES]]
        hidden = len(source) - _MAX_SOURCE_LINES
        lines += [f"    … {hidden} more lines"] if hidden > 0 else []
    if failure.traceback:
        lines += ["", *failure.traceback]
    if result.output_path and result.output_path != "-":
        lines.append(f"\nthe notebook up to there: {result.output_path}")
    return "\n".join(lines)

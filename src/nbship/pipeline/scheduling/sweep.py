"""Running a sweep: one notebook over many points, as many at once as the executor has room for."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.pipeline import SweepPoint, SweepReport
from nbship.model.run import RunStatus
from nbship.model.step import StepProgress, StepResult, StepState
from nbship.pipeline.scheduling.attempts import RetryRule
from nbship.pipeline.scheduling.crew import Clock, Crew, Ended, Told
from nbship.pipeline.scheduling.parameter_texts import ParameterTexts, real_texts
from nbship.pipeline.scheduling.parent_run import ParentRun, Records, real_records
from nbship.pipeline.scheduling.sweep_memory import SweepMemory, sweep_digest
from nbship.pipeline.scheduling.sweep_plan import SweepPlan, SweepTarget
from nbship.pipeline.scheduling.warm_up import WarmUp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbship.config import Settings
    from nbship.pipeline.executors.protocol import StepExecutor

__all__ = ["SweepTarget", "best_point", "run_sweep"]

STOP_SECONDS = 30.0
"""How long an interrupted sweep waits for its points to stop; a second Ctrl-C ends the wait."""

DOCUMENT = "sweep.json"


def run_sweep(
    notebook: dict[str, Any],
    path: str,
    points: Sequence[Mapping[str, Any]],
    target: SweepTarget | None = None,
    *,
    executor: StepExecutor,
    settings: Settings,
    metric: str | None = None,
    maximize: bool = True,
    resume: bool = False,
    report: Callable[[SweepReport], None] | None = None,
    output_folder: Path | None = None,
    retries: int = 0,
    retry_wait_seconds: float = 1.0,
    records: Records | None = None,
    texts: ParameterTexts | None = None,
    clock: Clock | None = None,
) -> SweepReport:
    """Run a notebook once for each point, and record it as one run with the points' runs nested in it.

    Parameters
    ----------
    notebook
        nbformat 4 JSON.
    path
        The notebook's file, as the record shall name it.
    points
        Of `grid_points`.
    target
        The base parameters, which points override, and how to execute.
    executor
        Where points run; it stays open.
    metric
        What to choose the best point by.
    maximize
        False takes the smallest value for the best.
    resume
        Take over the points that an earlier sweep of the same notebook, points and base parameters completed.
    report
        Called in this thread with a new report at every change.
    output_folder
        Where the executed notebooks go; by default a folder of the sweep in the project's home.

    Returns
    -------
    SweepReport
        Points that failed say so and stop no other; a Ctrl-C gives ``interrupted``.

    Raises
    ------
    UsageError
        When there are no points.
    """
    if not points:
        raise UsageError("there are no points to sweep over; give at least one value for each parameter")
    texts, target = texts or real_texts(), target or SweepTarget()
    digest = sweep_digest(notebook, path, points, target.base, texts.canonical)
    folder = settings.home / "sweeps" / digest
    name = Path(path).stem
    tags = {"nbship.kind": "sweep", "nbship.notebook": path}
    parent = ParentRun(records or real_records(), settings, f"{name} sweep", tags=tags, source=path)
    plan = SweepPlan(
        notebook,
        path,
        target,
        texts,
        parent,
        output_folder or folder / "notebooks",
        WarmUp(executor, (notebook,) * len(points)),
    )
    now = SweepReport(name, path, _waiting(points), metric, maximize, run=parent.run)
    rules = [RetryRule(retries, retry_wait_seconds) for _ in points]
    run = _SweepRun(
        plan,
        now,
        memory=SweepMemory(folder),
        rules=rules,
        crew=Crew(executor, clock),
        report=report or (lambda _: None),
    )
    return run.go(resume=resume)


def _waiting(points: Sequence[Mapping[str, Any]]) -> tuple[SweepPoint, ...]:
    return tuple(SweepPoint(index, dict(point)) for index, point in enumerate(points))


class _SweepRun:
    """One execution of a sweep, seen from the thread that asked for it."""

    def __init__(
        self,
        plan: SweepPlan,
        now: SweepReport,
        *,
        memory: SweepMemory,
        rules: list[RetryRule],
        crew: Crew[StepResult],
        report: Callable[[SweepReport], None],
    ) -> None:
        self._plan = plan
        self._now = now
        self._memory = memory
        self._rules = rules
        self._attempts = [1] * len(rules)
        self._crew = crew
        self._report = report
        self._points = list(now.points)
        self._started = time.monotonic()
        self._interrupted = False

    def go(self, *, resume: bool) -> SweepReport:
        """Run to the end."""
        record = self._plan.parent.record
        record.begin(self._params())
        try:
            self._run(resume=resume)
        except BaseException as error:
            self._plan.parent.abandon(error)
            raise
        finally:
            self._crew.close()
        return self._finish()

    def _run(self, *, resume: bool) -> None:
        self._plan.notebooks.mkdir(parents=True, exist_ok=True)
        try:
            self._take_over() if resume else self._memory.forget()
            for point in self._points:
                if not point.state.ended:
                    self._crew.start(str(point.index), self._plan.work(point, 1))
            self._publish()
            while self._crew.busy:
                messages = list(self._crew.listen())
                for message in messages:
                    self._hear(message)
                if messages:
                    self._publish()
        except KeyboardInterrupt:
            self._interrupt()

    def _take_over(self) -> None:
        for point in self._points:
            known = self._memory.find(point.index)
            if known is not None:
                self._points[point.index] = replace(
                    point,
                    state=StepState.COMPLETED,
                    metrics=known.metrics,
                    seconds=known.seconds,
                    run=known.run,
                    output_path=known.output_path,
                    resumed=True,
                )

    def _hear(self, message: Told | Ended[StepResult]) -> None:
        index = int(message.job)
        point = self._points[index]
        if isinstance(message, Ended):
            self._take(point, message.outcome)
        elif point.state.ended:
            return  # progress from far away can come late
        elif isinstance(message.word, StepProgress):
            self._points[index] = replace(point, progress=message.word)
        elif isinstance(message.word, StepState):
            self._points[index] = replace(point, state=message.word)

    def _take(self, point: SweepPoint, result: StepResult) -> None:
        wait = self._rules[point.index].seconds_to_next(result)
        if wait is not None and not self._interrupted:
            self._attempts[point.index] += 1
            self._points[point.index] = replace(point, state=StepState.WAITING, progress=None)
            self._crew.start(str(point.index), self._plan.work(point, self._attempts[point.index]), wait)
            return
        ended = replace(
            point,
            state=result.state,
            metrics=dict(result.metrics),
            seconds=result.seconds,
            run=result.run,
            output_path=result.output_path,
            failure=result.failure,
            progress=None,
        )
        self._points[point.index] = ended
        self._memory.keep(ended)

    def _interrupt(self) -> None:
        self._interrupted = True
        try:
            for ended in self._crew.stop(STOP_SECONDS):
                self._take(self._points[int(ended.job)], ended.outcome)
        except KeyboardInterrupt:
            pass  # asked for twice: the points are left to stop by themselves
        for point in list(self._points):
            if not point.state.ended:
                state = StepState.KILLED if point.state is StepState.RUNNING else StepState.NOT_RUN
                self._points[point.index] = replace(point, state=state, progress=None)
        self._publish()

    def _publish(self) -> None:
        self._report(self._current())

    def _current(self) -> SweepReport:
        points = tuple(self._points)
        metric = self._now.metric
        return replace(
            self._now,
            points=points,
            best=best_point(points, metric, maximize=self._now.maximize) if metric is not None else None,
            seconds=time.monotonic() - self._started,
            interrupted=self._interrupted,
            warnings=tuple(self._warnings()),
        )

    def _warnings(self) -> list[str]:
        done = [point for point in self._points if point.state.succeeded]
        found = []
        if self._interrupted:
            found.append(
                f"interrupted with {len(done)} of {len(self._points)} points done; "
                "give the same command again with --resume to run the others"
            )
        metric = self._now.metric
        ended = all(point.state.ended for point in self._points)
        if ended and metric is not None and done and not any(metric in point.metrics for point in done):
            names = sorted({name for point in done for name in point.metrics})
            found.append(f"no point has the metric {metric!r}; {_existing(names)}")
        return found

    def _finish(self) -> SweepReport:
        final = self._current()
        record = self._plan.parent.record
        if final.best is not None and final.metric is not None:
            best = final.points[final.best]
            shown = {f"best.{name}": self._plan.texts.shown(value) for name, value in best.params.items()}
            record.log(
                params=shown,
                metrics={final.metric: best.metrics[final.metric]},
                tags={"nbship.best_run": best.run or "", "nbship.best_point": self._plan.name(best)},
            )
        status, reason = _verdict(final)
        self._plan.parent.finish(status, reason, DOCUMENT, final.to_dict())
        return final

    def _params(self) -> dict[str, str]:
        return {name: self._plan.texts.shown(value) for name, value in self._plan.target.base.items()}


def best_point(points: Sequence[SweepPoint], metric: str, *, maximize: bool) -> int | None:
    """Return the index of the completed point with the best value; of equals the first, and never one without a number."""
    best: SweepPoint | None = None
    for point in points:
        value = point.metrics.get(metric, math.nan)
        if not point.state.succeeded or math.isnan(value):
            continue
        if best is None or (value > best.metrics[metric] if maximize else value < best.metrics[metric]):
            best = point
    return None if best is None else best.index


def _existing(names: list[str]) -> str:
    return f"there are {', '.join(names)}" if names else "the notebook records no metrics"


def _verdict(final: SweepReport) -> tuple[RunStatus, str]:
    if final.interrupted:
        return RunStatus.KILLED, "interrupted"
    failed = [point for point in final.points if not point.state.succeeded]
    if not failed:
        return RunStatus.FINISHED, ""
    return RunStatus.FAILED, f"{len(failed)} of {len(final.points)} points did not complete"

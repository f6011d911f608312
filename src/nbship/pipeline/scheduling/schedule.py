"""Running a pipeline: each step as soon as what it needs is there, as many at once as the executor has room for."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.model.pipeline import PipelineReport, StepReport
from nbship.model.run import RunStatus
from nbship.model.step import StepProgress, StepState
from nbship.pipeline.cache.step_cache import StepCache
from nbship.pipeline.scheduling.attempts import RetryRule
from nbship.pipeline.scheduling.choice import check_inputs, chosen_steps
from nbship.pipeline.scheduling.crew import Clock, Crew, Ended, Told
from nbship.pipeline.scheduling.parameter_texts import ParameterTexts, real_texts
from nbship.pipeline.scheduling.parent_run import ParentRun, Records, fitting, real_records
from nbship.pipeline.scheduling.pipeline_memory import PipelineMemory, StepMemory, pipeline_folder
from nbship.pipeline.scheduling.step_work import Outcome, StepWork, Surroundings
from nbship.pipeline.scheduling.warm_up import WarmUp

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.config import Settings
    from nbship.model.pipeline import Pipeline, PipelineStep
    from nbship.pipeline.executors.protocol import StepExecutor

__all__ = ["run_pipeline"]

STOP_SECONDS = 30.0
"""How long an interrupted pipeline waits for its steps to stop; a second Ctrl-C ends the wait."""

INTERRUPTED = "interrupted"
DOCUMENT = "pipeline.json"

_WORDS = {StepState.TIMED_OUT: "timed out", StepState.KILLED: "was killed"}


def run_pipeline(
    pipeline: Pipeline,
    *,
    executor: StepExecutor,
    settings: Settings,
    records: Records | None = None,
    texts: ParameterTexts | None = None,
    cache: StepCache | None = None,
    report: Callable[[PipelineReport], None] | None = None,
    selected: frozenset[str] | None = None,
    force: bool = False,
    resume: bool = False,
    output_folder: Path | None = None,
    clock: Clock | None = None,
) -> PipelineReport:
    """Run a pipeline to its end, and record it as one run with the steps' runs nested in it.

    Parameters
    ----------
    executor
        Where steps run; it stays open.
    records
        What records runs; by default the project's spool.
    texts
        How parameters are written.
    cache
        By default the project's.
    report
        Called in this thread with a new report at every change.
    selected
        Names of the steps to run; what others make must be on the disk. None runs all.
    force
        Run every step, whatever the cache holds.
    resume
        Leave out what completed in the last run and is defined as it was, steps without cache included.
    output_folder
        Where the executed notebooks go; by default ``pipelines/<name>/notebooks`` in the project's home.
    clock
        What the waits before another attempt are measured by.

    Returns
    -------
    PipelineReport
        Steps that failed, and those that did not run for it, say so; a Ctrl-C gives ``interrupted``.

    Raises
    ------
    UsageError
        When a selected step does not exist, or an input that nothing makes is missing. Nothing has run then.
    """
    steps = chosen_steps(pipeline, selected)
    check_inputs(pipeline, steps)
    records = records or real_records()
    tags = {"nbship.kind": "pipeline", "nbship.pipeline": pipeline.path}
    parent = ParentRun(records, settings, pipeline.name, tags=tags, source=pipeline.path)
    folder = pipeline_folder(settings, pipeline)
    file = str(Path(pipeline.path).resolve())
    last = PipelineMemory.load(folder, file)
    around = Surroundings(
        pipeline=pipeline,
        cache=cache or StepCache(settings),
        parent=parent,
        last=last,
        notebooks=output_folder or folder / "notebooks",
        texts=texts or real_texts(),
        warm_up=WarmUp(executor, tuple(step.content for step in steps)),
        force=force,
        resume=resume,
    )
    fresh = selected is None and not resume
    run = _PipelineRun(steps, around, executor, PipelineMemory(file) if fresh else last, folder)
    return run.go(report or (lambda _: None), clock or Clock())


class _PipelineRun:
    """One execution of a pipeline, seen from the thread that asked for it."""

    def __init__(
        self,
        steps: tuple[PipelineStep, ...],
        around: Surroundings,
        executor: StepExecutor,
        memory: PipelineMemory,
        folder: Path,
    ) -> None:
        self._steps = {step.name: step for step in steps}
        self._around = around
        self._executor = executor
        self._memory = memory
        self._folder = folder
        self._reports = {name: StepReport(name) for name in self._steps}
        self._begun: set[str] = set()
        self._rules = {step.name: RetryRule(step.retries, step.retry_wait_seconds) for step in steps}
        self._warnings: list[str] = []
        self._started = time.monotonic()
        self._interrupted = False
        self._crew: Crew[Outcome]
        self._report: Callable[[PipelineReport], None]

    def go(self, report: Callable[[PipelineReport], None], clock: Clock) -> PipelineReport:
        """Run to the end."""
        self._report = report
        self._crew = Crew(self._executor, clock)
        parent = self._around.parent
        parent.record.begin(self._params())
        try:
            self._run()
        except BaseException as error:
            parent.abandon(error)
            raise
        finally:
            self._crew.close()
            self._around.cache.save()
        if any(step.state is StepState.COMPLETED for step in self._reports.values()):
            self._around.cache.prune()
        return self._finish()

    def _run(self) -> None:
        self._memory.save(self._folder)
        self._around.notebooks.mkdir(parents=True, exist_ok=True)
        try:
            self._start_ready()
            self._publish()
            while self._crew.busy:
                messages = list(self._crew.listen())
                for message in messages:
                    self._hear(message)
                self._start_ready()
                if messages:
                    self._publish()
        except KeyboardInterrupt:
            self._interrupt()

    def _start_ready(self) -> None:
        # In the pipeline's order, so that what a step could not run for is settled before those after it are looked at.
        for name, step in self._steps.items():
            if name in self._begun:
                continue
            before = [
                self._reports[other]
                for other in self._around.pipeline.dependencies(step)
                if other in self._steps
            ]
            broken = next(
                (other for other in before if other.state.ended and not other.state.succeeded), None
            )
            if broken is not None:
                self._begun.add(name)
                self._settle(replace(self._reports[name], state=StepState.NOT_RUN, reason=_blame(broken)))
            elif all(other.state.succeeded for other in before):
                self._begun.add(name)
                self._crew.start(name, StepWork(step, self._around, makers=self._makers(step)))

    def _makers(self, step: PipelineStep) -> dict[str, str | None]:
        """Return input name to the run that made it."""
        runs: dict[str, str | None] = {name: known.run for name, known in self._around.last.steps.items()}
        runs |= {name: report.run for name, report in self._reports.items() if report.state.succeeded}
        makers = {name: self._around.pipeline.maker(name) for name in step.inputs}
        return {name: runs.get(maker) if maker else None for name, maker in makers.items()}

    def _hear(self, message: Told | Ended[Outcome]) -> None:
        if isinstance(message, Ended):
            self._take(message.job, message.outcome)
        elif self._reports[message.job].state.ended:
            return  # progress from far away can come late
        elif isinstance(message.word, StepProgress):
            self._reports[message.job] = replace(self._reports[message.job], progress=message.word)
        elif isinstance(message.word, StepReport):
            self._settle(message.word)

    def _take(self, name: str, outcome: Outcome) -> None:
        self._warnings += [text for text in outcome.warnings if text not in self._warnings]
        wait = self._rules[name].seconds_to_next(outcome.result) if outcome.result is not None else None
        if wait is None or self._interrupted:
            self._settle(outcome.report, outcome.key)
            self._log(outcome.report)
            return
        again = StepWork(
            self._steps[name],
            self._around,
            number=outcome.report.attempts + 1,
            makers=self._makers(self._steps[name]),
            reason=outcome.report.reason,
        )
        self._settle(replace(outcome.report, state=StepState.WAITING, progress=None))
        self._crew.start(name, again, wait)

    def _settle(self, report: StepReport, key: str = "") -> None:
        self._reports[report.name] = report
        known = StepMemory(report.state, key, report.outputs, report.metrics, report.run, report.output_path)
        self._memory = self._memory.with_step(report.name, known)
        self._memory.save(self._folder)

    def _log(self, report: StepReport) -> None:
        metrics = {f"{report.name}.{key}": value for key, value in report.metrics.items()}
        if metrics:
            self._around.parent.record.log(metrics=metrics)

    def _interrupt(self) -> None:
        self._interrupted = True
        try:
            for ended in self._crew.stop(STOP_SECONDS):
                self._take(ended.job, ended.outcome)
        except KeyboardInterrupt:
            pass  # asked for twice: the steps are left to stop by themselves
        for report in list(self._reports.values()):
            if not report.state.ended:
                state = StepState.KILLED if report.state is StepState.RUNNING else StepState.NOT_RUN
                self._settle(replace(report, state=state, reason=INTERRUPTED))
        self._publish()

    def _publish(self) -> None:
        self._report(self._now())

    def _now(self) -> PipelineReport:
        pipeline = self._around.pipeline
        edges = [edge for edge in pipeline.edges if set(edge) <= self._steps.keys()]
        return PipelineReport(
            name=pipeline.name,
            path=pipeline.path,
            steps=tuple(self._reports.values()),
            edges=tuple(edges),
            seconds=time.monotonic() - self._started,
            run=self._around.parent.run,
            interrupted=self._interrupted,
            warnings=tuple(self._warnings),
        )

    def _finish(self) -> PipelineReport:
        final = self._now()
        outputs = {name: digest for step in final.steps for name, digest in step.outputs.items()}
        self._around.parent.record.log(tags=fitting({"nbship.outputs": json.dumps(outputs)}))
        status, reason = _verdict(final)
        self._around.parent.finish(status, reason, DOCUMENT, final.to_dict())
        return final

    def _params(self) -> dict[str, str]:
        texts = self._around.texts
        return {
            f"{step.name}.{name}": texts.shown(value)
            for step in self._steps.values()
            for name, value in step.parameters.items()
        }


def _blame(before: StepReport) -> str:
    """Return why the next step does not run: for a step that did not run itself, what it was that failed."""
    if before.state is StepState.NOT_RUN:
        return before.reason
    return f"step {before.name} {_WORDS.get(before.state, 'failed')}"


def _verdict(final: PipelineReport) -> tuple[RunStatus, str]:
    if final.interrupted:
        return RunStatus.KILLED, INTERRUPTED
    failed = [step for step in final.steps if step.state.ended and not step.state.succeeded]
    if not failed:
        return RunStatus.FINISHED, ""
    first = failed[0]
    why = first.failure.message if first.failure is not None else first.reason
    return RunStatus.FAILED, f"step {first.name} {_WORDS.get(first.state, 'failed')}: {why}"

"""One step of a pipeline, from the look at what changed to its outputs in the cache; runs on a thread of its own."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.model.pipeline import StepReport
from nbship.model.step import StepFailure, StepRequest, StepResult, StepState
from nbship.pipeline.cache.entry import CacheEntry, used_by
from nbship.pipeline.cache.explain import NOTHING_CHANGED, OUTPUTS_GONE, explain
from nbship.pipeline.cache.key import (
    KeyParts,
    base_key,
    cell_digests,
    kernel_of,
    python_version,
    secret_digests,
)
from nbship.pipeline.cache.step_cache import step_identity
from nbship.pipeline.executors.outcomes import is_lost
from nbship.pipeline.scheduling.parent_run import fitting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbship.model.pipeline import Pipeline, PipelineStep
    from nbship.pipeline.cache.step_cache import StepCache
    from nbship.pipeline.scheduling.attempts import Attempt
    from nbship.pipeline.scheduling.parameter_texts import ParameterTexts
    from nbship.pipeline.scheduling.parent_run import ParentRun
    from nbship.pipeline.scheduling.pipeline_memory import PipelineMemory

__all__ = ["Outcome", "StepWork", "Surroundings"]

RESUMED = "completed in the run before"

_WITHOUT_SUCCESS = frozenset({StepState.RUNNING, StepState.FAILED, StepState.TIMED_OUT, StepState.KILLED})
"""How a step stood that was begun; running, where the process was killed that wrote it down."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all steps of one execution of a pipeline share.

    Attributes
    ----------
    last
        How the steps stood before.
    texts
        How parameters are written.
    warm_up
        Called before the first notebook is executed.
    """

    pipeline: Pipeline
    cache: StepCache
    parent: ParentRun
    last: PipelineMemory
    notebooks: Path
    texts: ParameterTexts
    warm_up: Callable[[], None]
    force: bool = False
    resume: bool = False

    def place(self, artifact: str) -> Path:
        """Return where an artifact lies."""
        pipeline = self.pipeline
        made = {name: path for step in pipeline.steps for name, path in step.outputs.items()}
        return (Path(pipeline.folder) / {**pipeline.sources, **made}[artifact]).resolve()

    def relative(self, path: Path) -> str:
        """Return a path as messages show it."""
        folder = Path(self.pipeline.folder).resolve()
        return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt; `result` is None where no notebook was executed."""

    report: StepReport
    key: str = ""
    result: StepResult | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepWork:
    """One attempt at one step.

    Attributes
    ----------
    number
        Of the attempt, from 1.
    makers
        Input name to the run that made it, where that is known.
    reason
        Why the step runs, where an earlier attempt found out.
    """

    step: PipelineStep
    around: Surroundings
    number: int = 1
    makers: Mapping[str, str | None] | None = None
    reason: str = ""

    def __call__(self, attempt: Attempt, tell: Callable[[Any], None]) -> Outcome:
        """Take the step from the cache or execute it; a `StepReport` is told when the reason is known."""
        parts, problem = self._parts()
        if problem is not None:
            failure = StepFailure("start", problem)
            return Outcome(StepReport(self.step.name, StepState.FAILED, problem, failure=failure))
        taken, reason = (None, self.reason) if self.number > 1 else self._take(parts)
        if taken is not None:
            return Outcome(taken, base_key(parts))
        running = StepReport(self.step.name, StepState.RUNNING, reason, attempts=self.number)
        tell(running)
        return self._execute(parts, running, attempt, tell)

    def _parts(self) -> tuple[KeyParts, str | None]:
        """Return what the step depends on, and what is wrong with its inputs if anything is."""
        step, memory, texts = self.step, self.around.cache.memory, self.around.texts
        inputs: dict[str, str] = {}
        for name in step.inputs:
            digest = memory.digest(self.around.place(name))
            if digest is None:
                shown = self.around.relative(self.around.place(name))
                return KeyParts(), f"input {name} of step {step.name} is missing or unreadable: {shown}"
            inputs[name] = digest
        parts = KeyParts(
            python=python_version(),
            kernel=kernel_of(step.content, step.kernel_name),
            cells=cell_digests(step.content),
            parameters={name: texts.canonical(value) for name, value in step.parameters.items()},
            shown={name: texts.shown(value) for name, value in step.parameters.items()},
            secrets=secret_digests(step.secrets, self.around.cache.secret_key),
            inputs=inputs,
            outputs=dict(step.outputs),
        )
        return parts, None

    def _take(self, parts: KeyParts) -> tuple[StepReport | None, str]:
        """Return the report of a step that need not run; else why it runs."""
        if self.around.force:
            return None, "--force"
        if self.around.resume and (resumed := self._resumed(parts)) is not None:
            return resumed, ""
        if not self.step.cache:
            return None, "cache = false"
        entry = self.around.cache.find(parts)
        if entry is None:
            return None, self._why(parts)
        if not self.around.cache.restore(entry, self._places()):
            return None, OUTPUTS_GONE
        self.around.cache.remember(self._identity(), entry)
        return self._report_of(entry, NOTHING_CHANGED), ""

    def _why(self, parts: KeyParts) -> str:
        cache, last = self.around.cache, self.around.last.steps.get(self.step.name)
        before = cache.newest(self._identity())
        found = cache.differences(before) if before is not None else ()
        failed = last is not None and last.state in _WITHOUT_SUCCESS
        return explain(parts, before, found, failed_before=failed)

    def _resumed(self, parts: KeyParts) -> StepReport | None:
        last = self.around.last.steps.get(self.step.name)
        if last is None or not last.state.succeeded or last.key != base_key(parts):
            return None
        entry = CacheEntry(
            parts, outputs=last.outputs, metrics=last.metrics, run=last.run, output_path=last.output_path
        )
        if not self.around.cache.restore(entry, self._places()):
            return None
        return self._report_of(entry, RESUMED)

    def _report_of(self, entry: CacheEntry, reason: str) -> StepReport:
        notebook = entry.output_path
        return StepReport(
            self.step.name,
            StepState.CACHED,
            reason,
            metrics=entry.metrics,
            run=entry.run,
            output_path=notebook if notebook and Path(notebook).exists() else None,
            outputs=entry.outputs,
        )

    def _execute(
        self, parts: KeyParts, running: StepReport, attempt: Attempt, tell: Callable[[Any], None]
    ) -> Outcome:
        self.around.warm_up()
        request = self._request(parts)
        before = self._stamps()
        result = attempt.run(request, tell, self.step.resources)
        if is_lost(result) and result.failure is not None:
            self.around.parent.close_lost(request.ticket, result.failure.message)
        result, outputs = self._checked(result)
        warnings = result.warnings
        if result.state is StepState.COMPLETED:
            warnings += self._keep(parts, result, outputs, before)
        report = replace(
            running,
            state=result.state,
            seconds=result.seconds,
            metrics=result.metrics,
            run=result.run,
            output_path=result.output_path,
            outputs=outputs,
            failure=result.failure,
        )
        return Outcome(report, base_key(parts), result, warnings)

    def _request(self, parts: KeyParts) -> StepRequest:
        step, pipeline = self.step, self.around.pipeline
        makers = self.makers or {}
        lineage = {name: {"digest": digest, "run": makers.get(name)} for name, digest in parts.inputs.items()}
        tags = {
            "nbship.kind": "step",
            "nbship.pipeline": pipeline.path,
            "nbship.step": step.name,
            "nbship.attempt": str(self.number),
            "nbship.inputs": json.dumps(lineage),
        }
        notebook = str(Path(pipeline.folder) / step.notebook)
        return StepRequest(
            name=step.name,
            notebook=step.content,
            input_path=notebook,
            output_path=str(self.around.notebooks / f"{step.name}.ipynb"),
            parameters=dict(step.parameters),
            secrets=dict(step.secrets),
            cwd=pipeline.folder,
            kernel_name=step.kernel_name,
            timeout_seconds=step.timeout_seconds,
            cell_timeout_seconds=step.cell_timeout_seconds,
            expects=tuple(step.outputs.values()),
            ticket=self.around.parent.child(step.name, tags=fitting(tags), source=notebook),
        )

    def _checked(self, result: StepResult) -> tuple[StepResult, dict[str, str]]:
        """Return the result with the digests of its outputs; failed when one of them is not there."""
        if result.state is not StepState.COMPLETED:
            return result, {}
        digests = {name: self.around.cache.memory.digest(place) for name, place in self._places().items()}
        missing = [self.step.outputs[name] for name, digest in digests.items() if digest is None]
        found = {name: digest for name, digest in digests.items() if digest is not None}
        if not missing:
            return result, found
        message = f"step {self.step.name} completed but did not write {', '.join(missing)}"
        return replace(result, state=StepState.FAILED, failure=StepFailure("missing output", message)), found

    def _keep(
        self, parts: KeyParts, result: StepResult, outputs: dict[str, str], before: dict[str, Any]
    ) -> tuple[str, ...]:
        """Remember the execution, and keep its outputs; return what stands against it."""
        entry = self._entry(parts, result, outputs)
        cache = self.around.cache
        stale = [
            name for name, stamp in self._stamps().items() if stamp is not None and stamp == before[name]
        ]
        try:
            cache.remember(self._identity(), entry)
            if self.step.cache and not stale:
                cache.store(entry, self._places())
        except (
            OSError
        ) as error:  # the step itself is done: a full disk costs the next run time, and this one nothing
            return (f"step {self.step.name} is not kept in the cache: {error}",)
        return tuple(
            f"step {self.step.name} left {self.step.outputs[name]} as it was, so it is not kept in the cache"
            for name in stale
        )

    def _entry(self, parts: KeyParts, result: StepResult, outputs: dict[str, str]) -> CacheEntry:
        declared = [*self._places().values(), *(self.around.place(name) for name in self.step.inputs)]
        return CacheEntry(
            parts=parts,
            files=used_by(result, self.around.cache.project, declared, self.around.cache.memory),
            modules=dict(result.modules),
            distributions=dict(result.distributions),
            outputs=outputs,
            metrics=dict(result.metrics),
            run=result.run,
            seconds=result.seconds,
            created_ms=time.time_ns() // 1_000_000,
            output_path=result.output_path,
        )

    def _places(self) -> dict[str, Path]:
        return {name: self.around.place(name) for name in self.step.outputs}

    def _stamps(self) -> dict[str, Any]:
        """Return what tells whether an output was written again; None where there is none."""
        return {name: _stamp(place) for name, place in self._places().items()}

    def _identity(self) -> str:
        return step_identity(self.around.last.path, self.step.name)


def _stamp(place: Path) -> tuple[tuple[str, int, int, int], ...] | None:
    if not place.exists():
        return None
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    seen = ((str(file), file.lstat()) for file in files)
    return tuple((name, status.st_ino, status.st_size, status.st_mtime_ns) for name, status in seen)

"""What all points of one sweep share, and what one point is asked for as."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.model.step import StepRequest, StepResult, StepState
from nbship.pipeline.executors.outcomes import is_lost

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbship.model.pipeline import SweepPoint
    from nbship.pipeline.scheduling.attempts import Attempt
    from nbship.pipeline.scheduling.parameter_texts import ParameterTexts
    from nbship.pipeline.scheduling.parent_run import ParentRun
    from nbship.pipeline.scheduling.warm_up import WarmUp

__all__ = ["SweepPlan", "SweepTarget"]


@dataclass(frozen=True, slots=True)
class SweepTarget:
    """How each point is executed; fields as in `StepRequest`."""

    base: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    cwd: str | None = None
    kernel_name: str | None = None
    timeout_seconds: float | None = None
    cell_timeout_seconds: float | None = None
    environment: dict[str, str] = field(default_factory=dict)
    warm: bool = True


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What all points of one sweep share."""

    notebook: dict[str, Any]
    path: str
    target: SweepTarget
    texts: ParameterTexts
    parent: ParentRun
    notebooks: Path
    warm_up: WarmUp

    def name(self, point: SweepPoint) -> str:
        """Return what a point is called: ``lr=0.1 depth=3``."""
        return " ".join(f"{name}={self.texts.shown(value)}" for name, value in point.params.items())

    def work(self, point: SweepPoint, number: int) -> Callable[[Attempt, Callable[[Any], None]], StepResult]:
        """Return one attempt at a point."""

        def run(attempt: Attempt, tell: Callable[[Any], None]) -> StepResult:
            tell(StepState.RUNNING)
            self.warm_up()
            request = self._request(point, number)
            result = attempt.run(request, tell)
            if is_lost(result) and result.failure is not None:
                self.parent.close_lost(request.ticket, result.failure.message)
            return result

        return run

    def _request(self, point: SweepPoint, number: int) -> StepRequest:
        target = self.target
        tags = {
            "nbship.kind": "point",
            "nbship.point": str(point.index),
            "nbship.attempt": str(number),
        }
        return StepRequest(
            name=self.name(point),
            notebook=self.notebook,
            input_path=self.path,
            output_path=str(self.notebooks / f"{point.index:04d}.ipynb"),
            parameters={**target.base, **point.params},
            secrets=dict(target.secrets),
            cwd=target.cwd,
            kernel_name=target.kernel_name,
            timeout_seconds=target.timeout_seconds,
            cell_timeout_seconds=target.cell_timeout_seconds,
            environment=dict(target.environment),
            warm=target.warm,
            ticket=self.parent.child(self.name(point), tags=tags, source=self.path),
        )

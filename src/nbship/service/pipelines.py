"""Many steps: pipelines and sweeps."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.pipeline import PipelineReport, StepReport
from nbship.pipeline.definition.graph import select
from nbship.pipeline.definition.loading import load_pipeline
from nbship.pipeline.execution.notebook_file import read_notebook
from nbship.pipeline.execution.step import run_step
from nbship.pipeline.executors.local import LocalExecutor
from nbship.pipeline.kernels.environment import kernel_environment
from nbship.pipeline.parameters.declared import read_parameters
from nbship.pipeline.parameters.values import resolve
from nbship.pipeline.scheduling.choice import check_inputs, chosen_steps
from nbship.pipeline.scheduling.schedule import run_pipeline
from nbship.pipeline.scheduling.sweep import SweepTarget, run_sweep
from nbship.pipeline.scheduling.sweep_points import grid_points, schema_parser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbship.config import Settings
    from nbship.model.pipeline import Pipeline, SweepReport
    from nbship.pipeline.executors.protocol import StepExecutor
    from nbship.pipeline.parameters.values import Resolved
    from nbship.service.steps import StepOptions

__all__ = [
    "PipelineOptions",
    "SweepOptions",
    "check_pipeline",
    "pipeline_run",
    "pipeline_show",
    "sweep",
    "sweep_points",
]


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """How a pipeline is to be run.

    Attributes
    ----------
    parameters
        Step name to parameters as text.
    only, start
        Only these steps; a step and everything behind it.
    force, resume
        Run what has not changed too; go on where the last run failed.
    """

    parameters: dict[str, dict[str, str]] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    start: str | None = None
    force: bool = False
    resume: bool = False
    workers: int | None = None
    executor: str = "local"
    scheduler: str | None = None
    output_folder: str | None = None


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """How a sweep is to be run.

    Attributes
    ----------
    grid
        Parameter name to its values as text, or to a range such as ``log:1e-4..1e-1`` with `random`.
    random, seed
        Draw so many points.
    metric, maximize
        What to choose the best point by.
    """

    grid: dict[str, list[str]] = field(default_factory=dict)
    random: int | None = None
    seed: int | None = None
    metric: str | None = None
    maximize: bool = True
    resume: bool = False
    retries: int = 0
    workers: int | None = None
    executor: str = "local"
    scheduler: str | None = None
    output_folder: str | None = None


def pipeline_show(
    settings: Settings,  # noqa: ARG001 - every use case takes it first
    path: str,
    parameters: dict[str, dict[str, str]] | None = None,
) -> PipelineReport:
    """Return a pipeline's steps and edges before anything has run.

    Raises
    ------
    UsageError
        When the definition is wrong in any way that can be told before running.
    """
    pipeline = load_pipeline(Path(path), parameters or {})
    return PipelineReport(
        pipeline.name,
        pipeline.path,
        tuple(StepReport(step.name) for step in pipeline.steps),
        pipeline.edges,
    )


def pipeline_run(
    settings: Settings,
    path: str,
    options: PipelineOptions | None = None,
    report: Callable[[PipelineReport], None] | None = None,
) -> PipelineReport:
    """Run a pipeline and record it; what has not changed is taken from the cache.

    Parameters
    ----------
    report
        Called in this thread with a new report at every change.

    Raises
    ------
    UsageError
        When something is wrong that can be told before running; nothing has run then.
    """
    options = options or PipelineOptions()
    pipeline, selected = _selected(path, options)
    with _executor(settings, options) as executor:
        return run_pipeline(
            pipeline,
            executor=executor,
            settings=settings,
            report=report,
            selected=selected,
            force=options.force,
            resume=options.resume,
            output_folder=_folder(options.output_folder),
        )


def check_pipeline(path: str, options: PipelineOptions) -> None:
    """Check all that `pipeline_run` checks before anything runs.

    Raises
    ------
    UsageError
        As `pipeline_run`.
    """
    pipeline, selected = _selected(path, options)
    check_inputs(pipeline, chosen_steps(pipeline, selected))


def _selected(path: str, options: PipelineOptions) -> tuple[Pipeline, frozenset[str] | None]:
    pipeline = load_pipeline(Path(path), options.parameters)
    some = bool(options.only) or options.start is not None
    return pipeline, select(pipeline, only=options.only, start=options.start) if some else None


def sweep(
    settings: Settings,
    path: str,
    options: SweepOptions,
    step: StepOptions,
    report: Callable[[SweepReport], None] | None = None,
) -> SweepReport:
    """Run a notebook once for each point of a grid and record it.

    Parameters
    ----------
    step
        Base parameters and how each point is executed.
    report
        Called in this thread with a new report at every change.

    Raises
    ------
    UsageError
        When a parameter is wrong, the grid has no points, or the notebook is none.
    """
    notebook = read_notebook(path)
    points, base = _planned(notebook, options, step)
    target = SweepTarget(
        base={name: value for name, value in base.values.items() if name not in points[0]},
        secrets=base.secrets,
        cwd=step.cwd or str(Path.cwd()),
        kernel_name=step.kernel_name,
        timeout_seconds=step.timeout_seconds,
        cell_timeout_seconds=step.cell_timeout_seconds,
        environment=step.environment,
        warm=step.warm,
    )
    with _executor(settings, options) as executor:
        return run_sweep(
            notebook,
            path,
            points,
            target,
            executor=executor,
            settings=settings,
            metric=options.metric,
            maximize=options.maximize,
            resume=options.resume,
            retries=options.retries,
            report=report,
            output_folder=_folder(options.output_folder),
        )


def sweep_points(path: str, options: SweepOptions, step: StepOptions) -> tuple[dict[str, Any], ...]:
    """Return the points that a sweep would take, after checking all that `sweep` checks before anything runs.

    Raises
    ------
    UsageError
        As `sweep`.
    """
    return _planned(read_notebook(path), options, step)[0]


def _planned(
    notebook: dict[str, Any], options: SweepOptions, step: StepOptions
) -> tuple[tuple[dict[str, Any], ...], Resolved]:
    """Return the points of a sweep and its base parameters, with those of the first point among them."""
    schema = read_parameters(notebook)
    both = sorted(options.grid.keys() & (step.values.keys() | step.texts.keys() | step.raw.keys()))
    if both:
        raise UsageError(f"{', '.join(both)} stands in the grid and is given a value as well; leave one out")
    points = grid_points(options.grid, options.random, options.seed, schema_parser(schema))
    # Checked as a whole with the first point: the swept parameters may be the required ones.
    base = resolve(
        schema, values={**step.values, **points[0]}, texts=step.texts, raw=step.raw, secrets=step.secrets
    )
    return points, base


def _folder(path: str | None) -> Path | None:
    return None if path is None else Path(path)


@contextmanager
def _executor(settings: Settings, options: PipelineOptions | SweepOptions) -> Iterator[StepExecutor]:
    executor = _new_executor(settings, options)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _new_executor(settings: Settings, options: PipelineOptions | SweepOptions) -> StepExecutor:
    if options.executor == "dask":
        if not options.scheduler:
            raise UsageError("--executor dask needs --scheduler, e.g. --scheduler tcp://127.0.0.1:8786")
        from nbship.pipeline.executors.dask import DaskExecutor  # an extra

        return DaskExecutor(options.scheduler, run_step, settings)
    if options.executor != "local":
        raise UsageError(f"there is no executor {options.executor!r}; known are local and dask")
    return LocalExecutor(options.workers or os.cpu_count() or 1, run_step, _warm_up)


def _warm_up(modules: tuple[str, ...], kernels: int) -> None:
    from nbship.pipeline.kernels.managers import prepare  # loads jupyter_client

    prepare(modules, kernels, kernel_environment())

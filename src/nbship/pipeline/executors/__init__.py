"""Where steps run: threads of this process, a Dask cluster, or any `concurrent.futures.Executor`."""

from nbship.pipeline.executors.futures import FutureExecutor
from nbship.pipeline.executors.local import LocalExecutor
from nbship.pipeline.executors.protocol import Progress, RunStep, StepExecutor

__all__ = ["FutureExecutor", "LocalExecutor", "Progress", "RunStep", "StepExecutor"]

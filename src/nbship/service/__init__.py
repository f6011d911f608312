"""The use cases of nbship; every surface knocks here.

A use case is loaded when it is first asked for: a listing of runs does without what executes notebooks.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbship.service.comparisons import compare, table_of
    from nbship.service.drift_reports import DriftRequest, drift, profile, selfcheck
    from nbship.service.history import RunDetail, runs, show, sync, sync_status
    from nbship.service.pipelines import (
        PipelineOptions,
        SweepOptions,
        pipeline_run,
        pipeline_show,
        sweep,
    )
    from nbship.service.shipping.building import package, resave
    from nbship.service.shipping.serving import serve, services, stop, wait_for_end
    from nbship.service.steps import (
        StepOptions,
        convert,
        parameters,
        prepare_step,
        run_notebook,
        store_id,
        write_prepared,
    )

__all__ = [
    "DriftRequest",
    "PipelineOptions",
    "RunDetail",
    "StepOptions",
    "SweepOptions",
    "compare",
    "convert",
    "drift",
    "package",
    "parameters",
    "pipeline_run",
    "pipeline_show",
    "prepare_step",
    "profile",
    "resave",
    "run_notebook",
    "runs",
    "selfcheck",
    "serve",
    "services",
    "show",
    "stop",
    "store_id",
    "sweep",
    "sync",
    "sync_status",
    "table_of",
    "wait_for_end",
    "write_prepared",
]

_HOMES = {
    "comparisons": ("compare", "table_of"),
    "drift_reports": ("DriftRequest", "drift", "profile", "selfcheck"),
    "history": ("RunDetail", "runs", "show", "sync", "sync_status"),
    "pipelines": (
        "PipelineOptions",
        "SweepOptions",
        "pipeline_run",
        "pipeline_show",
        "sweep",
    ),
    "shipping.building": ("package", "resave"),
    "shipping.serving": ("serve", "services", "stop", "wait_for_end"),
    "steps": (
        "StepOptions",
        "convert",
        "parameters",
        "prepare_step",
        "run_notebook",
        "store_id",
        "write_prepared",
    ),
}
_HOME_OF = {name: f"{__name__}.{home}" for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a use case when it is first asked for."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value

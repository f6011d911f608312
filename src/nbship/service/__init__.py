"""The use cases of nbship; every surface knocks here.

A use case is loaded when it is first asked for: a listing of runs does without what executes notebooks.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbship.service.comparisons import compare, table_of
    from nbship.service.curation import (
        archive_runs,
        delete_runs,
        register,
        registered,
        remove_alias,
        restore_runs,
        set_alias,
        tag_runs,
    )
    from nbship.service.drift_reports import DriftRequest, drift, profile, selfcheck
    from nbship.service.history import RunDetail, metric_names, param_names, runs, show, sync, sync_status
    from nbship.service.live_state import LiveState, live
    from nbship.service.pipeline_outlines import find_pipelines, pipeline_outline
    from nbship.service.pipelines import (
        PipelineOptions,
        SweepOptions,
        check_pipeline,
        pipeline_run,
        pipeline_show,
        sweep,
        sweep_points,
    )
    from nbship.service.rerun import rerun_source
    from nbship.service.run_badges import badges
    from nbship.service.run_files import (
        metric_history,
        run_cells,
        run_data,
        run_environment,
        run_notebook_json,
        run_output,
    )
    from nbship.service.run_lineage import run_lineage
    from nbship.service.run_models import run_models
    from nbship.service.served_asking import ask_service, service_form
    from nbship.service.served_metrics import readings
    from nbship.service.shipping.building import package, resave
    from nbship.service.shipping.means import shipping_means
    from nbship.service.shipping.serving import serve, served_log, served_model, services, stop, wait_for_end
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
    "LiveState",
    "PipelineOptions",
    "RunDetail",
    "StepOptions",
    "SweepOptions",
    "archive_runs",
    "ask_service",
    "badges",
    "check_pipeline",
    "compare",
    "convert",
    "delete_runs",
    "drift",
    "find_pipelines",
    "live",
    "metric_history",
    "metric_names",
    "package",
    "param_names",
    "parameters",
    "pipeline_outline",
    "pipeline_run",
    "pipeline_show",
    "prepare_step",
    "profile",
    "readings",
    "register",
    "registered",
    "remove_alias",
    "rerun_source",
    "resave",
    "restore_runs",
    "run_cells",
    "run_data",
    "run_environment",
    "run_lineage",
    "run_models",
    "run_notebook",
    "run_notebook_json",
    "run_output",
    "runs",
    "selfcheck",
    "serve",
    "served_log",
    "served_model",
    "service_form",
    "services",
    "set_alias",
    "shipping_means",
    "show",
    "stop",
    "store_id",
    "sweep",
    "sweep_points",
    "sync",
    "sync_status",
    "table_of",
    "tag_runs",
    "wait_for_end",
    "write_prepared",
]

_HOMES = {
    "comparisons": ("compare", "table_of"),
    "curation": (
        "archive_runs",
        "delete_runs",
        "register",
        "registered",
        "remove_alias",
        "restore_runs",
        "set_alias",
        "tag_runs",
    ),
    "drift_reports": ("DriftRequest", "drift", "profile", "selfcheck"),
    "history": ("RunDetail", "metric_names", "param_names", "runs", "show", "sync", "sync_status"),
    "live_state": ("LiveState", "live"),
    "pipeline_outlines": ("find_pipelines", "pipeline_outline"),
    "pipelines": (
        "PipelineOptions",
        "SweepOptions",
        "check_pipeline",
        "pipeline_run",
        "pipeline_show",
        "sweep",
        "sweep_points",
    ),
    "rerun": ("rerun_source",),
    "run_badges": ("badges",),
    "run_files": (
        "metric_history",
        "run_cells",
        "run_data",
        "run_environment",
        "run_notebook_json",
        "run_output",
    ),
    "run_lineage": ("run_lineage",),
    "run_models": ("run_models",),
    "served_asking": ("ask_service", "service_form"),
    "served_metrics": ("readings",),
    "shipping.building": ("package", "resave"),
    "shipping.means": ("shipping_means",),
    "shipping.serving": ("serve", "served_log", "served_model", "services", "stop", "wait_for_end"),
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

"""A plugin of mlflow: what it should know of runs that a tracked cell creates by itself.

mlflow loads it through the entry point ``mlflow.run_context_provider`` in every process, so it answers from the
environment alone and imports nothing; mlflow asks providers for these two methods only, not for its base class.
"""

from __future__ import annotations

import os

__all__ = ["ACTIVE_RUN_VARIABLE", "SOURCE_VARIABLE", "TrackedCellContext"]

ACTIVE_RUN_VARIABLE = "NBSHIP_ACTIVE_RUN"
"""Id, in the store, of the run of the cell that runs now."""

SOURCE_VARIABLE = "NBSHIP_SOURCE"
"""Name of the notebook."""


class TrackedCellContext:
    """Makes a run that is started inside a tracked cell a child of the cell's run, and names its notebook."""

    def in_context(self) -> bool:
        """Say whether a tracked cell runs now."""
        return bool(os.environ.get(ACTIVE_RUN_VARIABLE))

    def tags(self) -> dict[str, str]:
        """Return the tags for a new run."""
        tags = {"mlflow.parentRunId": os.environ[ACTIVE_RUN_VARIABLE]}
        source = os.environ.get(SOURCE_VARIABLE)
        if source:
            tags |= {"mlflow.source.name": source, "mlflow.source.type": "NOTEBOOK"}
        return tags

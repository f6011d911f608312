"""The environment variables that executed notebooks start from."""

from __future__ import annotations

import os

__all__ = ["kernel_environment"]

_DEFAULTS = {
    # The waiting threads of OpenMP spin otherwise: two kernels on two cores then take ten times as long as one.
    "OMP_WAIT_POLICY": "passive",
    # Who executes the notebook waits for the record, where that is wanted.
    "NBSHIP_EXIT_WAIT_SECONDS": "0",
}


def kernel_environment() -> dict[str, str]:
    """Return the variables of this process, and defaults for those that it does not set.

    A kernel is warm only if the fork server that it comes from was started with the same ones.
    """
    return {**_DEFAULTS, **os.environ}

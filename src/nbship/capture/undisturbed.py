"""Calling code of the user's so that the kernel notices nothing of it."""

from __future__ import annotations

import contextlib
import io
import random
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["undisturbed"]


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Keep random state, warnings, output and mlflow's autologging of the kernel as they are."""
    numpy_random = sys.modules.get("numpy.random")  # numpy itself loads it late
    state = random.getstate()
    # Not the legacy tuple: it exists for one kind of bit generator only.
    numpy_state = numpy_random.get_state(legacy=False) if numpy_random else None
    sink = io.StringIO()
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(sink),
            contextlib.redirect_stderr(sink),
            _without_autologging(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        random.setstate(state)
        if numpy_random:
            numpy_random.set_state(numpy_state)


def _without_autologging() -> contextlib.AbstractContextManager[None]:
    """Autologging would take a prediction of ours for the user's own, and log its input as a dataset."""
    disable = getattr(sys.modules.get("mlflow.utils.autologging_utils"), "disable_autologging", None)
    return contextlib.nullcontext() if disable is None else disable()

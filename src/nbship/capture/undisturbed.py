"""Calling code of the user's so that the kernel notices nothing of it."""

from __future__ import annotations

import contextlib
import io
import logging
import random
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["undisturbed"]


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Keep random state, warnings, output, log and mlflow's autologging of the kernel as they are.

    Raises
    ------
    RuntimeError
        When the code asks to end the process.
    """
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
            _without_logging(),
            _without_display(),
            _without_autologging(),
        ):
            warnings.simplefilter("ignore")
            yield
    except SystemExit as error:
        raise RuntimeError("it asked to end the process") from error
    finally:
        random.setstate(state)
        if numpy_random:
            numpy_random.set_state(numpy_state)


@contextlib.contextmanager
def _without_logging() -> Iterator[None]:
    """Handlers keep the stream that they began with, so redirecting is not enough."""
    before = logging.root.manager.disable
    logging.disable(sys.maxsize)
    try:
        yield
    finally:
        logging.disable(before)


@contextlib.contextmanager
def _without_display() -> Iterator[None]:
    """What is displayed goes to the notebook by itself, not through a stream."""
    module = sys.modules.get("IPython.core.displaypub")
    shell: Any = sys.modules["IPython"].get_ipython() if module else None
    if module is None or shell is None:
        yield
        return
    publisher = shell.display_pub
    shell.display_pub = module.CapturingDisplayPublisher()
    try:
        yield
    finally:
        shell.display_pub = publisher


def _without_autologging() -> contextlib.AbstractContextManager[None]:
    """Autologging would take a prediction of ours for the user's own, and log its input as a dataset."""
    disable = getattr(sys.modules.get("mlflow.utils.autologging_utils"), "disable_autologging", None)
    return contextlib.nullcontext() if disable is None else disable()

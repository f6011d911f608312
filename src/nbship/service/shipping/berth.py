"""The name and the port of what is to be served: taken before the work begins, or from what is replaced when it is over."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from nbship.errors import UsageError
from nbship.packaging.ports import choose_port
from nbship.packaging.services import claim_service, list_services, stop_service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nbship.model.image import ServedModel
    from nbship.packaging.service_records import ServiceClaim

__all__ = ["reserved"]

_ENDED = ("failed", "stopped")


@contextmanager
def reserved(
    home: Path, name: str, port: int | None = None, *, replaced: bool = False
) -> Iterator[Callable[[], ServiceClaim]]:
    """Give a function that returns the claim of a name, to be called when all is ready to be started.

    Parameters
    ----------
    home
        The project's ``.nbship``.
    port
        That is asked for; None for any.
    replaced
        What is served under the name answers until the function is called, and is stopped then: whatever goes wrong
        before leaves it alone.

    Raises
    ------
    UsageError
        When the name is taken.
    PackagingError
        When the port is in use.
    """
    with ExitStack() as stack:
        if replaced:
            yield lambda: stack.enter_context(_freed(home, name))
            return
        taken = _served(home, name)
        if taken is not None and taken.state not in _ENDED:
            raise UsageError(
                f"{name!r} is already served at {taken.endpoint}: stop it first (nbship stop {name}), say --replace, or "
                "take another name with --name"
            )
        if port is not None:
            choose_port(port)
        claim = stack.enter_context(claim_service(home, name))
        yield lambda: claim


@contextmanager
def _freed(home: Path, name: str) -> Iterator[ServiceClaim]:
    if _served(home, name) is not None:
        stop_service(home, name)
    with claim_service(home, name) as claim:
        yield claim


def _served(home: Path, name: str) -> ServedModel | None:
    return next((model for model in list_services(home) if model.name == name), None)

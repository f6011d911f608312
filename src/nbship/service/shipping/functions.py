"""What a notebook calls by name: `nbship.package`, `nbship.serve`, `nbship.services`, `nbship.stop`."""

from __future__ import annotations

from dataclasses import fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.run import Run
from nbship.service.apart import in_kernel
from nbship.service.here import settings_here
from nbship.service.shipping import building, serving
from nbship.service.shipping.grammar import PackageRequest, ServeRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.image import PackagedImage, PackageStage, ServedModel

__all__ = ["package", "serve", "services", "stop"]


def package(
    run: str | Run, *, progress: Callable[[PackageStage], None] | None = None, **options: Any
) -> PackagedImage:
    """Build a container image that serves the model of a run; no container engine is needed for it.

    Parameters
    ----------
    run
        A run id, an unambiguous prefix of one, the name of a run, or ``latest``; ``models:/NAME/VERSION`` or
        ``NAME@ALIAS`` for a registered model; or a `Run`.
    progress
        Called with each stage of the work.
    **options
        ``reference`` (NAME:TAG), ``base`` (image), ``platform``, ``archive`` (file), ``push`` (reference), ``load``,
        ``context`` (folder), ``verify``, ``name``, ``method``, ``model_file``, ``trust_pickle``; as the options of
        ``nbship package``.

    Returns
    -------
    PackagedImage
        Shows itself in a notebook; ``.to_text()``, ``.to_html()`` and ``.to_dict()`` give its other forms.

    Raises
    ------
    UsageError, RunNotFoundError, UntrustedModelError
        When the request is wrong, or the model may not be read.
    PackagingError
        When the image cannot be built, tested or put there; nothing is tagged then.
    """
    request: PackageRequest = _request(PackageRequest, run, options)
    return building.package(settings_here(), request, progress, apart=in_kernel())


def serve(
    run: str | Run, *, progress: Callable[[PackageStage], None] | None = None, **options: Any
) -> ServedModel:
    """Serve the model of a run: in a container where there is an engine, else as a process of this machine.

    Parameters
    ----------
    run
        As in `package`.
    progress
        Called with each stage of the work.
    **options
        ``port``, ``kind`` (``container`` or ``process``), ``replace``, ``base``, ``name``, ``method``, ``model_file``,
        ``trust_pickle``; as the options of ``nbship serve``.

    Returns
    -------
    ServedModel
        Ready, with its `endpoint`. It goes on when this process ends, until `stop`.

    Raises
    ------
    UsageError, RunNotFoundError, UntrustedModelError
        When the request is wrong, its name is taken, or the model may not be read.
    PackagingError
        When it cannot be started; nothing of it is left then.
    """
    request: ServeRequest = _request(ServeRequest, run, options)
    return serving.serve(settings_here(), request, progress, apart=in_kernel())


def _request(kind: type[Any], run: str | Run, options: dict[str, Any]) -> Any:
    known = [field.name for field in fields(kind) if field.name != "what"]
    unknown = next((name for name in options if name not in known), None)
    if unknown is not None:
        near = get_close_matches(unknown, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        raise UsageError(f"there is no option {unknown!r}; {hint}")
    return kind(run.id if isinstance(run, Run) else run, **options)


def services() -> tuple[ServedModel, ...]:
    """Return what is served from this project, and by the local engine."""
    return serving.services(settings_here()).services


def stop(*names: str, timeout_seconds: float = serving.STOP_SECONDS) -> tuple[ServedModel, ...]:
    """Stop served models, after they have answered what is in flight.

    Raises
    ------
    UsageError
        When there is none of a name, or none was named.
    """
    return serving.stop(settings_here(), names, timeout_seconds=timeout_seconds)

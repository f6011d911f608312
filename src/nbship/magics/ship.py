"""``%package``, ``%serve``, ``%services`` and ``%stop``: from a run to a served container, under the cell."""

from __future__ import annotations

from collections import ChainMap
from html import escape
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import Magics, line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments
from IPython.display import display

from nbship import service
from nbship.display.image_text import stage_line
from nbship.display.throttle import Throttle
from nbship.errors import NbshipError, UsageError
from nbship.magics.lines import filled_in, parsed, split_line
from nbship.model.image import ServedModels
from nbship.service.shipping.grammar import (
    PACKAGE_OPTIONS,
    SERVE_OPTIONS,
    PackageRequest,
    ServeRequest,
    given,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from nbship.magics.hooks import CellHooks
    from nbship.model.image import PackagedImage, PackageStage, ServedModel

__all__ = ["ShipMagics"]

_REDRAW_SECONDS = 0.2


def _options(options: tuple[tuple[tuple[str, ...], dict[str, Any]], ...]) -> Callable[[Any], Any]:
    """Decorate a magic with options of the command line."""

    def decorate(function: Any) -> Any:
        for flags, keywords in reversed(options):
            function = argument(*flags, **keywords)(function)
        resave = argument(
            "--resave", metavar="VARIABLE", help="save the model anew from this variable, without pickle"
        )
        return resave(function)

    return decorate


@magics_class
class ShipMagics(Magics):
    """Package and serve models of runs."""

    def __init__(self, hooks: CellHooks) -> None:
        super().__init__(hooks.shell)
        self.tracker = hooks.tracker

    @no_var_expand
    @needs_local_scope
    @magic_arguments()
    @argument("what", nargs="*", metavar="RUN", help="a run, models:/NAME/VERSION or NAME@ALIAS")
    @_options(PACKAGE_OPTIONS)
    @line_magic
    def package(self, line: str, local_ns: dict[str, Any] | None = None) -> PackagedImage:
        """Build an image that serves the model of a run; no container engine is needed for it.

        The image is the value of the line: ``image = %package RUN``.
        """
        try:
            names = ChainMap(local_ns or {}, self.shell.user_ns)
            request = PackageRequest(**self._given("package", line, names, PackageRequest))
            with _Progress() as report:
                return service.package(self.tracker.settings(), request, report, apart=True)
        except (NbshipError, OSError) as error:
            raise IPythonUsageError(str(error)) from None

    @no_var_expand
    @needs_local_scope
    @magic_arguments()
    @argument("what", nargs="*", metavar="RUN", help="a run, models:/NAME/VERSION or NAME@ALIAS")
    @_options(SERVE_OPTIONS)
    @line_magic
    def serve(self, line: str, local_ns: dict[str, Any] | None = None) -> ServedModel:
        """Serve the model of a run: in a container where an engine is, else as a process of this machine.

        It goes on when the notebook is closed; ``%stop NAME`` ends it. It is the value of the line:
        ``served = %serve RUN``.
        """
        try:
            names = ChainMap(local_ns or {}, self.shell.user_ns)
            request = ServeRequest(**self._given("serve", line, names, ServeRequest))
            with _Progress() as report:
                return service.serve(self.tracker.settings(), request, report, apart=True)
        except (NbshipError, OSError) as error:
            raise IPythonUsageError(str(error)) from None

    @line_magic
    def services(self, line: str) -> ServedModels:
        """List what is served."""
        if line.strip():
            raise IPythonUsageError(f"%services takes nothing, got {line.strip()}")
        try:
            return service.services(self.tracker.settings())
        except NbshipError as error:
            raise IPythonUsageError(str(error)) from None

    @no_var_expand
    @magic_arguments()
    @argument("names", nargs="*", metavar="NAME", help="as %%services lists it")
    @argument("--all", action="store_true", help="all that this project serves")
    @line_magic
    def stop(self, line: str) -> ServedModels:
        """Stop served models, after they have answered what is in flight."""
        try:
            words = [filled_in(word, self.shell.user_ns) for word in split_line(line)]
            options = parsed("stop", type(self).stop.parser, words, "names")
            return ServedModels(service.stop(self.tracker.settings(), options.names, every=options.all))
        except NbshipError as error:
            raise IPythonUsageError(str(error)) from None

    def _given(
        self, name: str, line: str, names: Any, kind: type[PackageRequest | ServeRequest]
    ) -> dict[str, Any]:
        """Return the fields of a request, as the line says them."""
        self.tracker.settle()
        words = [filled_in(word, names) for word in split_line(line)]
        options: argparse.Namespace = parsed(name, getattr(type(self), name).parser, words, "what")
        if len(options.what) != 1:
            raise UsageError(
                f"%{name} wants one RUN, got {' '.join(options.what) or 'none'}; `%runs` lists them, and latest is the last"
            )
        fields = given(options, kind) | {"what": self.tracker.own_run(options.what[0])}
        if options.resave is not None:
            if options.resave not in names:
                raise UsageError(f"--resave {options.resave}: there is no such variable")
            fields["model_file"] = service.resave(
                self.tracker.settings(), names[options.resave], options.resave
            )
        return fields


class _Progress:
    """A line under the cell that tells what is being done, and is gone when that is done."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._throttle = Throttle(self._draw, _REDRAW_SECONDS)

    def __enter__(self) -> Callable[[PackageStage], None]:
        return self._throttle.offer

    def __exit__(self, *_: object) -> None:
        self._throttle.flush()
        if self._handle is not None:
            self._handle.update({"text/plain": "", "text/html": ""}, raw=True)

    def _draw(self, stage: PackageStage) -> None:
        text = stage_line(stage)
        bundle = {"text/plain": text, "text/html": f"<code>{escape(text)}</code>"}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

"""``nbship package``, ``serve``, ``services`` and ``stop``: from a run to a served container."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

from nbship.cli.arguments import command, print_json, seconds, settings_of
from nbship.cli.interrupts import interruptible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from nbship.model.image import PackageStage, ServedModel
    from nbship.model.shown import Shown

__all__ = ["add_commands"]

_WHAT = "a RUN, models:/NAME/VERSION or NAME@ALIAS"


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    from nbship.service.shipping.grammar import PACKAGE_OPTIONS, SERVE_OPTIONS

    parser = command(commands, "package", _package, "Build an image that serves the model of a run.")
    _add_options(parser, PACKAGE_OPTIONS)
    parser = command(
        commands,
        "serve",
        _serve,
        "Serve the model of a run: in a container where an engine is, else as a process.",
    )
    _add_options(parser, SERVE_OPTIONS)
    parser.add_argument("-d", "--detach", action="store_true", help="leave it running and return")
    parser = command(commands, "services", _services, "List what is served.")
    parser.add_argument("--json", action="store_true", help="machine-readable result")
    parser = command(commands, "stop", _stop, "Stop a served model, after it has answered what is in flight.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="as `nbship services` lists it")
    parser.add_argument("--all", action="store_true", help="all that this project serves")
    parser.add_argument(
        "--timeout", type=seconds, default=30.0, metavar="SECONDS", help="for what is in flight (default 30)"
    )
    parser.add_argument("--json", action="store_true", help="machine-readable result")


def _add_options(parser: Any, options: tuple[tuple[tuple[str, ...], dict[str, Any]], ...]) -> None:
    parser.add_argument("what", metavar="RUN", help=_WHAT)
    for flags, keywords in options:
        parser.add_argument(*flags, **keywords)
    parser.add_argument("--json", action="store_true", help="machine-readable result")
    parser.add_argument("--progress", choices=("text", "json"), help="how to tell what is being done")


def _package(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.service.shipping.grammar import PackageRequest, given

    request = PackageRequest(**given(options, PackageRequest))
    with interruptible(), _Progress(options.progress) as report:
        image = service.package(settings_of(options), request, report)
    _tell(image, image.to_dict(), options)
    return 0 if image.verified is not False else 1


def _serve(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.service.shipping.grammar import ServeRequest, given

    settings = settings_of(options)
    request = ServeRequest(**given(options, ServeRequest))
    with interruptible() as ending:
        with _Progress(options.progress) as report:
            served = service.serve(settings, request, report)
        if options.detach:
            _tell(served, served.to_dict(), options)
            return 0
        ending.wait_for_it()
        _tell(served, served.to_dict(), options)
        sys.stdout.flush()
        ended = service.wait_for_end(settings, served, ending.asked)
    if ended.state == "stopped":
        return 0
    print(f"nbship: {ended.name}: {ended.reason}", file=sys.stderr)
    return 3


def _services(options: argparse.Namespace) -> int:
    from nbship import service

    found = service.services(settings_of(options))
    _tell(found, found.to_dict(), options)
    return 0


def _stop(options: argparse.Namespace) -> int:
    from nbship import service
    from nbship.model.image import ServedModels

    stopped = ServedModels(
        service.stop(settings_of(options), options.names, every=options.all, timeout_seconds=options.timeout)
    )
    if options.json:
        print_json(stopped.to_dict())
        return 0
    for model in stopped.services:
        print(_stopped(model))
    return 0


def _stopped(model: ServedModel) -> str:
    return f"■ {model.name} stopped{f': {model.reason}' if model.reason else ''}"


def _tell(result: Shown, data: dict[str, Any], options: argparse.Namespace) -> None:
    if options.json:
        print_json(data)
        return
    print(result.to_text(shutil.get_terminal_size().columns if sys.stdout.isatty() else 100))


class _Progress:
    """Tells on standard error what is being done: one line in place, lines, or JSON lines for another program."""

    def __init__(self, form: str | None) -> None:
        from nbship.display.live_text import is_live

        self._form = form or "text"
        self._live = is_live(sys.stderr)
        self._last = ""

    def __enter__(self) -> Callable[[PackageStage], None]:
        return self._report

    def __exit__(self, *_: object) -> None:
        if self._live and self._last:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _report(self, stage: PackageStage) -> None:
        from nbship.display.image_text import stage_line
        from nbship.model.codec import encode

        if self._form == "json":
            print(json.dumps(encode(stage)), file=sys.stderr, flush=True)
        elif self._live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{stage_line(stage)[:width]}", end="", file=sys.stderr, flush=True)
            self._last = stage.name
        elif stage.name != self._last:
            print(stage_line(stage), file=sys.stderr, flush=True)
            self._last = stage.name

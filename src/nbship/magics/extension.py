"""``%load_ext nbship`` and ``%unload_ext nbship``."""

from __future__ import annotations

import atexit
import sys
from typing import TYPE_CHECKING

from nbship.magics.compare import CompareMagics
from nbship.magics.drift import DriftMagics
from nbship.magics.hooks import CellHooks
from nbship.magics.identity import notebook_name
from nbship.magics.options import Nbship
from nbship.magics.pipeline import PipelineMagics
from nbship.magics.runs import RunsMagics
from nbship.magics.ship import ShipMagics
from nbship.magics.track import TrackMagics
from nbship.magics.transformer import strip_cell_magics
from nbship.service.here import settings_of_kernel
from nbship.tracker import Tracker

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["Extension", "is_loaded", "load", "loaded", "unload"]


class Extension:
    """What one loading of the extension put into a shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.options = Nbship(parent=shell)
        self.tracker = Tracker(
            shell.user_ns,
            overrides=self.options.overrides,
            source_name=lambda configured: notebook_name(shell, configured),
            hidden_names=frozenset(shell.user_ns_hidden)
            | {"In", "Out", "exit", "quit", "get_ipython", "open"},
        )
        self.hooks = CellHooks(shell, self.tracker)

    def install(self) -> None:
        """Put everything in place; the cells that ran before are taken over from IPython's history."""
        self.shell.configurables.append(self.options)
        self.shell.register_magics(
            TrackMagics(self.hooks),
            RunsMagics(self.hooks),
            PipelineMagics(self.hooks),
            DriftMagics(self.hooks),
            CompareMagics(self.hooks),
            ShipMagics(self.hooks),
        )
        self.hooks.install()
        settings_of_kernel(self.tracker.settings)
        self.hooks.guarded(lambda: self.tracker.session.note_unobserved(self._earlier_cells()))
        self.hooks.guarded(self.tracker.resume)
        atexit.register(self.close)

    def remove(self) -> None:
        """End open runs and take everything out again."""
        self.close()
        atexit.unregister(self.close)
        self.hooks.remove()
        settings_of_kernel(None)
        self.shell.configurables.remove(self.options)
        for kind, name in (
            ("line", "track"),
            ("line", "_begin_track"),
            ("line", "runs"),
            ("line", "pipeline"),
            ("line", "drift"),
            ("line", "compare"),
            ("line", "package"),
            ("line", "serve"),
            ("line", "services"),
            ("line", "stop"),
            ("cell", "track"),
        ):
            self.shell.magics_manager.magics[kind].pop(name, None)

    def close(self) -> None:
        """End open runs and wait for the recorder; the kernel is about to go."""
        message = getattr(getattr(self.shell, "kernel", None), "_shutdown_message", None) or {}
        restarted = bool((message.get("content") or {}).get("restart"))
        self.hooks.guarded(lambda: self._say(self.tracker.close(restarted=restarted)))

    def _say(self, left: str | None) -> None:
        if left:
            print(left, file=sys.stderr)

    def _earlier_cells(self) -> list[tuple[int, str, str]]:
        sources = list(enumerate(self.shell.history_manager.input_hist_raw))[1:]
        return [
            (count, source, self.shell.transform_cell(strip_cell_magics(source)))
            for count, source in sources
            if source.strip()
        ]


_loaded: dict[int, Extension] = {}


def load(shell: InteractiveShell) -> None:
    """Load the extension into a shell, once."""
    if id(shell) not in _loaded:
        _loaded[id(shell)] = Extension(shell)
        _loaded[id(shell)].install()


def is_loaded(shell: InteractiveShell) -> bool:
    """Say whether `load` has put the extension into a shell."""
    return id(shell) in _loaded


def loaded(shell: InteractiveShell) -> Extension:
    """Return what `load` put into a shell."""
    return _loaded[id(shell)]


def unload(shell: InteractiveShell) -> None:
    """Take the extension out of a shell; a kernel that executes a step keeps it until the end."""
    if id(shell) in _loaded and _loaded[id(shell)].tracker.step is not None:
        print("nbship: this notebook is executed as a step, which is recorded until its end")
        return
    extension = _loaded.pop(id(shell), None)
    if extension is not None:
        extension.remove()

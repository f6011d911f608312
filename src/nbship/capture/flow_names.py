"""The names of a cell, as a walk over it binds, reads, defines and changes them."""

from __future__ import annotations

import builtins
from collections import Counter
from typing import TYPE_CHECKING, Any

from nbship.capture.callsites import is_clock
from nbship.capture.literals import NOT_LITERAL, is_parameter, literal

if TYPE_CHECKING:
    import ast

    from nbship.capture.scopes import FreeNames

__all__ = ["GIVEN", "NameFlow"]

# Names that no cell has to bind; IPython adds some of them to the builtins.
GIVEN = frozenset(dir(builtins)) | {
    "get_ipython",
    "display",
    "exit",
    "quit",
    "__name__",
    "__file__",
    "__doc__",
}


class NameFlow:
    """What is known of the names of a cell up to some point of it; inside a class body, names stay its own."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.reads: set[str] = set()
        self.called_reads: set[str] = set()
        self.writes: set[str] = set()
        self.deletes: set[str] = set()
        self.mutates: set[str] = set()
        self.deferred: dict[str, FreeNames] = {}
        self.constants: dict[str, Any] = {}
        self.bindings: Counter[str] = Counter()
        self.computed: dict[str, None] = {}
        self.fits: dict[tuple[str, str | None], None] = {}
        self.trained: dict[str, tuple[str, tuple[str, str] | None] | None] = {}
        self.asked: dict[str, str | None] = {}
        self.paths: dict[tuple[str, str], None] = {}
        self.imports: set[str] = set()
        self.imported_names: set[str] = set()
        self._depth = 0
        self._class_depth = 0

    def _define(self, name: str, free: FreeNames) -> None:
        """Bind a name to code that runs later."""
        self.writes |= free.writes
        self.bindings.update(free.writes)
        self.imports |= free.imports
        self.paths.update(dict.fromkeys(free.paths))
        if self._class_depth:
            self.bound.add(name)
            return
        known = self.deferred.get(name)
        self._bind(name)
        if known is not None and self._depth:  # either definition may be the one that is called
            free.reads |= known.reads
            free.mutates |= known.mutates
        self.deferred[name] = free

    def _forget(self, name: str) -> None:
        self.bound.discard(name)
        if not self._class_depth:
            self.deletes.add(name)
            self.bindings[name] += 1

    def _bind(self, name: str) -> None:
        self.bound.add(name)
        if not self._class_depth:
            self.writes.add(name)
            self.bindings[name] += 1
            self.deferred.pop(name, None)

    def _assigned(self, name: str, value: ast.expr | None) -> None:
        if self._class_depth or name.startswith("_"):
            return
        known = NOT_LITERAL if value is None else literal(value)
        if known is NOT_LITERAL:
            if value is None or not is_clock(value):
                self._compute(name)
        elif not self._depth:
            self.computed.pop(name, None)
            if is_parameter(known):
                self.constants[name] = known

    def _compute(self, name: str) -> None:
        if not self._class_depth and not name.startswith("_"):
            self.computed.pop(name, None)
            self.computed[name] = None

    def _mutate(self, name: str) -> None:
        self.mutates.add(name)

    def _load(self, name: str) -> None:
        if name not in self.bound and name not in GIVEN:
            self.reads.add(name)
        if name in self.deferred:
            self._use(name, set())

    def _use(self, name: str, seen: set[str]) -> None:
        """Count what a function of this cell reads when it is called: whoever names it may call it."""
        seen.add(name)
        free = self.deferred[name]
        self.mutates |= free.mutates
        for read in free.reads - seen:
            if read in self.deferred:
                self._use(read, seen)
            elif read not in self.bound and read not in GIVEN:
                self.reads.add(read)
                self.called_reads.add(read)

"""What a pickle would import or call, read from its opcodes: nothing of it is run.

Public: `pickle_imports`.
"""

from __future__ import annotations

import pickletools
from pathlib import Path
from typing import BinaryIO

__all__ = ["pickle_imports"]

_STRINGS = frozenset(
    {"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
)
_PUTS, _GETS = frozenset({"PUT", "BINPUT", "LONG_BINPUT"}), frozenset({"GET", "BINGET", "LONG_BINGET"})
_EXTENSIONS = frozenset({"EXT1", "EXT2", "EXT4"})
_MARK = object()
"""Stands on the simulated stack where the unpickler has a mark."""


def pickle_imports(path: Path) -> tuple[str, ...]:
    """Return what loading a pickle would import, for a person to judge.

    Parameters
    ----------
    path
        A file with one or several pickles, e.g. of cloudpickle or joblib.

    Returns
    -------
    tuple
        Full names such as ``os.system``, sorted, each once. A name that the pickle makes up only while it is loaded
        is listed as ``(a name that is made up while it loads)``; where the bytes cannot be read to their end, the last
        entry says so. An empty tuple means plain data.

    Raises
    ------
    OSError
        When the file cannot be read.
    """
    names: set[str] = set()
    note: tuple[str, ...] = ()
    with path.open("rb") as file:
        size = path.stat().st_size
        try:
            while file.tell() < size:
                _Scan(names).run(file)
        except (ValueError, IndexError, KeyError):
            # joblib writes the bytes of arrays between the opcodes.
            note = (f"(what follows byte {file.tell()} of {size} cannot be read)",)
    return (*sorted(names), *note)


class _Scan:
    """A stack machine that knows strings only, since a name is made of the two topmost ones."""

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}

    def run(self, file: BinaryIO) -> None:
        """Read the opcodes of one pickle."""
        for opcode, argument, _ in pickletools.genops(file):
            self._step(opcode, argument)

    def _step(self, opcode: pickletools.OpcodeInfo, argument: object) -> None:
        name = opcode.name
        if name in _STRINGS:
            self._stack.append(argument)
        elif name in {"GLOBAL", "INST"}:
            self._names.add(str(argument).replace(" ", ".", 1))
            self._replace(opcode)
        elif name == "STACK_GLOBAL":
            self._names.add(_joined(self._stack[-2:]))
            self._replace(opcode)
        elif name in _EXTENSIONS:
            self._names.add(f"(extension {argument} of copyreg)")
            self._replace(opcode)
        else:
            self._move(opcode, argument)

    def _move(self, opcode: pickletools.OpcodeInfo, argument: object) -> None:
        name = opcode.name
        if name == "MEMOIZE":
            self._memo[len(self._memo)] = self._stack[-1]
        elif name in _PUTS:
            self._memo[int(str(argument))] = self._stack[-1]
        elif name in _GETS:
            self._stack.append(self._memo[int(str(argument))])
        elif name == "DUP":
            self._stack.append(self._stack[-1])
        else:
            self._replace(opcode)

    def _replace(self, opcode: pickletools.OpcodeInfo) -> None:
        """Take from the stack what the opcode takes, and put unknown things where it puts something."""
        taken = opcode.stack_before
        if pickletools.markobject in taken:
            while self._stack and self._stack.pop() is not _MARK:
                pass
            taken = taken[: taken.index(pickletools.markobject)]
        if taken:
            del self._stack[-len(taken) :]
        marks = (_MARK if kind is pickletools.markobject else None for kind in opcode.stack_after)
        self._stack.extend(marks)


def _joined(parts: list[object]) -> str:
    known = [part for part in parts if isinstance(part, str)]
    return ".".join(known) if len(known) == 2 else "(a name that is made up while it loads)"  # noqa: PLR2004

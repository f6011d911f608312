"""The modules that a pickle names, read from its opcodes without loading it.

Public: `pickled_modules`.
"""

from __future__ import annotations

import pickletools
import time

__all__ = ["pickled_modules"]

_NEWLINE, _ONE, _FOUR_SIGNED, _FOUR, _EIGHT = -1, -2, -3, -4, -5
_COUNT_BYTES = {_ONE: 1, _FOUR_SIGNED: 4, _FOUR: 4, _EIGHT: 8}
_ARGUMENT_SIZE = [0] * 256
for _opcode in pickletools.opcodes:
    _ARGUMENT_SIZE[ord(_opcode.code)] = _opcode.arg.n if _opcode.arg is not None else 0

_STRINGS = {0x8C: 1, ord("X"): 4, 0x8D: 8}
_GETS = {ord("h"): 1, ord("j"): 4}
_PUTS = {ord("q"): 1, ord("r"): 4}
_MEMOIZE, _STACK_GLOBAL, _GLOBAL, _INST = 0x94, 0x93, ord("c"), ord("i")
_CHECK_CLOCK_EVERY = 1 << 14

_Text = tuple[int, int]
"""Where a string lies in the pickle: start and end; read only when it turns out to name a module."""
_SUBIMPORT: _Text = (-1, -1)
"""Stands for cloudpickle's function that imports a module: the next string names it."""


def pickled_modules(pickled: bytes, limit_seconds: float = 0.1) -> tuple[set[str], bool]:
    """Return the full names of the modules that loading the pickle would import.

    Parameters
    ----------
    pickled
        A pickle of protocol 2 or later.
    limit_seconds
        How long to read; arrays are skipped whole, so only models with hundreds of thousands of Python objects in
        them (large vocabularies) come near it.

    Returns
    -------
    tuple
        The names, and whether the pickle was read to its end.

    Raises
    ------
    ValueError
        When the bytes are no pickle.
    """
    try:
        return _Scan(pickled, limit_seconds).run()
    except IndexError as error:
        raise ValueError(f"not a pickle: {len(pickled)} bytes that end in the middle of an opcode") from error


class _Scan:
    """One pass over the opcodes that keeps track of strings, since a global is named by the two latest ones."""

    def __init__(self, pickled: bytes, limit_seconds: float) -> None:
        self.data = pickled
        self.deadline = time.perf_counter() + limit_seconds
        self.modules: set[str] = set()
        self.memo: dict[int, _Text] = {}

    def run(self) -> tuple[set[str], bool]:  # noqa: C901, PLR0912 - a call for each opcode would double the time
        """Read the opcodes in one loop."""
        data, end, sizes, memo = self.data, len(self.data), _ARGUMENT_SIZE, self.memo
        older: _Text | None = None
        newer: _Text | None = None
        position = memoized = operations = 0
        fresh = False
        while position < end:
            code = data[position]
            position += 1
            if code in _STRINGS:
                width = _STRINGS[code]
                start = position + width
                size = data[position] if width == 1 else int.from_bytes(data[position:start], "little")
                position = start + size
                older, newer, fresh = newer, (start, position), True
                if older is _SUBIMPORT:
                    self._add(newer)
                continue
            if code == _MEMOIZE:
                if fresh and newer is not None:
                    memo[memoized] = newer
                memoized += 1
            elif code in _GETS:
                known = memo.get(int.from_bytes(data[position : position + _GETS[code]], "little"))
                position += _GETS[code]
                if known is not None:
                    older, newer = newer, known
                    if older is _SUBIMPORT:
                        self._add(newer)
            elif code == _STACK_GLOBAL:
                newer, fresh = self._global(older, newer), True
                continue
            elif code in _PUTS:
                if fresh and newer is not None:
                    memo[int.from_bytes(data[position : position + _PUTS[code]], "little")] = newer
                position += _PUTS[code]
                continue
            elif code in (_GLOBAL, _INST):
                module_end = data.index(b"\n", position)
                name_end = data.index(b"\n", module_end + 1)
                newer, fresh = self._global((position, module_end), (module_end + 1, name_end)), True
                position = name_end + 1
                continue
            else:
                position += _skipped(data, position, sizes[code])
            fresh = False
            operations += 1
            if operations % _CHECK_CLOCK_EVERY == 0 and time.perf_counter() > self.deadline:
                return self.modules, False
        return self.modules, True

    def _global(self, module: _Text | None, name: _Text | None) -> _Text | None:
        """Note the module of a global, and return what now lies on top of the stack as far as it matters."""
        if module is None or name is None or _SUBIMPORT in (module, name):
            return None
        self._add(module)
        return _SUBIMPORT if self.data[slice(*name)] == b"subimport" else None

    def _add(self, text: _Text) -> None:
        if text is not _SUBIMPORT:
            self.modules.add(self.data[slice(*text)].decode("utf-8", "replace"))


def _skipped(data: bytes, position: int, size: int) -> int:
    """Return how many bytes the argument takes that begins at `position`."""
    if size >= 0:
        return size
    if size == _NEWLINE:
        return data.index(b"\n", position) + 1 - position
    width = _COUNT_BYTES[size]
    return width + int.from_bytes(data[position : position + width], "little")

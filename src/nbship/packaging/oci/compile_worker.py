"""Compiles sources to bytecode; run as a script by an interpreter of the image's Python version.

Standard library only, and nothing of nbship: that interpreter may have neither. Arguments: the root of a layer.
Standard input: relative paths of sources, a line each. A source that does not compile is left as it is.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import sys

CHECKED_HASH = 0b11
"""Flags of a ``.pyc`` that holds a hash of its source, which is compared at import (PEP 552)."""


def main() -> None:
    """Compile every source that standard input names."""
    root = sys.argv[1]
    for line in sys.stdin.buffer.read().decode("utf-8", "surrogateescape").splitlines():
        compile_source(root, line)


def compile_source(root: str, relative: str) -> None:
    """Write the bytecode of one source beside it, with the paths that it will have in the image."""
    path = os.path.join(root, relative)  # noqa: PTH118 - pathlib costs this script more than compiling a small file
    with open(path, "rb") as file:  # noqa: PTH123
        source = file.read()
    try:
        code = compile(source, f"/{relative}", "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    target = importlib.util.cache_from_source(path)
    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
    with open(target, "wb") as file:  # noqa: PTH123
        file.write(importlib.util.MAGIC_NUMBER + CHECKED_HASH.to_bytes(4, "little"))
        file.write(importlib.util.source_hash(source) + marshal.dumps(code))
    os.chmod(target, 0o444)  # noqa: PTH101


if __name__ == "__main__":
    main()

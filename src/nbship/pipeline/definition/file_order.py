"""Steps of one notebook that touch the same file: a variable tells nothing of it, and the order still matters."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.capture.callsites import called_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

__all__ = ["FileUse", "file_use"]

_PATH = re.compile(r"[^\n]*(/[^\n]*|\.[A-Za-z]\w{0,7})")
_TABLE_WRITERS = frozenset(
    f"to_{kind}"
    for kind in (
        *("csv", "excel", "feather", "file", "hdf", "html", "json", "latex", "markdown", "netcdf", "orc"),
        *("parquet", "pickle", "sql", "stata", "xml", "zarr"),
    )
)
_WRITERS = _TABLE_WRITERS | {
    *("dump", "save", "savez", "savez_compressed", "save_npz", "savetxt", "savefig", "save_model", "imsave"),
    *("imwrite", "makedirs", "write_csv", "write_ipc", "write_json", "write_parquet", "write_table"),
    *("write_html", "write_image", "copy", "copy2", "copyfile", "copytree", "move", "rmtree", "remove"),
    "tofile",
}
_PATH_METHODS = frozenset(
    {"write_text", "write_bytes", "mkdir", "touch", "rename", "replace", "unlink", "rmdir"}
)
_MOVES = frozenset({"rename", "replace"})
_MODES = frozenset("wax+")


@dataclass(frozen=True, slots=True)
class FileUse:
    """What paths a step writes, and which it mentions at all: texts that look like paths, and names of constants."""

    writes: frozenset[str]
    mentions: frozenset[str]

    def must_follow(self, earlier: FileUse) -> bool:
        """Say whether one of two steps writes what the other one mentions."""
        return bool(earlier.writes & self.mentions or self.writes & earlier.mentions)


def file_use(statements: Iterable[ast.stmt], constants: Collection[str]) -> FileUse:
    """Return the paths in statements; `constants` are the names that every step has, among them names of paths."""
    nodes = [node for statement in statements for node in ast.walk(statement)]
    writes = {word for node in nodes if isinstance(node, ast.Call) for word in _written(node, constants)}
    return FileUse(frozenset(writes), frozenset({word for node in nodes for word in _words(node, constants)}))


def _written(call: ast.Call, constants: Collection[str]) -> set[str]:
    parts: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
    name = called_name(call)
    if isinstance(call.func, ast.Attribute) and (name in _PATH_METHODS or name == "open"):
        parts.append(call.func.value)
    if name in _MOVES and (len(call.args) != 1 or call.keywords):
        return set()  # of a text or a frame
    if name not in _WRITERS | _PATH_METHODS and not (name == "open" and _opens_to_write(call)):
        return set()
    words = {word for part in parts for node in ast.walk(part) for word in _words(node, constants)}
    texts = {word for word in words if _PATH.fullmatch(word)}
    return texts or words  # OUT / "a.csv" is told by its last part; other files below OUT are others


def _opens_to_write(call: ast.Call) -> bool:
    values = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    modes = [part.value for part in values if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(
        len(mode) <= 3 and _MODES.intersection(mode) and "." not in mode  # noqa: PLR2004 - w+b
        for mode in modes
    )


def _words(node: ast.AST, constants: Collection[str]) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _PATH.fullmatch(node.value):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in constants:
        yield node.id

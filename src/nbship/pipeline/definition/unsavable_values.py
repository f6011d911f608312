"""Values that cannot be saved, as far as the source shows them: they live in one process."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbship.pipeline.parameters.imported_names import qualified

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["unsavable"]

_THREADING = ("Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event", "Barrier")
_KINDS = {
    **dict.fromkeys(["open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open"], "an open file"),
    **dict.fromkeys(["tempfile.TemporaryFile", "tempfile.NamedTemporaryFile", "h5py.File"], "an open file"),
    **{f"threading.{name}": "a lock" for name in _THREADING},
    **{f"multiprocessing.{name}": "a lock" for name in _THREADING},
    "threading.Thread": "a thread",
    **dict.fromkeys(["subprocess.Popen", "multiprocessing.Process"], "a running process"),
    **{
        f"{name}.connect": "a database connection"
        for name in ("sqlite3", "duckdb", "psycopg", "psycopg2", "pymysql")
    },
    "sqlalchemy.create_engine": "a database connection",
    "socket.socket": "a network connection",
    "concurrent.futures.ThreadPoolExecutor": "a pool of threads",
    "concurrent.futures.ProcessPoolExecutor": "a pool of processes",
    "multiprocessing.Pool": "a pool of processes",
}


def unsavable(binder: ast.stmt | None, imports: Mapping[str, str]) -> str:
    """Say what the statement that binds a variable makes of it, e.g. ``an open file``; empty where it may be saved.

    Parameters
    ----------
    binder
        The last statement that binds the variable.
    imports
        Name to the module or part of a module that it stands for.
    """
    if not isinstance(binder, ast.Assign | ast.AnnAssign):
        return ""
    targets = binder.targets if isinstance(binder, ast.Assign) else [binder.target]
    if not all(isinstance(target, ast.Name) for target in targets):
        return ""
    if isinstance(binder.value, ast.GeneratorExp):
        return "a generator"
    return _made_by(binder.value, imports) if isinstance(binder.value, ast.Call) else ""


def _made_by(call: ast.Call, imports: Mapping[str, str]) -> str:
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call):
        owner = qualified(call.func.value.func, imports)
        return "an open file" if (owner, call.func.attr) == ("pathlib.Path", "open") else ""
    return _KINDS.get(qualified(call.func, imports), "")

"""The last resort of a border: cloudpickle, by which prologue definitions stay what they are in every step."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

from nbship.pipeline.parameters.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["UnsavableError", "read_pickle", "write_pickle"]

_MEMORY_FILES = (io.BytesIO, io.StringIO)


class UnsavableError(TypeError):
    """A value, or a part of it, exists in one process only; the message says what part and why."""


def write_pickle(value: object, path: Path, known: Collection[str] = ()) -> None:
    """Pickle a value with cloudpickle.

    Parameters
    ----------
    known
        Functions and classes of ``__main__`` that the reader defines too. They are named instead of copied:
        a copy of a class would be another class to `isinstance`.

    Raises
    ------
    UnsavableError
        When a part of the value cannot be pickled.
    """
    try:
        with path.open("wb") as file:
            _pickler(file, known).dump(value)
    except UnsavableError:
        raise
    except Exception as error:  # a stranger's __reduce__ raises what it likes
        raise UnsavableError(f"{type(error).__name__}: {error}") from error


def _pickler(file: io.BufferedWriter, known: Collection[str]) -> Any:
    import cloudpickle

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, obj: Any) -> Any:
            # cloudpickle turns a file that is open for reading into its text in memory, without a word.
            if isinstance(obj, io.IOBase) and not isinstance(obj, _MEMORY_FILES):
                raise UnsavableError(f"it holds the open file {getattr(obj, 'name', obj)!r}")
            if isinstance(obj, Secret):
                raise UnsavableError("it holds a Secret, which is never written to a file")
            if getattr(obj, "__module__", "") == "__main__" and getattr(obj, "__qualname__", None) in known:
                return NotImplemented
            return super().reducer_override(obj)

    return Pickler(file, protocol=5)


def read_pickle(path: Path) -> Any:
    """Return the pickled value. Whoever calls has checked that the file is the one that was written."""
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301 - its digest was checked

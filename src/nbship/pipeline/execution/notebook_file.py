"""Notebook files: read into plain nbformat 4 JSON, and written whole or not at all.

Local files need nothing but the standard library; every other scheme (``s3://``, ``gs://``, ``https://`` …) goes through
papermill's own readers and writers, those of its plug-ins included.
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

from nbship.errors import ExecutionError, UsageError
from nbship.recording.output import replace_file

__all__ = [
    "check_target",
    "is_local",
    "notebook_text",
    "parse_notebook",
    "read_notebook",
    "write_notebook",
    "write_notebook_text",
]

STANDARD_STREAM = "-"


def is_local(path: str) -> bool:
    """Say whether a path names a file of this machine."""
    scheme, separator, _ = path.partition("://")
    return path != STANDARD_STREAM and not (separator and scheme.isalnum())


def read_notebook(path: str | Path) -> dict[str, Any]:
    """Return a notebook as nbformat 4 JSON, with sources as joined text.

    Parameters
    ----------
    path
        A local path, any path that papermill reads, or ``-`` for the standard input.

    Raises
    ------
    UsageError
        When there is no such file, or what it holds is no notebook of format 4.
    """
    return parse_notebook(_read_text(str(path)), str(path))


def _read_text(path: str) -> str:
    if path == STANDARD_STREAM:
        return _read_standard_input()
    if not is_local(path):
        return _read_remote(path)
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"there is no notebook {path}. {_near(Path(path))}".rstrip()) from error
    except IsADirectoryError as error:
        raise UsageError(f"{path} is a folder; name a notebook in it") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the notebook {path}: {error}") from error


def _read_standard_input() -> str:
    # Notebooks are UTF-8, whatever the terminal's encoding is.
    source = getattr(sys.stdin, "buffer", None)
    try:
        return sys.stdin.read() if source is None else source.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"the notebook on the standard input is not UTF-8: {error}") from error


def _near(path: Path) -> str:
    import difflib  # noqa: PLC0415 - for the message only

    names = [other.name for other in path.parent.glob("*.ipynb")] if path.parent.is_dir() else []
    close = difflib.get_close_matches(path.name, names, 1)
    return f"Did you mean {path.with_name(close[0])}?" if close else ""


def _read_remote(path: str) -> str:
    papermill_io = _papermill_io(path)
    try:
        return str(papermill_io.read(path))
    except Exception as error:  # each scheme has a client with exceptions of its own
        raise UsageError(f"cannot read the notebook {path}: {type(error).__name__}: {error}") from error


def _papermill_io(path: str) -> Any:
    try:
        from papermill.iorw import papermill_io
    except ImportError as error:
        raise UsageError(
            f"{path} needs papermill, which reads such addresses. Write: pip install 'nbship[papermill]'"
        ) from error
    return papermill_io


def parse_notebook(text: str, path: str) -> dict[str, Any]:
    """Return the notebook that `text` holds; `path` is what messages call it.

    Raises
    ------
    UsageError
        When it is no notebook of format 4.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not a notebook: it holds no JSON ({error})") from error
    if not isinstance(data, dict) or not isinstance(data.get("metadata", {}), dict):
        raise UsageError(f"{path} is not a notebook: its JSON is no object with cells")
    version = data.get("nbformat")
    if version != 4 and ("worksheets" in data or isinstance(version, int)):  # noqa: PLR2004
        raise UsageError(
            f"{path} is a notebook of format {version}; nbship runs format 4. "
            f"Write: jupyter nbconvert --to notebook --inplace {path}"
        )
    if version != 4 or not isinstance(data.get("cells"), list):  # noqa: PLR2004
        raise UsageError(f"{path} is not a notebook: it has no cells")
    data.setdefault("metadata", {})
    if not isinstance(data.setdefault("nbformat_minor", 0), int):
        raise UsageError(f"{path} is not a valid notebook: its nbformat_minor is {data['nbformat_minor']!r}")
    data["cells"] = [_checked(cell, index, path) for index, cell in enumerate(data["cells"])]
    return data


def _checked(cell: Any, index: int, path: str) -> dict[str, Any]:
    if not isinstance(cell, dict) or cell.get("cell_type") not in {"code", "markdown", "raw"}:
        raise UsageError(f"{path} is not a valid notebook: cell {index + 1} has no known cell_type")
    source = cell.get("source", "")
    cell["source"] = "".join(source) if isinstance(source, list) else str(source)
    if not isinstance(cell.setdefault("metadata", {}), dict):
        raise UsageError(f"{path} is not a valid notebook: the metadata of cell {index + 1} is no object")
    if not isinstance(cell["metadata"].get("tags", []), list):
        del cell["metadata"]["tags"]
    if cell["cell_type"] == "code":
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)
    return cell


def notebook_text(notebook: dict[str, Any]) -> str:
    """Return the file form of a notebook: as nbformat writes it, sources split into lines, ids from 4.5 on."""
    with_ids = (notebook["nbformat"], notebook["nbformat_minor"]) >= (4, 5)
    cells = [_filed(cell, with_id=with_ids) for cell in notebook["cells"]]
    filed = {**notebook, "cells": cells, "metadata": _without(notebook["metadata"], _TRANSIENT)}
    return json.dumps(filed, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


_TRANSIENT = frozenset({"orig_nbformat", "orig_nbformat_minor", "signature"})
"""Metadata that nbformat keeps out of files."""


def _without(metadata: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in metadata.items() if name not in names}


def _filed(cell: dict[str, Any], *, with_id: bool) -> dict[str, Any]:
    metadata = _without(cell["metadata"], frozenset({"trusted"}))
    filed = {**cell, "source": cell["source"].splitlines(keepends=True), "metadata": metadata}
    if "attachments" in cell:
        filed["attachments"] = {name: _filed_bundle(data) for name, data in cell["attachments"].items()}
    if cell["cell_type"] == "code":
        filed["outputs"] = [_filed_output(output) for output in cell["outputs"]]
    if with_id:
        filed.setdefault("id", uuid.uuid4().hex[:8])
    else:
        filed.pop("id", None)
    return filed


def _filed_output(output: dict[str, Any]) -> dict[str, Any]:
    if output.get("output_type") == "stream":
        return {**output, "text": _lines(output["text"])}
    if "data" in output:
        return {**output, "data": _filed_bundle(output["data"])}
    return output


def _filed_bundle(bundle: dict[str, Any]) -> dict[str, Any]:
    return {kind: _filed_data(kind, data) for kind, data in bundle.items()}


def _filed_data(kind: str, data: Any) -> Any:
    is_text = kind.startswith("text/") or kind in {"application/javascript", "image/svg+xml"}
    return _lines(data) if is_text and isinstance(data, str) else data


def _lines(text: str | list[str]) -> list[str]:
    return ("".join(text) if isinstance(text, list) else text).splitlines(keepends=True)


def check_target(path: str) -> None:
    """Raise `UsageError` when no notebook can be written to a local path, as far as that can be told beforehand."""
    if not is_local(path):
        return
    folder = Path(path).parent
    try:
        if not folder.is_dir():
            raise UsageError(f"the folder {folder} of the output {path} does not exist; make it first")
        if Path(path).is_dir():
            raise UsageError(f"the output {path} is a folder; name a file in it")
    except OSError as error:  # a name that is too long, a folder that may not be read
        raise UsageError(f"cannot write the output {path}: {error.strerror}") from error


def _write_standard_output(text: str) -> int:
    data = text.encode("utf-8", "surrogatepass")
    sys.stdout.flush()
    target = getattr(sys.stdout, "buffer", None)
    if target is None:  # something that a test or a notebook front end put there
        sys.stdout.write(text)
    else:
        target.write(data)
    sys.stdout.flush()
    return len(data)


def write_notebook(notebook: dict[str, Any], path: str | Path) -> int:
    """Write a notebook in one step, and return how many bytes that were.

    Raises
    ------
    ExecutionError
        When the place takes no file.
    """
    return write_notebook_text(notebook_text(notebook), path)


def write_notebook_text(text: str, path: str | Path) -> int:
    """Write the file form of a notebook as `write_notebook` does."""
    target = str(path)
    if target == STANDARD_STREAM:
        return _write_standard_output(text)
    try:
        if is_local(target):
            return replace_file(Path(target), text)
        _papermill_io(target).write(text, target)
    except UsageError:
        raise
    except Exception as error:  # each scheme has a client with exceptions of its own
        raise ExecutionError(
            f"cannot write the notebook {target}: {type(error).__name__}: {error}"
        ) from error
    return len(text)

"""Parameters into a notebook, by papermill's conventions: tags, place and metadata."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.pipeline.parameters.python_source import parameters_source
from nbship.pipeline.parameters.values import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "ERROR_TAG",
    "INJECTED_TAG",
    "PARAMETERS_TAG",
    "format_path",
    "inject",
    "notebook_kernel",
    "papermill_record",
    "plain_parameters",
    "tags_of",
    "with_error_marks",
    "with_hidden_code",
    "without_error_marks",
]

PARAMETERS_TAG = "parameters"
INJECTED_TAG = "injected-parameters"
ERROR_TAG = "papermill-error-cell-tag"


def inject(
    notebook: dict[str, Any],
    values: Mapping[str, Any],
    secrets: Iterable[str] = (),
    *,
    kernel_name: str = "python3",
    language: str = "python",
    comment: str = "Parameters",
) -> dict[str, Any]:
    """Return the notebook with a cell that sets the parameters, behind the one tagged ``parameters``.

    A cell that an earlier execution injected is replaced. With nothing to set, the notebook is returned as it is.

    Parameters
    ----------
    secrets
        Names of parameters whose values the kernel takes from its environment.

    Raises
    ------
    UsageError
        When a value cannot be written in the kernel's language.
    """
    names = list(secrets)
    if not values and not names:
        return notebook
    cells = list(notebook["cells"])
    declared, injected = _first(cells, PARAMETERS_TAG), _first(cells, INJECTED_TAG)
    text = "" if declared is None else cells[declared]["source"]
    if language.lower() == "python":
        source = parameters_source(values, declared=text, comment=comment, secrets=names)
    else:
        source = _translated(values, names, kernel_name, language, comment)
    cell = _code_cell(notebook, source)
    if injected is not None:
        cells[injected] = cell
    else:
        cells.insert(0 if declared is None else declared + 1, cell)
    return {**notebook, "cells": cells}


def _translated(
    values: Mapping[str, Any], secrets: list[str], kernel_name: str, language: str, comment: str
) -> str:
    if secrets:
        raise UsageError(
            f"secret parameters ({', '.join(secrets)}) reach Python kernels only, not {language!r}; "
            "let the notebook read an environment variable"
        )
    try:
        from papermill.exceptions import PapermillException
        from papermill.translators import translate_parameters
    except ImportError as error:
        raise UsageError(
            f"parameters for a {language!r} kernel need papermill. Write: pip install 'nbship[papermill]'"
        ) from error
    try:
        return str(translate_parameters(kernel_name, language, dict(values), comment))
    except PapermillException as error:
        raise UsageError(f"parameters cannot be given to kernel {kernel_name!r}: {error}") from error


def _code_cell(notebook: dict[str, Any], source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {"tags": [INJECTED_TAG]},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
    return _identified(notebook, cell)


def _identified(notebook: dict[str, Any], cell: dict[str, Any]) -> dict[str, Any]:
    if (notebook["nbformat"], notebook["nbformat_minor"]) >= (4, 5):
        cell["id"] = uuid.uuid4().hex[:8]
    return cell


def tags_of(cell: Mapping[str, Any]) -> list[str]:
    """Return the tags of a cell."""
    tags = cell.get("metadata", {}).get("tags", [])
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


def _first(cells: list[dict[str, Any]], tag: str) -> int | None:
    return next((index for index, cell in enumerate(cells) if tag in tags_of(cell)), None)


def without_error_marks(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook without the cells in which an earlier execution said that it failed."""
    return {**notebook, "cells": [cell for cell in notebook["cells"] if ERROR_TAG not in tags_of(cell)]}


def with_error_marks(notebook: dict[str, Any], index: int, text: str) -> None:
    """Say at the top and before the cell at `index` that the notebook stopped there; as papermill does, with its tag."""
    style = 'style="color:red; font-family:Helvetica Neue, Helvetica, Arial, sans-serif; font-size:1.5em;"'
    top = f'<span {style}>{text} <a href="#papermill-error-cell">Go to the cell</a></span>'
    here = f'<span id="papermill-error-cell" {style}>The execution stopped at this cell:</span>'
    notebook["cells"].insert(index, _mark(notebook, here))
    notebook["cells"].insert(0, _mark(notebook, top))


def _mark(notebook: dict[str, Any], source: str) -> dict[str, Any]:
    return _identified(
        notebook, {"cell_type": "markdown", "metadata": {"tags": [ERROR_TAG]}, "source": source}
    )


def with_hidden_code(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook with the source of every code cell folded away, as papermill's report mode does."""
    return {**notebook, "cells": [_without_code(cell) for cell in notebook["cells"]]}


def _without_code(cell: dict[str, Any]) -> dict[str, Any]:
    if cell["cell_type"] != "code":
        return cell
    jupyter = {**(cell["metadata"].get("jupyter") or {}), "source_hidden": True}
    return {**cell, "metadata": {**cell["metadata"], "jupyter": jupyter}}


def notebook_kernel(notebook: Mapping[str, Any], kernel_name: str | None = None) -> str:
    """Return the name of the kernel that a notebook wants.

    Raises
    ------
    UsageError
        When neither the notebook nor the caller names one.
    """
    name = kernel_name or (notebook["metadata"].get("kernelspec") or {}).get("name")
    if not name:
        raise UsageError("the notebook names no kernel. Write for example: --kernel python3")
    return str(name)


def format_path(path: str, parameters: Mapping[str, Any]) -> str:
    """Fill ``{name}`` in a path with parameters, and ``{pm[run_uuid]}`` and its kind with what papermill offers.

    Raises
    ------
    UsageError
        When a name in the path is no parameter.
    """
    if "{" not in path:
        return path
    built_in = {
        "run_uuid": str(uuid.uuid4()),
        "current_datetime_local": dt.datetime.now(),  # noqa: DTZ005 - as papermill: the clock on the wall
        "current_datetime_utc": dt.datetime.now(dt.UTC),
    }
    try:
        return path.format(**{"pm": built_in, **parameters})
    except (KeyError, IndexError) as error:
        raise UsageError(
            f"the path {path} names {error}, which is no parameter of this execution; give it with -p"
        ) from error
    except (ValueError, AttributeError, TypeError) as error:
        raise UsageError(f"the path {path} cannot be filled: {error}") from error


def papermill_record(
    notebook: Mapping[str, Any], input_path: str, output_path: str | None, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what papermill writes about a notebook into its metadata, before it is executed."""
    return {
        "default_parameters": {},
        "environment_variables": {},
        "version": "",
        **notebook["metadata"].get("papermill", {}),
        "input_path": input_path,
        "output_path": output_path,
        "parameters": plain_parameters(parameters),
    }


def plain_parameters(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as the notebook's metadata keeps them: JSON types as they are, all else as text."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if type(value) is dict and all(isinstance(key, str) for key in value):
        return {key: _plain(item) for key, item in value.items()}
    return value if type(value) in {bool, int, float, str, type(None)} else shown(value)

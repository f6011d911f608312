"""The executed notebook of a run, rebuilt from the ledger.

Public: ``ledger_to_notebook(ledger, needed, title) -> dict``, ``ledger_to_html(notebook, title) -> str | None``.
"""

from __future__ import annotations

import html
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nbship.model.cell import CellError, CellExecution, CellStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ledger_to_html", "ledger_to_notebook", "newest_and_needed"]

_log = logging.getLogger(__name__)


def newest_and_needed(ledger: Iterable[CellExecution], needed: Iterable[int]) -> list[CellExecution]:
    """Return the executions that tell the run, in true order.

    These are the needed ones and the newest of every cell. A cell is known by the front end's id, else by its
    normalised source.
    """
    ordered = sorted(ledger, key=lambda cell: cell.index)
    newest = {cell.cell_id or cell.source_hash: cell.index for cell in ordered}
    chosen = set(needed) | set(newest.values())
    return [cell for cell in ordered if cell.index in chosen]


def ledger_to_notebook(
    ledger: Iterable[CellExecution], needed: Iterable[int], title: str = ""
) -> dict[str, Any]:
    """Build a valid nbformat 4.5 notebook of the executions that tell a run.

    Parameters
    ----------
    ledger
        Cell executions of the kernel, in any order.
    needed
        Ledger indices that the run's result depends on.
    title
        Name of the run, kept in the metadata.

    Returns
    -------
    dict
        The notebook as JSON types. ``metadata.nbship`` of each cell holds its place in the ledger, its status,
        whether it was needed, wall time in seconds and start in ISO 8601.
    """
    needed = set(needed)
    cells = [_code_cell(cell, needed=cell.index in needed) for cell in newest_and_needed(ledger, needed)]
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "nbship": {"run": title},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return _validated(notebook)


def _code_cell(cell: CellExecution, *, needed: bool) -> dict[str, Any]:
    started = datetime.fromtimestamp(cell.started_ms / 1000, UTC) if cell.started_ms else None
    return {
        "cell_type": "code",
        # Not the front end's id: one cell may stand here several times, and ids must differ.
        "id": f"execution-{cell.index}",
        "execution_count": cell.execution_count,
        "source": cell.source,
        "outputs": [*cell.outputs, *_ending(cell)],
        "metadata": {
            "tags": list(cell.tags),
            "nbship": {
                "index": cell.index,
                "cell_id": cell.cell_id,
                "status": cell.status.value,
                "needed": needed,
                "wall_seconds": cell.wall_seconds,
                "started": started.isoformat(timespec="milliseconds") if started else None,
            },
        },
    }


def _ending(cell: CellExecution) -> list[dict[str, Any]]:
    """Return the error output of a cell that failed, unless its outputs hold one."""
    if any(output.get("output_type") == "error" for output in cell.outputs):
        return []
    error = cell.error
    if error is None and cell.status is CellStatus.KILLED:
        error = CellError("KernelDied", "the kernel ended while this cell ran")
    if error is None:
        return []
    traceback = list(error.traceback) or [f"{error.ename}: {error.evalue}"]
    return [{"output_type": "error", "ename": error.ename, "evalue": error.evalue, "traceback": traceback}]


def _validated(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook, with the outputs that nbformat refuses replaced by a note."""
    import nbformat

    if _is_valid(nbformat, notebook):
        return notebook
    for cell in notebook["cells"]:
        if not _is_valid(nbformat, {**notebook, "cells": [cell]}):
            note = "[an output of this cell was no valid notebook output and is left out]\n"
            cell["outputs"] = [{"output_type": "stream", "name": "stderr", "text": note}]
    return notebook


def _is_valid(nbformat: Any, notebook: dict[str, Any]) -> bool:
    try:
        nbformat.validate(notebook)
    except (nbformat.ValidationError, TypeError):
        return False
    return True


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --ink: #1f2328; --quiet: #656d76; --line: #d8dee4; --code: #f6f8fa; --bad: #b42318; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #e6edf3; --quiet: #9198a1; --line: #30363d; --code: #161b22; --bad: #ff8f85; }}
}}
body {{ font: 15px/1.5 system-ui, sans-serif; color: var(--ink); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.3rem; }}
pre {{ font: 13px/1.45 ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }}
.input_area, .highlight {{ background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: .5rem .75rem; overflow-x: auto; }}
.highlight {{ border: 0; padding: 0; }}
.cell {{ margin: 1rem 0; }}
.prompt {{ color: var(--quiet); font: 12px ui-monospace, monospace; }}
.output_area {{ padding: .25rem .75rem; overflow-x: auto; }}
.output_error pre {{ color: var(--bad); }}
table {{ border-collapse: collapse; font-size: 13px; }}
th, td {{ border-bottom: 1px solid var(--line); padding: .2rem .6rem; text-align: right; }}
img {{ max-width: 100%; }}
{pygments}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def ledger_to_html(notebook: dict[str, Any], title: str = "") -> str | None:
    """Render a notebook as one self-contained page that follows the reader's light or dark preference.

    Outputs keep the meaning that nbconvert gives them: an HTML output of a cell is HTML of the page. Returns None
    when the notebook cannot be rendered.
    """
    import nbformat
    from nbconvert import HTMLExporter

    try:
        exporter = HTMLExporter(template_name="basic", exclude_anchor_links=True)  # type: ignore[no-untyped-call]
        body, _ = exporter.from_notebook_node(nbformat.from_dict(notebook))
    except Exception:  # noqa: BLE001 - nbconvert runs templates and filters over whatever a cell displayed
        _log.exception("no HTML for %s", title)
        return None
    return _PAGE.format(title=html.escape(title or "notebook"), body=body, pygments=_highlighting())


def _highlighting() -> str:
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]  # noqa: PLC0415 - comes with nbconvert

    def rules(style: str) -> str:
        lines = str(HtmlFormatter(style=style, nobackground=True).get_style_defs(".highlight")).splitlines()
        return "\n".join(line for line in lines if line.startswith(".highlight ."))

    return f"{rules('default')}\n@media (prefers-color-scheme: dark) {{\n{rules('github-dark')}\n}}"

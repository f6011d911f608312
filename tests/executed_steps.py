"""Notebooks that tests write, and what a command left of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from step_fakes import notebook


def save_notebook(path: Path, *cells: str, tags: dict[int, list[str]] | None = None, **metadata: Any) -> Path:
    """Write a notebook of code cells and return its path."""
    book = notebook(*cells, tags=tags)
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    book["metadata"] = {"kernelspec": kernelspec, **metadata}
    path.write_text(json.dumps(book))
    return path


@dataclass
class Executed:
    """What a command left: exit code, text and the notebook it wrote."""

    code: int
    out: str
    err: str
    path: Path

    @property
    def node(self) -> Any:
        node = nbformat.read(self.path, 4)
        nbformat.validate(node)
        return node

    @property
    def cells(self) -> list[Any]:
        return list(self.node.cells)

    @property
    def code_cells(self) -> list[Any]:
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def states(self) -> list[str]:
        return [cell.metadata.papermill.status for cell in self.code_cells]

    @property
    def text(self) -> str:
        """Everything that the cells printed."""
        outputs = (output for cell in self.code_cells for output in cell.outputs)
        return "".join(output.text for output in outputs if output.output_type == "stream")

    @property
    def printed(self) -> list[str]:
        """What each code cell printed."""
        return [
            "".join(output.text for output in cell.outputs if output.output_type == "stream")
            for cell in self.code_cells
        ]

"""Results in a saved notebook, as a page that is read when the kernel is gone."""

from __future__ import annotations

from typing import Any


def notebook_page(bundle: dict[str, Any], source: str, theme: str = "light", heading: str = "") -> str:
    """Return the page that nbconvert makes of a notebook whose cell `source` shows the mimebundle."""
    import nbformat
    from nbconvert import HTMLExporter

    cell = nbformat.v4.new_code_cell(source, execution_count=1)
    cell.outputs = [nbformat.v4.new_output("execute_result", bundle, execution_count=1)]
    cells = [nbformat.v4.new_markdown_cell(heading), cell] if heading else [cell]
    page: str = HTMLExporter(theme=theme).from_notebook_node(nbformat.v4.new_notebook(cells=cells))[0]
    # What the template itself loads from elsewhere is not ours.
    return page.replace("<script", "<template").replace("</script", "</template")

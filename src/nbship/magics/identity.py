"""What the front end tells the kernel about cells and notebooks, whichever front end it is."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from nbship.capture.watch import CellIdentity

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, InteractiveShell

__all__ = ["cell_identity", "notebook_name"]


def cell_identity(info: ExecutionInfo, shell: InteractiveShell) -> CellIdentity:
    """Return the identity of the cell that is about to run.

    JupyterLab and Notebook send cell id, tags and deleted cells with each request; nbclient and papermill send none.
    """
    meta = _metadata(info, shell)
    tags = meta.get("tags")
    return CellIdentity(
        # What IPython will call this cell: whether its own counter runs ahead here depends on its version.
        execution_count=len(shell.history_manager.input_hist_raw) if info.store_history else None,
        cell_id=getattr(info, "cell_id", None) or meta.get("cellId"),
        tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
        deleted_cells=tuple(map(str, meta.get("deletedCells") or ())),
    )


def _metadata(info: ExecutionInfo, shell: InteractiveShell) -> dict[str, Any]:
    """Cell metadata: part of `info` since IPython 9.16 with ipykernel 7.3, of the parent message before."""
    meta = getattr(info, "cell_meta", None)
    if meta is None:
        parent: Any = getattr(shell, "get_parent", dict)()
        meta = parent.get("metadata") if isinstance(parent, dict) else None
    return meta if isinstance(meta, dict) else {}


def notebook_name(shell: InteractiveShell, configured: str | None) -> str | None:
    """Return the notebook's name, from the setting, a Jupyter server or VS Code; None where nobody tells."""
    vs_code = shell.user_ns.get("__vsc_ipynb_file__")
    found = (
        configured or os.environ.get("JPY_SESSION_NAME") or (vs_code if isinstance(vs_code, str) else None)
    )
    return PurePath(found).name if found else None

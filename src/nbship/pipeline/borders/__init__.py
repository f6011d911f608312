"""Variables that cross from one step of a tagged notebook into another, saved by type.

The cells that a step begins and ends with name this package, so its functions stay where they are.
"""

from nbship.pipeline.borders.saving import (
    MANIFEST,
    VERSION,
    load,
    load_bound,
    save,
    save_bound,
    save_kept,
)

__all__ = ["MANIFEST", "VERSION", "load", "load_bound", "save", "save_bound", "save_kept"]

"""What ``python -m nbship.serving.prepare`` found out about a draft.

Public: `Prepared`, ``read_prepared(folder)``, ``check_prepared(prepared)``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.errors import PackagingError, SmokeTestError
from nbship.model.bundle import Bundle

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PREPARED_FILE", "Prepared", "check_prepared", "read_prepared"]

PREPARED_FILE = "prepared.json"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft that was loaded, converted and proven.

    Attributes
    ----------
    bundle
        The description as it will be, but for the names of the files.
    predictions
        What the model answers to the recorded example.
    matches
        Whether these are the recorded ones; None when none were recorded.
    difference
        The largest difference of numbers.
    needs
        Distributions that the model needs beyond the server's own, such as ``pandas``.
    imports
        Distributions that were really imported.
    notes, proof
        In plain words, one sentence each.
    """

    bundle: Bundle
    predictions: Any = None
    matches: bool | None = None
    difference: float = 0.0
    needs: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    proof: tuple[str, ...] = ()


def read_prepared(folder: Path) -> Prepared:
    """Return what the preparation left in a draft folder.

    Raises
    ------
    PackagingError
        When it failed; the message is its own. When it left nothing.
    """
    try:
        found = json.loads((folder / PREPARED_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackagingError(
            f"the model could not be prepared: its process left no answer ({error})"
        ) from error
    if "error" in found:
        raise PackagingError(f"the model could not be prepared: {found['error']}")
    return Prepared(
        bundle=Bundle.from_dict(found["bundle"]),
        predictions=found.get("predictions"),
        matches=found.get("matches"),
        difference=float(found.get("difference") or 0.0),
        **{key: tuple(found.get(key) or ()) for key in ("needs", "imports", "notes", "proof")},
    )


def check_prepared(prepared: Prepared) -> None:
    """Refuse a model that does not answer as it did when it was tracked.

    Raises
    ------
    SmokeTestError
        When the recorded predictions are others.
    """
    if prepared.matches is False:
        how = f"by up to {prepared.difference:.6g}" if prepared.difference else "in their values"
        told = " ".join(prepared.notes)
        raise SmokeTestError(
            f"the model does not answer its recorded example as it did when it was tracked: the predictions differ {how}. "
            f"{told} The versions that were loaded then are not those that were installed; track the run again."
        )

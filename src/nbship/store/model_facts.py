"""What a model says of itself, without its file being fetched or read.

Public: ``model_facts(tracking_uri, model) -> ModelFacts``.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.store.model_folder import described, fetch_file, local_path, model_file, read_requirements

if TYPE_CHECKING:
    from nbship.store.found_models import FoundModel

__all__ = ["ModelFacts", "model_facts"]

_GENERIC = "python_function"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The fields are those of `nbship.model.run_record.RunModel`."""

    flavor: str = ""
    flavor_version: str = ""
    serialization: str = ""
    python: str = ""
    inputs: tuple[dict[str, Any], ...] = ()
    outputs: tuple[dict[str, Any], ...] = ()
    requirements: tuple[str, ...] = ()
    size_bytes: int | None = None
    has_example: bool = False
    obstacle: str = ""


def model_facts(tracking_uri: str, model: FoundModel) -> ModelFacts:
    """Return what the ``MLmodel`` and the ``requirements.txt`` of a model say.

    Where they are gone or damaged, only `ModelFacts.obstacle` says something.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="nbship-") as folder:
        description = fetch_file(tracking_uri, model.location, "MLmodel", Path(folder))
        if description is None:
            return ModelFacts(obstacle="the files of the model are gone, or were never written")
        needed = fetch_file(tracking_uri, model.location, "requirements.txt", Path(folder))
        try:
            about = described(description)
            requirements = read_requirements(needed) if needed else ()
        except (UsageError, OSError, UnicodeDecodeError) as error:
            return ModelFacts(obstacle=str(error))
    return _facts(about, requirements, _size(model, about))


def _facts(about: dict[str, Any], requirements: tuple[str, ...], size: int | None) -> ModelFacts:
    flavors = {str(name): found for name, found in about["flavors"].items() if isinstance(found, dict)}
    flavor = next((name for name in flavors if name != _GENERIC), _GENERIC)
    serialization, obstacle = "", ""
    try:
        _, _, serialization = model_file(flavors)
    except UsageError as error:
        obstacle = str(error)
    signature = about.get("signature")
    return ModelFacts(
        flavor=flavor,
        flavor_version=str(flavors.get(flavor, {}).get(f"{flavor}_version") or ""),
        serialization=serialization,
        python=str(flavors.get(_GENERIC, {}).get("python_version") or ""),
        inputs=_columns(signature, "inputs"),
        outputs=_columns(signature, "outputs"),
        requirements=requirements,
        size_bytes=size,
        has_example=bool(about.get("saved_input_example_info")),
        obstacle=obstacle,
    )


def _columns(signature: Any, side: str) -> tuple[dict[str, Any], ...]:
    """Return the columns of one side of a signature, which MLflow keeps as JSON in a text."""
    try:
        found = json.loads(signature[side])
    except (TypeError, KeyError, ValueError):
        return ()
    return tuple(one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()


def _size(model: FoundModel, about: dict[str, Any]) -> int | None:
    """Return the size of all files where they are here; else what MLflow noted."""
    folder = local_path(model.location)
    if folder is not None:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    noted = about.get("model_size_bytes")
    return noted if isinstance(noted, int) else None

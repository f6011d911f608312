"""What the Open Inference Protocol tells of server and model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship import __version__
from nbship.serving.datatypes import datatype_of, output_names

if TYPE_CHECKING:
    from nbship.model.bundle import Bundle

__all__ = ["model_metadata", "server_metadata"]


def server_metadata() -> dict[str, Any]:
    """Return the answer of ``GET /v2``."""
    return {"name": "nbship", "version": __version__, "extensions": []}


def model_metadata(bundle: Bundle) -> dict[str, Any]:
    """Return the answer of ``GET /v2/models/NAME``."""
    return {
        "name": bundle.name,
        "versions": [bundle.model_version] if bundle.model_version else [],
        "platform": f"nbship_{bundle.format.value}",
        "inputs": _inputs(bundle),
        "outputs": _outputs(bundle),
        "digest": f"sha256:{bundle.model_digest}",
    }


def _inputs(bundle: Bundle) -> list[dict[str, Any]]:
    if bundle.tensor is not None:
        tensor = bundle.tensor
        return [_described(tensor.name or "input", datatype_of(tensor.dtype), list(tensor.shape))]
    return [_described(column.name, datatype_of(column.type), [-1]) for column in bundle.inputs]


def _outputs(bundle: Bundle) -> list[dict[str, Any]]:
    kinds = [(output.type, output.shape) for output in bundle.outputs] or [("string", ())]
    return [
        _described(name, datatype_of(kind), [-1, *shape])
        for name, (kind, shape) in zip(output_names(bundle), kinds, strict=True)
    ]


def _described(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}

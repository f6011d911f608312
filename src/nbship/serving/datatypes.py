"""The datatypes of the Open Inference Protocol, and the outputs that a model has there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.serving.values import Step, kind_of_dtype, steps_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.model.bundle import Bundle

__all__ = ["DATATYPES", "DEFAULT_OUTPUT", "Datatype", "datatype_of", "output_names"]

DEFAULT_OUTPUT = "predict"
"""What an output is called whose signature has no name; as in MLServer."""


@dataclass(frozen=True, slots=True)
class Datatype:
    """What one datatype takes.

    Attributes
    ----------
    steps
        JSON type to what is done with its values.
    clean
        The types whose values stay as they are.
    keeps
        Whether a value is checked but not rounded.
    """

    steps: Mapping[type, Step | None]
    clean: frozenset[type]
    keeps: bool


def _datatype(dtype: str, *, keeps: bool = False) -> Datatype:
    steps = steps_of(kind_of_dtype(dtype), nullable=True)
    return Datatype(steps, frozenset(kind for kind, step in steps.items() if step is None), keeps)


DATATYPES: dict[str, Datatype] = {
    "BOOL": _datatype("bool"),
    **{
        f"{sign.upper()}INT{bits}": _datatype(f"{sign}int{bits}")
        for sign in ("u", "")
        for bits in (8, 16, 32, 64)
    },
    # Rounding to 32 bits would only move a number away from the one that the client wrote.
    **{f"FP{bits}": _datatype(f"float{bits}", keeps=True) for bits in (16, 32, 64)},
    "BYTES": _datatype("str"),
}
"""Name to what its values must be."""

_OF_TYPE = {
    "any": "BYTES",
    "binary": "BYTES",
    "bool": "BOOL",
    "boolean": "BOOL",
    "datetime": "BYTES",
    "double": "FP64",
    "float": "FP32",
    "integer": "INT32",
    "long": "INT64",
    "object": "BYTES",
    "string": "BYTES",
    **{f"float{bits}": f"FP{bits}" for bits in (16, 32, 64)},
    **{f"int{bits}": f"INT{bits}" for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": f"UINT{bits}" for bits in (8, 16, 32, 64)},
}


def datatype_of(type_name: str) -> str:
    """Return the datatype of MLflow's or numpy's name of a type; ``BYTES`` for what is no number."""
    return _OF_TYPE.get(type_name, "BYTES")


def output_names(bundle: Bundle) -> tuple[str, ...]:
    """Return the names of the outputs, in order."""
    if len(bundle.outputs) < 2:  # noqa: PLR2004 - one prediction a row
        return (bundle.outputs[0].name or DEFAULT_OUTPUT,) if bundle.outputs else (DEFAULT_OUTPUT,)
    return tuple(output.name or f"{DEFAULT_OUTPUT}-{n}" for n, output in enumerate(bundle.outputs))

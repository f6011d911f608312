"""Bundles: everything that a served model needs, as one folder with one description.

The packager writes the folder, the server reads it; neither knows the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nbship.model.codec import decode, encode

__all__ = [
    "BUNDLE_FILE",
    "BUNDLE_VERSION",
    "Bundle",
    "InputColumn",
    "InputPath",
    "InputTensor",
    "ModelFormat",
    "OutputColumn",
]

BUNDLE_VERSION = 1
"""Format of ``bundle.json``. Adding a field with a default needs no bump; anything else does, with a reader for the older
format in `Bundle.from_dict`."""

BUNDLE_FILE = "bundle.json"
"""The description, at the top of the folder; it names the SHA-256 of every other file."""


class ModelFormat(StrEnum):
    """How the model file is read."""

    SKOPS = "skops"
    """Data without code: types that the server's policy does not know are refused."""
    PICKLE = "pickle"
    """A pickle: it runs code when it is read, so the server's policy must name its SHA-256."""


class InputPath(StrEnum):
    """How rows reach the model."""

    FRAME = "frame"
    """As a pandas DataFrame in the dtypes of the signature."""
    ARRAY = "array"
    """As a numpy array; only where the predictions were proven equal to those for a frame."""
    FOREST = "forest"
    """As a numpy array, straight to the trees of a forest; proven likewise."""
    TENSOR = "tensor"
    """As the numpy array that a tensor signature asks for."""


@dataclass(frozen=True, slots=True)
class InputColumn:
    """A column of the signature.

    Attributes
    ----------
    type
        MLflow's name: ``boolean``, ``integer`` (32 bits), ``long``, ``float`` (32 bits), ``double``, ``string``,
        ``datetime``, ``binary`` or ``any``.
    required
        Whether a request must have the column.
    nullable
        Whether a missing value is let through: the model was seen to answer one, and not to refuse it.
    example
        A value of the recorded example, as JSON.
    """

    name: str
    type: str
    required: bool = True
    nullable: bool = False
    example: Any = None


@dataclass(frozen=True, slots=True)
class InputTensor:
    """A tensor signature: numpy's name of the dtype, and the shape with -1 for dimensions of any length.

    `nullable` says, as for a column, whether missing numbers are let through.
    """

    dtype: str
    shape: tuple[int, ...]
    name: str = ""
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """What one prediction holds: MLflow's name of its type; `shape` of the prediction of one row, empty for a scalar."""

    name: str
    type: str
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """The description of a bundle folder.

    Attributes
    ----------
    name
        What the model is called in addresses and images: lower-case letters, digits, ``-``, ``_`` and ``.``.
    model_version
        Version of the registered model; empty for a model of a run.
    run_id, run_name, experiment
        Where it was made.
    model_class
        Qualified class name, for people.
    format, model_path
        The model's file, relative to the folder.
    model_digest
        SHA-256 of that file, hexadecimal.
    method
        The method that answers, ``predict`` by default.
    context_first
        Whether the method takes MLflow's context before the rows, as ``mlflow.pyfunc.PythonModel.predict`` does.
    inputs
        Columns in order; empty with `tensor`.
    input_path
        How rows reach the model.
    array_dtype
        numpy's name of the dtype of the array, for ``array`` and ``forest``.
    direct
        Whether the parts that this nbship knows (trees, linear models, scalers) are computed without the checks of
        scikit-learn around them; only where the answers were proven equal. Always so for ``forest``.
    weights
        Relative path of the numbers of a linear model, from which alone it is answered: `model_path` is there for
        people only. Empty for other models.
    row_wise
        Whether the answer to a row does not depend on the rows beside it; where it does, requests must not be
        answered together.
    python
        The minor version that the files were made for, e.g. ``3.11``.
    proof
        What was compared to choose `input_path`, in plain words, one sentence each.
    files
        Relative path to SHA-256 of every other file of the folder.
    """

    name: str
    run_id: str
    format: ModelFormat
    model_path: str
    model_digest: str
    inputs: tuple[InputColumn, ...] = ()
    tensor: InputTensor | None = None
    outputs: tuple[OutputColumn, ...] = ()
    input_path: InputPath = InputPath.FRAME
    array_dtype: str = "float64"
    direct: bool = False
    row_wise: bool = True
    weights: str = ""
    method: str = "predict"
    context_first: bool = False
    model_version: str = ""
    model_class: str = ""
    run_name: str = ""
    experiment: str = ""
    python: str = ""
    proof: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    version: int = BUNDLE_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        data: dict[str, Any] = encode(self)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Bundle:
        """Build the bundle that `to_dict` described.

        Raises
        ------
        ValueError
            When the JSON is no bundle, or one of a version that this nbship does not know.
        """
        version = data.get("version")
        if not isinstance(version, int):
            raise ValueError("this is no bundle of nbship: it has no format version")  # noqa: TRY004 - its content
        if version > BUNDLE_VERSION:
            raise ValueError(
                f"the bundle has format {version}, this nbship reads up to {BUNDLE_VERSION}: update nbship"
            )
        try:
            return decode(cls, data)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"the bundle is damaged: {error!r}") from error

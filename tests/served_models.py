"""Models as the packager finds them: a file, a signature and an example."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from nbship.model.bundle import Bundle, InputColumn, InputTensor, ModelFormat

SIGNATURE = {"b": "boolean", "i": "long", "f": "double", "M": "datetime"}


def columns_of(frame: Any) -> tuple[InputColumn, ...]:
    """Return the signature that MLflow would infer."""
    narrow = {"float32": "float", "int32": "integer"}
    return tuple(
        InputColumn(str(name), narrow.get(str(dtype)) or SIGNATURE.get(getattr(dtype, "kind", "O"), "string"))
        for name, dtype in frame.dtypes.items()
    )


def bundle_of(frame: Any, **fields: Any) -> Bundle:
    """Return a bundle for a model that takes such frames."""
    given = {"model_path": "model/model.pkl", "model_digest": "", "inputs": columns_of(frame), **fields}
    return Bundle(name="m", run_id="r", format=ModelFormat.PICKLE, **given)


def tensor_bundle(dtype: str, shape: tuple[int, ...], **fields: Any) -> Bundle:
    """Return a bundle for a model that takes arrays."""
    return Bundle(
        "m", "r", ModelFormat.PICKLE, "model/model.pkl", "", tensor=InputTensor(dtype, shape), **fields
    )


def rows_of(frame: Any) -> list[list[Any]]:
    """Return the rows as the parser gives them."""
    import pandas as pd

    def plain(value: Any) -> Any:
        if isinstance(value, pd.Timestamp):
            return value.to_pydatetime()
        if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN
            return None
        return value.item() if hasattr(value, "item") else value

    return [[plain(value) for value in row] for row in frame.itertuples(index=False, name=None)]


def split(frame: Any) -> dict[str, Any]:
    """Return the example as MLflow records it."""
    return {"columns": list(map(str, frame.columns)), "data": rows_of(frame)}


def draft(folder: Path, pickled: bytes, bundle: Bundle, **fields: Any) -> str:
    """Write what the packager writes before a model is prepared; return the SHA-256 of the pickle."""
    (folder / "source").mkdir(parents=True)
    (folder / "source" / "python_model.pkl").write_bytes(pickled)
    digest = hashlib.sha256(pickled).hexdigest()
    given = {
        "bundle": bundle.to_dict(),
        "source_model": "source/python_model.pkl",
        "serialization": "cloudpickle",
        "example": None,
        "predictions": None,
        "trusted": [digest],
        "keep_pickle": False,
    }
    (folder / "draft.json").write_text(json.dumps({**given, **fields}), encoding="utf-8")
    return digest

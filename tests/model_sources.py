"""Model sources and wheelhouses as the packager meets them, made on the spot."""

from __future__ import annotations

import hashlib
import json
import pickle
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbship.model.bundle import Bundle, ModelFormat
from nbship.model.image import LockedWheel, ModelSource
from nbship.model.run import Run, RunStatus
from nbship.packaging.prepared import Prepared
from nbship.packaging.wheel_metadata import read_wheel

RUN = Run("a" * 32, "forest-1", RunStatus.FINISHED, "Flights", 1_700_000_000_000, 1_700_000_001_000)

INPUTS = [
    {"type": "double", "name": "distance", "required": True},
    {"type": "string", "name": "carrier", "required": False},
]
SIGNATURE = {
    "inputs": json.dumps(INPUTS),
    "outputs": json.dumps([{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]),
    "params": None,
}
EXAMPLE = {"columns": ["distance", "carrier"], "data": [[1.5, None], [2.5, "UA"]]}
LINEAGE = {
    "version": 1,
    "code": "c" * 32,
    "cells": [{"source": "x = 1", "sha256": "1" * 64, "cell_id": None}],
    "datasets": [{"name": "flights", "digest": "2" * 32, "algorithm": "nbship-blake3-1"}],
    "git": {"commit": "3" * 40, "repository": "https://example.org/flights.git"},
}


def make_source(folder: Path, model: Any = None, **changes: Any) -> ModelSource:
    """Return a source whose model file is the pickle of `model`."""
    folder.mkdir(parents=True, exist_ok=True)
    content = pickle.dumps({"any": "object"} if model is None else model)
    (folder / "model.pkl").write_bytes(content)
    source = ModelSource(
        folder=folder,
        name="Flights",
        run=RUN,
        flavor="sklearn",
        model_file="model.pkl",
        serialization="cloudpickle",
        signature=SIGNATURE,
        example=EXAMPLE,
        predictions=[0, 1],
        requirements=("scikit-learn==1.7.0",),
        environment=("numpy==2.1.0", "scikit-learn==1.7.0"),
        python="3.11.7",
        files={"model.pkl": hashlib.sha256(content).hexdigest()},
        lineage=LINEAGE,
    )
    return replace(source, **changes)


def prepare_pickle(draft: Path, bundle: Bundle, source: ModelSource, **changes: Any) -> Prepared:
    """Leave in a draft what a preparation that changes nothing leaves."""
    (draft / "model").mkdir()
    (draft / "model" / "model.pkl").write_bytes((source.folder / source.model_file).read_bytes())
    kept = replace(bundle, format=ModelFormat.PICKLE, model_path="model/model.pkl")
    return Prepared(**({"bundle": kept, "predictions": source.predictions, "matches": True} | changes))


def write_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    requires: Sequence[str] = (),
    *,
    tag: str = "py3-none-any",
    metadata: str = "",
) -> LockedWheel:
    """Write a wheel that pip takes, and return its entry of a lock."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name.replace('-', '_')}-{version}"
    path = folder / f"{stem}-{tag}.whl"
    told = "".join(f"Requires-Dist: {need}\n" for need in requires)
    files = {
        f"{name.replace('-', '_')}.py": "",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{metadata}{told}",
        f"{stem}.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in files.items():
            archive.writestr(zipfile.ZipInfo(member), content)
        archive.writestr(zipfile.ZipInfo(f"{stem}.dist-info/RECORD"), "".join(f"{one},,\n" for one in files))
    return read_wheel(path, hashlib.sha256(path.read_bytes()).hexdigest())

"""Models that are subclasses of ``mlflow.pyfunc.PythonModel``, without MLflow.

Public: `ModelContext`, `model_context`, `stand_in_for_mlflow`, `takes_context`.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ARTIFACTS_FOLDER", "ModelContext", "model_context", "stand_in_for_mlflow", "takes_context"]

ARTIFACTS_FOLDER = "artifacts"
"""Beside the model file: one folder for each artifact, bearing its name, with the one file or folder that it is."""


@dataclass(frozen=True, slots=True)
class ModelContext:
    """What MLflow hands to a PythonModel: paths of its artifacts by name, and its configuration."""

    artifacts: dict[str, str] = field(default_factory=dict)
    model_config: dict[str, Any] = field(default_factory=dict)


def model_context(model: Any, model_folder: Path) -> ModelContext | None:
    """Return the context of a PythonModel after it has loaded from it what it wants to; None for any other model."""
    if not _is_python_model(model):
        return None
    folder = model_folder / ARTIFACTS_FOLDER
    names = sorted(folder.iterdir()) if folder.is_dir() else []
    context = ModelContext({name.name: str(next(name.iterdir())) for name in names})
    model.load_context(context)
    return context


def takes_context(model: Any, method: str) -> bool:
    """Whether a model's method wants the context before the rows, as MLflow's PythonModel may."""
    if not _is_python_model(model):
        return False
    names = list(inspect.signature(getattr(model, method)).parameters)
    return bool(names) and names[0] == "context"


def _is_python_model(model: Any) -> bool:
    return any(cls.__name__ == "PythonModel" for cls in type(model).__mro__)


class PythonModel:
    """Stands in for the base class of MLflow, which does nothing when a model only predicts."""

    def load_context(self, context: Any) -> None:
        """Do nothing, as MLflow's does."""


def stand_in_for_mlflow() -> bool:
    """Let pickles of a ``PythonModel`` find their base class where MLflow is not installed; return whether."""
    if sys.modules.get("mlflow") is not None or importlib.util.find_spec("mlflow") is not None:
        return False
    names = ("mlflow", "mlflow.pyfunc", "mlflow.pyfunc.model", "mlflow.models", "mlflow.models.signature")
    made = [ModuleType(name, "Stands in for MLflow, which is not installed here.") for name in names]
    sys.modules.update(zip(names, made, strict=True))
    package, pyfunc, model, models, signature = made
    vars(package).update(pyfunc=pyfunc, models=models)
    for module in (pyfunc, model):
        vars(module).update(PythonModel=PythonModel, PythonModelContext=ModelContext)
    vars(pyfunc).update(model=model)
    vars(models).update(signature=signature)
    vars(signature).update(_TypeHints=_TypeHints)
    return True


class _TypeHints:
    """What MLflow notes of the annotations of ``predict``, in the pickle of every `PythonModel` that it saves."""

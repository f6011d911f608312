"""A captured model as MLflow's own model folder, and as a logged model of its run.

The folder is what ``mlflow.sklearn.save_model`` would write, without the inference of requirements and schema that
makes it slow: both were captured in the kernel. Public: ``log_model(client, run_id, record, blobs, in_doubt)``.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.store.names import clip

if TYPE_CHECKING:
    from nbship.model.event import ModelRecord

__all__ = ["PREDICTIONS_FILE", "log_model", "write_model_folder"]

MODEL_NAME = "model"
PREDICTIONS_FILE = "nbship_predictions.json"
"""What the model answered to its input example, as a JSON value; not among the files that MLflow knows."""

_PICKLE = "model.pkl"
_MAX_MODEL_PARAM_KEY = 255


def log_model(client: Any, run_id: str, record: ModelRecord, blobs: Path, in_doubt: bool) -> None:
    """Store the model so that ``mlflow.pyfunc.load_model("runs:/<run_id>/model")`` loads it.

    With `in_doubt`, a model that an earlier attempt left behind is completed instead of doubled.
    """
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus

    if not (blobs / record.blob).is_file():
        raise FileNotFoundError(2, "the pickle of the model is missing", str(blobs / record.blob))
    run = client.get_run(run_id)
    model = _find(client, run, record) if in_doubt else None
    if model is None:
        model = _create(client, run, record)
    with tempfile.TemporaryDirectory(prefix="nbship-") as folder:
        write_model_folder(Path(folder), record, blobs, run_id, model)
        client.log_model_artifacts(model.model_id, folder)
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    outputs = run.outputs.model_outputs if run.outputs else []
    if model.model_id not in {output.model_id for output in outputs}:
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])


def _create(client: Any, run: Any, record: ModelRecord) -> Any:
    params = {clip(key, _MAX_MODEL_PARAM_KEY): value for key, value in record.params.items()}
    tags = {"nbship.blob": record.blob, "nbship.variable": record.variable, "nbship.class": record.class_name}
    return client.create_logged_model(
        run.info.experiment_id, name=MODEL_NAME, source_run_id=run.info.run_id, tags=tags, params=params
    )


def _find(client: Any, run: Any, record: ModelRecord) -> Any | None:
    found = client.search_logged_models(
        [run.info.experiment_id], filter_string=f"source_run_id = '{run.info.run_id}'"
    )
    return next((model for model in found if model.tags.get("nbship.blob") == record.blob), None)


def write_model_folder(folder: Path, record: ModelRecord, blobs: Path, run_id: str, logged: Any) -> None:
    """Write MLmodel, pickle, environment and examples into an empty folder."""
    from mlflow import pyfunc
    from mlflow.models import Model, ModelSignature

    shutil.copyfile(blobs / record.blob, folder / _PICKLE)
    model = Model(
        artifact_path=logged.artifact_location,
        run_id=run_id,
        model_uuid=logged.model_id,
        model_id=logged.model_id,
    )
    if record.signature is not None:
        model.signature = ModelSignature.from_dict(record.signature)
    if record.input_example is not None:
        model.saved_input_example_info = _write_examples(folder, record.input_example)
        if record.predictions is not None:
            (folder / PREDICTIONS_FILE).write_text(json.dumps(record.predictions), encoding="utf-8")
    pyfunc.add_to_model(
        model,
        # Its wrapper asks for `predict` and nothing else, so it serves any pickled object that has one.
        loader_module="mlflow.sklearn",
        model_path=_PICKLE,
        conda_env="conda.yaml",
        python_env="python_env.yaml",
        predict_fn="predict",
    )
    version = record.framework_version if record.framework == "sklearn" else None
    model.add_flavor(
        "sklearn",
        pickled_model=_PICKLE,
        sklearn_version=version,
        serialization_format="cloudpickle",
        code=None,
    )
    model.model_size_bytes = (folder / _PICKLE).stat().st_size
    model.save(str(folder / "MLmodel"))
    _write_environment(folder, record.requirements)


def _write_environment(folder: Path, requirements: tuple[str, ...]) -> None:
    from mlflow.utils.environment import _mlflow_conda_env, _PythonEnv

    pinned = list(requirements)
    conda = _mlflow_conda_env(additional_pip_deps=pinned, install_mlflow=True)  # type: ignore[no-untyped-call]
    deps = next(item["pip"] for item in conda["dependencies"] if isinstance(item, dict))
    (folder / "requirements.txt").write_text("\n".join(deps) + "\n", encoding="utf-8")
    # JSON is YAML.
    (folder / "conda.yaml").write_text(json.dumps(conda, indent=1) + "\n", encoding="utf-8")
    _PythonEnv.current().to_yaml(str(folder / "python_env.yaml"))  # type: ignore[no-untyped-call]


def _write_examples(folder: Path, example: Any) -> dict[str, str]:
    """Write the example twice, as mlflow does: as stored data, and as the body of a request for scoring."""
    split = isinstance(example, dict) and {"columns", "data"} <= example.keys()
    tensor = isinstance(example, dict) and "inputs" in example
    serving = {"dataframe_split": example} if split else example if tensor else {"inputs": example}
    stored = example["inputs"] if tensor else example
    (folder / "input_example.json").write_text(json.dumps(stored), encoding="utf-8")
    (folder / "serving_input_example.json").write_text(json.dumps(serving, indent=2), encoding="utf-8")
    info = {"artifact_path": "input_example.json", "serving_input_path": "serving_input_example.json"}
    if split:
        return info | {"type": "dataframe", "pandas_orient": "split"}
    return info | ({"type": "ndarray", "format": "tf-serving"} if tensor else {"type": "json_object"})

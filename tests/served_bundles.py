"""Bundles of real models, and real servers of them in processes of their own."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbship.model.bundle import Bundle, InputColumn, InputPath, ModelFormat, OutputColumn
from nbship.profiling import profile
from nbship.serving.weights import weights_of

COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]


def iris() -> tuple[Any, Any]:
    """Return the features in columns that a keyword argument could have, and the classes."""
    from sklearn.datasets import load_iris

    features, classes = load_iris(return_X_y=True, as_frame=True)
    return features.set_axis(COLUMNS, axis=1), classes


def write_bundle(
    folder: Path,
    model: Any,
    *,
    name: str = "iris",
    path: InputPath = InputPath.ARRAY,
    light: bool = False,
    **more: Any,
) -> str:
    """Write the bundle of a model of iris, fitted here, and return the SHA-256 of its description.

    With `light` it has the numbers of the model beside it, so that its server starts without scikit-learn.
    """
    import skops.io

    features, classes = iris()
    model.fit(features, classes)
    (folder / "model").mkdir(parents=True)
    skops.io.dump(model, folder / "model" / "model.skops")
    if light:
        _write(folder / "model" / "weights.json", weights_of(model, "predict"))
        more = {"weights": "model/weights.json", "direct": True, **more}
    return finish_bundle(folder, "model/model.skops", ModelFormat.SKOPS, name=name, input_path=path, **more)


def write_pickled(folder: Path, source: str, *, name: str = "iris", **more: Any) -> tuple[str, str]:
    """Write the bundle of a Python model whose code is given; return the SHA-256 of description and pickle.

    The code defines ``Model``, with ``predict(self, context, rows)``.
    """
    import cloudpickle

    names: dict[str, Any] = {"__name__": "__main__"}
    exec(source, names)  # a class of __main__ is pickled by value, as one of a notebook is
    (folder / "model").mkdir(parents=True)
    content = cloudpickle.dumps(names["Model"]())
    (folder / "model" / "model.pkl").write_bytes(content)
    more = {"input_path": InputPath.FRAME, "context_first": True, **more}
    digest = finish_bundle(folder, "model/model.pkl", ModelFormat.PICKLE, name=name, **more)
    return digest, hashlib.sha256(content).hexdigest()


def finish_bundle(folder: Path, model_path: str, kind: ModelFormat, **fields: Any) -> str:
    """Write example, profile, lineage and description beside a model file."""
    features, classes = iris()
    example = features.iloc[::30]
    _write(folder / "example.json", {"columns": COLUMNS, "data": example.to_numpy().tolist()})
    reference = profile(features.assign(species=classes), roles={"species": "target"})
    _write(folder / "profile.json", reference.to_dict())
    _write(folder / "lineage.json", {"run_id": "0123abcd"})
    files = {
        path.relative_to(folder).as_posix(): _sha256(path) for path in folder.rglob("*") if path.is_file()
    }
    given = {
        "inputs": tuple(InputColumn(column, "double", example=1.5) for column in COLUMNS),
        "outputs": (OutputColumn("prediction", "long"),),
        "input_path": InputPath.ARRAY,
        **fields,
    }
    bundle = Bundle(
        run_id="0123abcd",
        format=kind,
        model_path=model_path,
        model_digest=files[model_path],
        files=files,
        **given,
    )
    _write(folder / "bundle.json", bundle.to_dict())
    return _sha256(folder / "bundle.json")


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass
class Answered:
    """An answer: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Serving:
    """A server that runs."""

    process: subprocess.Popen[str]
    port: int

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answered:
        """Send one request on a connection of its own; bodies that are no bytes are sent as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(connection):
            connection.request(method, path, content, fields)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, found, answer.read())

    def predict(self, *rows: list[Any], **headers: str) -> Answered:
        """Ask for predictions of rows."""
        return self.ask("POST", "/invocations", split(*rows), **headers)

    def pss_bytes(self) -> int:
        """Return its memory: what is its own, and its share of what several have."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))

    def stop(self) -> tuple[int, str]:
        """Ask it to stop, and return its exit code and what it said."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


def split(*rows: list[Any]) -> dict[str, Any]:
    """Return the body of a request."""
    return {"dataframe_split": {"columns": COLUMNS, "data": list(rows)}}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(bundle: Path, digest: str, log_folder: Path, port: int, **settings: str) -> dict[str, str]:
    """Return the environment of a server."""
    owned = {name: value for name, value in os.environ.items() if not name.startswith("NBSHIP_SERVE_")}
    given = {
        "BUNDLE": str(bundle),
        "BUNDLE_SHA256": digest,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "LOG_DIR": str(log_folder),
        **{name.upper(): value for name, value in settings.items()},
    }
    return owned | {f"NBSHIP_SERVE_{name}": value for name, value in given.items()}


@contextlib.contextmanager
def serving(
    bundle: Path, digest: str, log_folder: Path, *, wait: bool = True, **settings: str
) -> Iterator[Serving]:
    """Run a server; it is ready when `wait` is left on, and gone afterwards."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "nbship.serving"],
        env=environment(bundle, digest, log_folder, port, **settings),
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Serving(process, port)
    try:
        if wait:
            until(lambda: _is_ready(server))
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _is_ready(server: Serving) -> bool:
    if server.process.poll() is not None:
        raise AssertionError(f"the server ended: {server.process.communicate()[1]}")
    try:
        return server.ask("GET", "/health/ready").status == 200
    except OSError:
        return False


def until(condition: Callable[[], bool], seconds: float = 90) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def log_lines(folder: Path) -> list[dict[str, Any]]:
    """Return the records of a prediction log, without headers."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [record for line in lines if "nbship_log" not in (record := json.loads(line))]

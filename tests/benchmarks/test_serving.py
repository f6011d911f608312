"""A served model beside ``mlflow models serve`` of the same model: requests a second, latency, start, memory.

``BENCHMARK_SIZE=full pytest tests/benchmarks/test_serving.py -s`` prints the table; ``wrk`` makes the load. Both servers take turns
within one run, with metrics and prediction log on; no time is asserted.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from nbship.model.bundle import InputPath
from nbship.serving.weights import weights_of
from served_bundles import Serving, free_port, iris, serving, split, until, write_bundle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FULL = os.environ.get("BENCHMARK_SIZE") == "full"
ROUNDS = 3 if FULL else 1
SECONDS = 4 if FULL else 1
BODY = json.dumps(split([5.1, 3.5, 1.4, 0.2]))


@dataclass
class Load:
    """One burst: requests a second, latencies in milliseconds, CPU microseconds of the server a request."""

    rps: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


def burst(script: Path, port: int, pid: int, connections: int) -> Load:
    before = cpu_seconds(pid)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-s", str(script)]
    url = f"http://127.0.0.1:{port}/invocations"
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    requests = int(re.search(r"(\d+) requests in", said)[1])
    rps = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    cpu_us = (cpu_seconds(pid) - before) / requests * 1e6
    return Load(rps, milliseconds(said, "50%"), milliseconds(said, "99%"), cpu_us)


def milliseconds(said: str, quantile: str) -> float:
    number, unit = re.search(rf"{re.escape(quantile)}\s+([\d.]+)(us|ms|s)\b", said).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def cpu_seconds(pid: int) -> float:
    process = psutil.Process(pid)
    used = [it.cpu_times() for it in (process, *process.children(recursive=True))]
    return sum(times.user + times.system for times in used)


@contextlib.contextmanager
def mlflow_serving(model: Any, folder: Path) -> Iterator[tuple[int, int]]:
    """Serve a model as MLflow does, and give port and process id."""
    from mlflow.models import infer_signature
    from mlflow.sklearn import save_model

    features, _ = iris()
    signature = infer_signature(features, model.predict(features))
    save_model(model, folder, signature=signature, serialization_format="cloudpickle")
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(folder), "-p", str(port)]
    # It starts uvicorn by its name, in a shell.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            [*command, "--env-manager", "local"], stdout=said, stderr=said, env=os.environ | {"PATH": path}
        )
    try:
        until(lambda: process.poll() is not None or answers(port), 120)
        assert process.poll() is None, (folder / "said").read_text()
        yield port, process.pid
    finally:
        if process.poll() is None:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.terminate()
            process.terminate()
            process.wait(30)


def answers(port: int) -> bool:
    try:
        return Serving(None, port).ask("GET", "/ping").status == 200  # type: ignore[arg-type]
    except OSError:
        return False


def models() -> dict[str, tuple[Any, InputPath]]:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    return {
        "LogisticRegression": (LogisticRegression(max_iter=500), InputPath.ARRAY),
        "RandomForest(100)": (RandomForestClassifier(100, random_state=0), InputPath.FOREST),
    }


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk makes the load")
@pytest.mark.parametrize("name", list(models()))
def test_requests_a_second_beside_mlflow(name, tmp_path):
    model, path = models()[name]
    light = weights_of(model.fit(*iris()), "predict") is not None  # as packaging decides
    digest = write_bundle(tmp_path / "bundle", model, path=path, direct=True, light=light)
    script = tmp_path / "post.lua"
    script.write_text(
        f"wrk.method='POST'\nwrk.headers['Content-Type']='application/json'\nwrk.body='{BODY}'\n",
        encoding="ascii",
    )
    found: dict[tuple[str, int], Load] = {}
    started = time.monotonic()
    with serving(tmp_path / "bundle", digest, tmp_path / "log") as ours:
        ready_seconds = time.monotonic() - started
        with mlflow_serving(model, tmp_path / "mlflow") as (port, pid):
            for _ in range(ROUNDS):
                for connections in (1, 16):
                    servers = {"nbship": (ours.port, ours.process.pid), "mlflow": (port, pid)}
                    for who, (at, process) in servers.items():
                        made = burst(script, at, process, connections)
                        best = found.get((who, connections))
                        found[who, connections] = made if best is None or made.rps > best.rps else best
        memory = ours.pss_bytes()
    print(
        f"\n{name}: ready after {ready_seconds:.2f} s, {memory / 1e6:.0f} MB PSS (with what is installed here)"
    )
    for (who, connections), load in sorted(found.items()):
        print(
            f"  {who:7} {connections:2} connections: {load.rps:8.0f} rps, p50 {load.p50_ms:6.2f} ms, "
            f"p99 {load.p99_ms:6.2f} ms, {load.cpu_us:6.0f} us CPU a request"
        )
    ratios = [found["nbship", count].rps / found["mlflow", count].rps for count in (1, 16)]
    print(f"  {ratios[0]:.1f} times mlflow with 1 connection, {ratios[1]:.1f} times with 16")
    assert ratios[1] > 1

"""What tracking adds to a cell, beside what MLflow's own `start_run` adds; medians over round trips to a real kernel.

``pytest tests/benchmarks/test_kernel_overhead.py -s`` prints the table. Ratios are asserted, absolute times never.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

import pytest

from kernels import Kernel, Project, make_project
from nbship.recording.status import drain

ROUNDS = 40
LOOP = "total = 0\nfor i in range(300_000):\n    total += i * i"


def user_environment() -> dict[str, str]:
    """This environment as a user has it: with compiled modules."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    import mlflow

    folder = tmp_path_factory.mktemp("overhead")
    template = folder / "template.db"
    mlflow.MlflowClient(f"sqlite:///{template}").search_experiments()
    project = make_project(folder / "project", template)
    project.environment = user_environment()
    yield project
    project.close()


def round_trips(kernels: dict[str, tuple[Kernel, str]]) -> dict[str, float]:
    """Return the median round trip of each cell in milliseconds; the kernels take turns, so noise meets all alike."""
    times: dict[str, list[float]] = {name: [] for name in kernels}
    for _ in range(ROUNDS):
        for name, (kernel, code) in kernels.items():
            started = time.perf_counter()
            assert kernel.run(code).status == "ok"
            times[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def warmed(project: Project) -> tuple[Kernel, Kernel]:
    """Return a plain kernel and one with nbship, whose first run is behind it and whose recorder is idle."""
    plain, tracked = project.kernel(load=False), project.kernel()
    for kernel in (plain, tracked):
        kernel.run("x = 1")
    tracked.run("%%track first\nx = 1")
    drain(project.spool, wait_seconds=60)
    return plain, tracked


def test_a_trivial_cell(project):
    plain, tracked = warmed(project)
    peer = project.kernel(load=False)
    uri = project.tracking_uri
    peer.run(f"import mlflow\nmlflow.set_tracking_uri('{uri}')\nmlflow.set_experiment('peer')")
    peer.run("with mlflow.start_run():\n    x = 1")
    p50 = round_trips(
        {
            "plain": (plain, "x = 1"),
            "nbship loaded": (tracked, "x = 1"),
            "nbship tracked": (tracked, "%%track bench\nx = 1"),
            "mlflow run": (peer, "with mlflow.start_run():\n    x = 1"),
        }
    )
    added = {name: value - p50["plain"] for name, value in p50.items()}
    print(f"\n{'trivial cell':<16} {'p50 ms':>8} {'added ms':>9}")
    for name, value in p50.items():
        print(f"{name:<16} {value:>8.1f} {added[name]:>9.1f}")
    print(f"MLflow adds {added['mlflow run'] / added['nbship tracked']:.1f}x what a tracked cell adds")

    assert added["nbship tracked"] < added["mlflow run"]


def test_a_long_loop(project):
    plain, tracked = warmed(project)
    p50 = round_trips(
        {"plain": (plain, LOOP), "loaded": (tracked, LOOP), "tracked": (tracked, f"%%track\n{LOOP}")}
    )
    print(f"\nloop of 300,000: plain {p50['plain']:.1f} ms")
    for name in ("loaded", "tracked"):
        print(f"{name:<8} {p50[name]:.1f} ms, {p50[name] / p50['plain']:.2f}x")

    assert p50["tracked"] < 2 * p50["plain"]


KERNEL = "import ipykernel.zmqshell, ipykernel.kernelapp\n"


def seconds_of(code: str, rounds: int = 5, before: str = KERNEL) -> float:
    """Return the CPU seconds that a statement takes in a fresh interpreter, by default one that is a kernel already."""
    measure = f"{before}import time\nt = time.process_time()\n{code}\nprint(time.process_time() - t)"
    runs = [
        subprocess.run(
            [sys.executable, "-c", measure],
            capture_output=True,
            text=True,
            check=True,
            env=user_environment(),
        )
        for _ in range(rounds)
    ]
    return statistics.median(float(done.stdout.split()[-1]) for done in runs)


def test_loading():
    shell = "from IPython.core.interactiveshell import InteractiveShell as S\nip = S.instance()\nt = time.process_time()\n"
    seconds_of("import nbship", rounds=1)
    ours = seconds_of("import nbship", before="")
    load = seconds_of(shell + "ip.run_line_magic('load_ext', 'nbship')")
    peer = seconds_of("import mlflow", rounds=2)
    print(
        f"\nimport nbship {ours * 1000:.0f} ms, %load_ext nbship {load * 1000:.0f} ms, import mlflow {peer * 1000:.0f} ms"
    )
    print(f"import mlflow takes {peer / load:.0f}x as long as %load_ext nbship")

    assert load < peer / 5


TABLE = """
import numpy as np, pandas as pd
g, n = np.random.default_rng(0), {rows}
levels = np.array([f"level {{k}}" for k in range(20)], dtype=object)
numbers = {{f"number{{i}}": g.normal(size=n) for i in range({columns} - 6)}}
df = pd.DataFrame(
    numbers
    | {{"count": g.integers(0, 1000, n), "code": g.integers(0, 10**9, n), "level": levels[g.integers(0, 20, n)]}}
    | {{"other": levels[g.integers(0, 20, n)], "when": pd.Timestamp("2020") + pd.to_timedelta(g.integers(0, 10**8, n), "s")}}
    | {{"flag": g.random(n) > 0.5}}
)
"""


SETTLE = "get_ipython().magics_manager.registry['RunsMagics'].tracker.settle()"
"""Ends the work beside the kernel, so that the next cell does not pay for it."""


def table_times(kernel: Kernel, rounds: int) -> dict[str, float]:
    """Return the median milliseconds of a tracked cell that reads `df`: new to the kernel, known to it, without profiles."""
    times: dict[str, list[float]] = {"untracked": [], "new": [], "known": [], "no profiles": []}
    for number in range(rounds):
        kernel.run(f"df.iloc[0, 0] = {number}")
        for name, code in (
            ("untracked", ""),
            ("new", "%%track"),
            ("known", "%%track"),
            ("no profiles", "%%track"),
        ):
            kernel.run(f"%config Nbship.profiles = {name != 'no profiles'}")
            started = time.perf_counter()
            assert kernel.run(f"{code}\nn = len(df)".lstrip()).status == "ok"
            times[name].append((time.perf_counter() - started) * 1000)
            kernel.run(SETTLE)
    return {name: statistics.median(values) for name, values in times.items()}


def test_a_cell_that_reads_a_table(project):
    _, tracked = warmed(project)
    print(f"\n{'pandas':<16} {'untracked':>10} {'no profiles':>12} {'new':>9} {'known':>9}  ms")
    found = {}
    for rows, columns, rounds in ((1_000, 10, 20), (100_000, 20, 5), (1_000_000, 20, 3)):
        assert tracked.run(TABLE.format(rows=rows, columns=columns)).status == "ok"
        tracked.run("%%track first\nn = len(df)")  # what is loaded once is not counted
        times = found[rows] = table_times(tracked, rounds)
        print(
            f"{rows:>9,} x {columns:<4} {times['untracked']:>10.1f} {times['no profiles']:>12.1f} "
            f"{times['new']:>9.1f} {times['known']:>9.1f}"
        )
        drain(project.spool, wait_seconds=60)

    assert found[1_000_000]["known"] < found[1_000_000]["new"]

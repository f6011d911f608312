"""Stands in for a kernel: appends the events of a run to a spool, then does what the mode says.

    python spool_kernel.py SPOOL TRACKING_URI SESSION MODE

``whole``   records a run from begin to end, and closes the session
``hang``    stops in the middle of the tracked cell, says so, and waits to be killed
``stream``  as ``hang``, but goes on logging 200 steps of a metric, then ends in good order
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from nbship.model.cell import CellExecution, CellStatus
from nbship.model.data import ColumnFingerprint, DatasetRecord, Fingerprint
from nbship.model.event import (
    CellBegan,
    CellExecuted,
    MetricPoint,
    RunBegan,
    RunEnded,
    RunLogged,
    SessionClosed,
    SessionOpened,
)
from nbship.model.run import RunStatus
from nbship.recording.journal import SpoolWriter
from nbship.recording.process import this_process

STEPS = 200


def now() -> int:
    return time.time_ns() // 1_000_000


def cell(index: int, status: CellStatus, source: str = "y = train(x)") -> CellExecution:
    output = {"output_type": "stream", "name": "stdout", "text": f"cell {index}\n"}
    return CellExecution(
        index, source, f"hash{index}", status, execution_count=index + 1, started_ms=now(), outputs=(output,)
    )


def dataset() -> DatasetRecord:
    digest = os.environ.get("KERNEL_DIGEST", "d" * 32)
    columns = (
        ColumnFingerprint("distance", "float64", "1" * 32),
        ColumnFingerprint("carrier", "string", "2" * 32),
    )
    return DatasetRecord(
        "flights",
        "variable",
        "pandas.DataFrame",
        Fingerprint(digest, "nbship-blake3-1", "table", 9, (9, 2), columns, 99),
    )


def main(spool: str, uri: str, session: str, mode: str) -> None:
    writer = SpoolWriter.create(Path(spool), SessionOpened(session, this_process(), source="train.ipynb"))
    run = os.environ.get("KERNEL_RUN", session.rjust(32, "0"))
    root = None if uri.startswith("http") else str(Path(spool).parent / "artifacts")
    writer.append(CellExecuted(cell(0, CellStatus.OK, "x = load()")))
    writer.append(
        RunBegan(
            run, f"run of {session}", uri, "flights", now(), cell=1, artifact_root=root, params={"depth": "3"}
        )
    )
    writer.append(CellBegan(cell(1, CellStatus.RUNNING)))
    writer.append(RunLogged(run, datasets=(dataset(),), metrics=(MetricPoint("auc", 0.5, 1000, 0),)))
    if mode == "hang":
        print("hanging", flush=True)
        time.sleep(3600)
    if mode == "stream":
        print("streaming", flush=True)
        for step in range(1, STEPS):
            writer.append(RunLogged(run, metrics=(MetricPoint("auc", 0.5 + step / 1000, 1000 + step, step),)))
            time.sleep(0.005)
    writer.append(CellExecuted(cell(1, CellStatus.OK)))
    writer.append(RunEnded(run, RunStatus.FINISHED, now(), cells=(1,), needed=(0, 1)))
    writer.append(SessionClosed(now()))
    writer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

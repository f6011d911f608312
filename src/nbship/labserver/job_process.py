"""The process of a job: a command of nbship, and a note of how it ended.

``python -m nbship.labserver.job_process FOLDER WORD...``
"""

from __future__ import annotations

import runpy
import signal
import sys
import time
import traceback
from pathlib import Path

from nbship.labserver.jobs import CANCELLED, EXIT, PROCESS
from nbship.model.codec import encode
from nbship.recording.layout import write_json
from nbship.recording.process import this_process

__all__ = ["main"]


def main(folder: Path, words: list[str]) -> int:
    """Run a command here, and return its exit code after noting it."""
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a server that was started in the background ignores it
    write_json(folder / PROCESS, encode(this_process()))
    code = 130 if (folder / CANCELLED).exists() else _run(words)
    sys.stdout.flush()
    write_json(folder / EXIT, {"exit_code": code, "ended_ms": time.time_ns() // 1_000_000})
    return code


def _run(words: list[str]) -> int:
    sys.argv = ["nbship", *words, "--json", "--progress", "json"]
    try:
        runpy.run_module("nbship", run_name="__main__", alter_sys=False)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except KeyboardInterrupt:
        return 130
    except Exception:  # noqa: BLE001 - a defect of ours: the log has to say so, and the job has to end
        traceback.print_exc()
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))

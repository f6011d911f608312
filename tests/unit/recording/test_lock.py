from __future__ import annotations

import subprocess
import sys

from nbship.recording.lock import FileLock

HOLD = "import sys; from nbship.recording.lock import FileLock; from pathlib import Path; \
lock = FileLock(Path(sys.argv[1])); print(lock.acquire(), flush=True); input()"


def test_only_one_holds_a_lock(tmp_path):
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert not first.is_held_elsewhere()
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    assert second.is_held_elsewhere()
    assert not first.is_held_elsewhere()
    first.release()
    first.release()
    assert not second.is_held_elsewhere()
    assert second.acquire()
    second.release()


def test_the_death_of_its_holder_frees_a_lock(tmp_path):
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "True\n"
        assert FileLock(path).is_held_elsewhere()
        holder.kill()
        holder.wait()
    assert not FileLock(path).is_held_elsewhere()

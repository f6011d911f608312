"""Threads that need mlflow for the first time at once, in a process of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from nbship.errors import StoreError
from nbship.store.connection import connect
from nbship.store.mlflow_read import MlflowReader
from nbship.store.refusal import translated

THREADS = 6
together = Barrier(THREADS)

def first(number):
    together.wait()
    if number % 2:
        connect("http://127.0.0.1:1")
        return
    with translated():
        pass

def later(_):
    try:
        MlflowReader("http://127.0.0.1:1")
    except StoreError:
        return "no answer"

with ThreadPoolExecutor(THREADS) as threads:
    list(threads.map(first, range(THREADS)))
print(later(0))
"""


@pytest.mark.slow
def test_none_of_them_gets_half_of_it():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "no answer"), done.stderr[-2000:]

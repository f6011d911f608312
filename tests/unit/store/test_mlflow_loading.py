"""Threads that need mlflow for the first time at once, in a process of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from concurrent.futures import ThreadPoolExecutor
from nbship.errors import StoreError
from nbship.store.connection import connect
from nbship.store.mlflow_read import MlflowReader

THREADS = 4

def begin(number):
    # The others come when the first has loaded the module that all need first, and not yet the rest.
    while number and "mlflow.exceptions" not in sys.modules:
        pass
    connect("http://127.0.0.1:1")

with ThreadPoolExecutor(THREADS) as threads:
    list(threads.map(begin, range(THREADS)))
try:
    MlflowReader("http://127.0.0.1:1")
except StoreError:
    print("no answer")
"""


@pytest.mark.slow
def test_none_of_them_gets_half_of_it():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "no answer"), done.stderr[-2000:]

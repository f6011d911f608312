"""Errors as status codes, in one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbship.errors import (
    AmbiguousRunError,
    EngineError,
    RunNotFoundError,
    SpoolError,
    StoreError,
    UntrustedModelError,
    UsageError,
)
from nbship.labserver.faults import fault_of
from nbship.labserver.handler import json_text
from nbship.labserver.jobs import JobMissingError
from nbship.labserver.place import FileMissingError


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UsageError("x"), 400, "usage"),
        (RunNotFoundError("x"), 404, "run_not_found"),
        (FileMissingError("x"), 404, "file_missing"),
        (JobMissingError("x"), 404, "job_missing"),
        (AmbiguousRunError("x"), 409, "ambiguous_run"),
        (UntrustedModelError("x"), 409, "untrusted_model"),
        (StoreError("x"), 502, "store"),
        (EngineError("x"), 502, "engine"),
        (SpoolError("x"), 500, "spool"),
        (KeyError("x"), 500, "internal"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_its_status(error, status, code):
    found, fault = fault_of(error)
    assert (found, fault["code"]) == (status, code)
    assert "x" in fault["message"]


def test_a_name_that_no_file_can_have_is_the_callers_fault():
    with pytest.raises(OSError, match="too long") as caught:
        Path("x" * 300).stat()
    status, fault = fault_of(caught.value)
    assert status == 400
    assert "shorter" in fault["message"]


def test_numbers_that_json_does_not_have_travel_as_text():
    numbers = {"a": [float("nan"), 1.5], "b": (float("inf"), {"c": float("-inf")})}
    assert json_text(numbers) == '{"a": ["NaN", 1.5], "b": ["Infinity", {"c": "-Infinity"}]}'

from __future__ import annotations

import io
import logging
import sys

import pytest

from nbship.kernel.streams import early_streams


def test_what_is_written_meanwhile_is_noted():
    with early_streams() as noted:
        print("out")
        print("err", file=sys.stderr)
    assert "".join(noted) == "out\nerr\n"


def test_a_stream_that_was_kept_leads_to_the_one_of_later(monkeypatch):
    with early_streams():
        handler = logging.StreamHandler()
        kept = sys.stdout
    later, later_error = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", later)
    monkeypatch.setattr(sys, "stderr", later_error)
    print("shown", file=kept, flush=True)
    handler.emit(logging.makeLogRecord({"msg": "logged"}))
    assert (later.getvalue(), later_error.getvalue()) == ("shown\n", "logged\n")


def test_the_streams_of_before_are_back_after_an_error():
    before = sys.stdout, sys.stderr
    with pytest.raises(ZeroDivisionError), early_streams():
        print(1 / 0)
    assert (sys.stdout, sys.stderr) == before

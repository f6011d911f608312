from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from drift_reports import full
from nbship.model.shown import Shown


class Bare(Shown):
    __slots__ = ()


def test_printing_a_result_shows_what_a_terminal_shows():
    report = full()
    assert str(report) == report.to_text()
    assert repr(report).startswith("DriftReport(")


def test_a_result_that_was_pickled_shows_itself_in_another_process(tmp_path):
    (tmp_path / "report.pickle").write_bytes(pickle.dumps(full()))
    code = (
        f"import pickle; report = pickle.load(open({str(tmp_path / 'report.pickle')!r}, 'rb')); "
        "print('text/html' in report._repr_mimebundle_()); print(report.to_text())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"True\n{full().to_text()}\n"


def test_a_result_that_nobody_shows_is_its_repr():
    bare = Bare()
    assert str(bare) == repr(bare)
    assert bare._repr_mimebundle_() == {"text/plain": repr(bare)}
    with pytest.raises(LookupError, match="nothing shows a Bare"):
        bare.to_text()

from __future__ import annotations

import random
import sys
import types
import warnings
from contextlib import contextmanager, suppress

import numpy as np

from nbship.capture.rng import digest_rng
from nbship.capture.undisturbed import undisturbed

np.random.seed(0)  # numpy loads its generators when they are first asked for


def test_random_state_output_and_warnings_stay_with_the_user(capsys):
    before = digest_rng()
    with undisturbed():
        random.random()
        np.random.random(3)
        print("loud")
        print("louder", file=sys.stderr)
        warnings.warn("loudest", stacklevel=1)

    assert digest_rng() == before
    assert capsys.readouterr() == ("", "")


def test_random_state_is_put_back_after_a_failure():
    before = digest_rng()
    with suppress(ZeroDivisionError), undisturbed():
        np.random.random()
        _ = 1 / 0

    assert digest_rng() == before


def test_autologging_of_mlflow_is_off_meanwhile(monkeypatch):
    states = []

    @contextmanager
    def disable_autologging():
        states.append("off")
        yield
        states.append("on")

    module = types.SimpleNamespace(disable_autologging=disable_autologging)
    monkeypatch.setitem(sys.modules, "mlflow.utils.autologging_utils", module)
    with undisturbed():
        states.append("predict")

    assert states == ["off", "predict", "on"]

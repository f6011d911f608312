from __future__ import annotations

import logging
import random
import sys
import types
import warnings
from contextlib import contextmanager, suppress

import numpy as np
import pytest

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


def test_the_log_is_silent_meanwhile_and_speaks_again_after(caplog):
    with undisturbed():
        logging.getLogger("model").error("asked")
    logging.getLogger("model").error("used")
    assert [record.message for record in caplog.records] == ["used"]


def test_code_that_ends_the_process_fails_instead():
    with pytest.raises(RuntimeError, match="asked to end the process"), undisturbed():
        sys.exit(3)


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

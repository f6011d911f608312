from __future__ import annotations

import os

from nbship.store.variables import default_for_a_while, set_for_a_while


def test_variables_hold_inside_the_block_only(monkeypatch):
    monkeypatch.setenv("NBSHIP_A", "before")
    with set_for_a_while({"NBSHIP_A": "inside", "NBSHIP_B": "new"}):
        assert (os.environ["NBSHIP_A"], os.environ["NBSHIP_B"]) == ("inside", "new")
    assert os.environ["NBSHIP_A"] == "before"
    assert "NBSHIP_B" not in os.environ


def test_a_default_yields_to_what_the_user_has_set(monkeypatch):
    monkeypatch.setenv("NBSHIP_A", "mine")
    with default_for_a_while({"NBSHIP_A": "default", "NBSHIP_B": "default"}):
        assert (os.environ["NBSHIP_A"], os.environ["NBSHIP_B"]) == ("mine", "default")
    assert "NBSHIP_B" not in os.environ

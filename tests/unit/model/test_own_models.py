from __future__ import annotations

import stat

from nbship.model.own_models import OWN_MODELS, remember, remembered

ONE, TWO = "a" * 64, "b" * 64


def test_what_is_remembered_is_known(tmp_path):
    remember(tmp_path / "new", ONE, "run", "sklearn.LogisticRegression")
    remember(tmp_path / "new", TWO)
    assert remembered(tmp_path / "new") == {ONE, TWO}


def test_only_the_user_can_read_and_write_the_list(tmp_path):
    remember(tmp_path, ONE)
    assert stat.S_IMODE((tmp_path / OWN_MODELS).stat().st_mode) == 0o600


def test_no_list_knows_nothing(tmp_path):
    assert remembered(tmp_path) == frozenset()


def test_a_list_that_others_may_write_knows_nothing(tmp_path):
    remember(tmp_path, ONE)
    (tmp_path / OWN_MODELS).chmod(0o622)
    assert remembered(tmp_path) == frozenset()


def test_torn_and_strange_lines_are_passed_over(tmp_path):
    remember(tmp_path, ONE)
    with (tmp_path / OWN_MODELS).open("a") as file:
        file.write('{"sha256": 5}\n["x"]\n{"sha256": "zz"}\n{"sha256": "' + "c" * 20)
    assert remembered(tmp_path) == {ONE}

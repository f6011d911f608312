from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbship.store.names import clip, fit_key


@pytest.mark.parametrize(
    ("key", "fitted"),
    [
        ("auc", "auc"),
        ("val/loss: mean", "val/loss: mean"),
        ("précision@5", "pr_cision_5"),
        ("a//b", "a__b"),
        ("../up", "___up"),
        ("/root", "_root"),
        ("end/", "end_"),
        (".", "_"),
        ("", "_"),
        ("k" * 300, "k" * 250),
    ],
)
def test_a_key_is_made_fit_for_mlflow(key, fitted):
    assert fit_key(key) == fitted


@given(st.text(max_size=300))
def test_mlflow_takes_every_fitted_key(key):
    from mlflow.utils.validation import _validate_metric_name, _validate_param_name

    _validate_metric_name(fit_key(key))
    _validate_param_name(fit_key(key))


def test_a_long_text_ends_in_an_ellipsis():
    assert clip("abc", 3) == "abc"
    assert clip("abcd", 3) == "ab…"

from __future__ import annotations

import pytest

from nbship.capture.dataflow import analyse
from nbship.capture.request import TrackRequest, check_names, key_values
from nbship.errors import UsageError


def check(source: str = "model = fit(df)", **options) -> None:
    namespace = {"df": 1, "forest": 2, "_hidden": 3}
    check_names(TrackRequest(**options), analyse(source), namespace)


def test_pairs_are_split_at_the_first_sign_and_trimmed():
    assert key_values("-p", ["lr=0.1", " a = b=c ", "empty="]) == {"lr": "0.1", "a": "b=c", "empty": ""}
    assert key_values("-p", []) == {}


def test_of_a_key_given_twice_the_last_value_counts():
    assert key_values("-p", ["a=1", "a=2"]) == {"a": "2"}


@pytest.mark.parametrize("item", ["lr", "=0.1", " =1", ""])
def test_what_is_no_pair_is_shown_with_an_example(item):
    with pytest.raises(UsageError, match=r"-t takes KEY=VALUE, got .* -t lr=0\.1"):
        key_values("-t", [item])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"data": ("df",)},
        {"data": ("model",)},
        {"model": "model"},
        {"model": "forest"},
        {"metrics": ("model",)},
        {"metrics": ("model.auc",)},
    ],
)
def test_names_that_exist_or_will_exist_pass(options):
    check(**options)


def test_any_metric_may_come_out_of_a_last_expression():
    check("score(df)", metrics=("auc",))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"data": ("dff",)}, r"--data dff: .* Did you mean 'df'\?"),
        ({"model": "modell"}, r"--model modell: .* Did you mean 'model'\?"),
        (
            {"metrics": ("auc",)},
            r"--metric auc: no variable has this name, .* Write the name of a variable\.",
        ),
        ({"model": "forest.best"}, r"--model forest\.best: .* Did you mean 'forest'\?"),
        ({"data": ("df.columns",)}, r"--data df\.columns: "),
    ],
)
def test_names_that_can_never_exist_are_refused_with_the_nearest_one(options, says):
    with pytest.raises(UsageError, match=says):
        check(**options)


def test_names_of_nobody_are_never_proposed():
    with pytest.raises(UsageError) as caught:
        check(data=("_hiddenn",))
    assert "Did you mean" not in str(caught.value)

from __future__ import annotations

import pytest

from nbship.capture.seeds import Seed, find_seeds


@pytest.mark.parametrize(
    ("source", "call", "value"),
    [
        ("random.seed(1)", "random.seed", "1"),
        ("np.random.seed(SEED)", "np.random.seed", "SEED"),
        ("rng = np.random.default_rng(42)", "np.random.default_rng", "42"),
        ("RandomState(3)", "RandomState", "3"),
        ("torch.manual_seed(-1)", "torch.manual_seed", "-1"),
        ("tf.random.set_seed(5)", "tf.random.set_seed", "5"),
        ("seed_everything(cfg.seed)", "seed_everything", "cfg.seed"),
        ("train_test_split(X, random_state=42)", "train_test_split(random_state)", "42"),
        ("Model(seed=1).fit(X)", "Model(seed)", "1"),
        ("make()(random_state=0)", "(random_state)", "0"),
        ("def f():\n    random.seed(7)", "random.seed", "7"),
    ],
)
def test_calls_that_set_a_seed_are_found(source, call, value):
    assert [(seed.call, seed.value) for seed in find_seeds(source)] == [(call, value)]


@pytest.mark.parametrize(
    "source",
    [
        "seed = 1",
        "random.seed()",
        "default_rng(None)",
        "f(random_state=None)",
        "random.seed(time())",
        "seed(",
        "x = 1",
    ],
)
def test_calls_without_a_seed_are_not(source):
    assert find_seeds(source) == ()


def test_seeds_come_in_the_order_of_their_lines():
    assert find_seeds("f(seed=2,\n  x=g(seed=3))\nrandom.seed(1)") == (
        Seed("f(seed)", "2", 1),
        Seed("g(seed)", "3", 2),
        Seed("random.seed", "1", 3),
    )

from __future__ import annotations

from nbship.model.comparison import FactDiff
from nbship.provenance.records import RandomStates, RunSummary, SeedCall
from nbship.provenance.seed_diff import diff_seeds


def seeded(*seeds, **parts):
    return RunSummary(seeds=tuple(SeedCall(call, value, 1) for call, value in seeds), **parts)


def test_other_seeds_are_told_by_their_call():
    left = seeded(("np.random.seed", "1"), ("random.seed", "7"), ("split(random_state)", "3"))
    right = seeded(("np.random.seed", "2"), ("random.seed", "7"), ("np.random.seed", "5"))
    assert diff_seeds(left, right) == (
        FactDiff("np.random.seed", "1", "2, 5"),
        FactDiff("split(random_state)", "3", None),
    )


def test_a_generator_without_a_seed_is_told_by_its_state():
    left, right = (
        RunSummary(
            (3,),
            rng=RandomStates(before={"numpy": state, "random": "x" + state}),
            random_state_used=("numpy",),
        )
        for state in ("aaaabbbbcccc", "ddddeeeeffff")
    )
    assert diff_seeds(left, right) == (FactDiff("state of numpy at the start", "aaaabbbb", "ddddeeee"),)
    assert diff_seeds(left, RunSummary()) == ()


def test_the_state_does_not_count_where_the_run_seeds_itself():
    left, right = (
        RunSummary((1,), (SeedCall("np.random.seed", "1", 1),), RandomStates({"numpy": state}), ("numpy",))
        for state in ("a", "b")
    )
    assert diff_seeds(left, right) == ()

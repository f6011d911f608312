from __future__ import annotations

import pytest

from nbship.service.shipping.stages import Stages


def test_what_is_done_never_goes_back_and_ends_with_the_last_stage():
    told = []
    stages = Stages({"a": 1.0, "b": 3.0}, told.append)
    with stages.stage("a"):
        stages.tell("half", 0.5)
    with stages.stage("b"):
        stages.tell("almost", 1.0)

    assert [(stage.name, stage.done, stage.detail) for stage in told] == [
        ("a", 0.0, ""),
        ("a", 0.125, "half"),
        ("b", 0.25, ""),
        ("b", 1.0, "almost"),
    ]
    assert set(stages.seconds) == {"a", "b"}


def test_a_stage_that_comes_again_adds_to_its_time_and_is_never_more_than_all():
    told = []
    stages = Stages({"a": 1.0}, told.append)
    for _ in range(3):
        with stages.stage("a"):
            pass
    assert [stage.done for stage in told] == [0.0, 1.0, 1.0]
    assert list(stages.seconds) == ["a"]


def test_the_time_of_a_stage_that_fails_is_kept():
    stages = Stages({"a": 1.0})
    with pytest.raises(ZeroDivisionError), stages.stage("a"):
        _ = 1 / 0
    assert stages.seconds["a"] >= 0

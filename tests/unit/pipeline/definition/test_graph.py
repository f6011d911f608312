from __future__ import annotations

import pytest

from nbship.errors import UsageError
from nbship.model.pipeline import Pipeline, PipelineStep
from nbship.pipeline.definition.graph import dependencies, find_cycle, levels, ordered, select


def pipeline(needs: dict[str, str]) -> Pipeline:
    """Return a pipeline of steps that each make an artifact of their own name with a capital."""
    steps = tuple(
        PipelineStep(
            name,
            f"{name}.ipynb",
            {},
            inputs=tuple(need for need in text.split() if need.isupper()),
            outputs={name.upper(): f"{name}.parquet"},
            after=tuple(need for need in text.split() if need.islower()),
        )
        for name, text in needs.items()
    )
    return Pipeline("p", "pipeline.toml", ".", steps)


DIAMOND = {"a": "", "b": "A", "c": "A", "d": "B C", "e": ""}


def test_dependencies_are_makers_of_inputs_and_what_comes_after():
    assert dependencies(pipeline({"a": "", "b": "", "c": "A b A"})) == {"a": (), "b": (), "c": ("a", "b")}


def test_a_source_is_no_dependency():
    assert dependencies(pipeline({"a": "PLANES"})) == {"a": ()}


@pytest.mark.parametrize(
    ("needs", "cycle"),
    [
        ({"a": ["b"], "b": []}, ()),
        ({"a": ["a"]}, ("a", "a")),
        ({"a": ["b"], "b": ["a"]}, ("a", "b", "a")),
        ({"x": ["a"], "a": ["b"], "b": ["c"], "c": ["a"]}, ("a", "b", "c", "a")),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, ()),
        ({"a": ["nowhere"]}, ()),
        ({}, ()),
    ],
)
def test_a_cycle_is_found_with_its_path(needs, cycle):
    assert find_cycle(needs) == cycle


def test_a_long_chain_needs_no_deep_stack():
    needs = {str(i): [str(i + 1)] for i in range(5000)}
    assert find_cycle(needs) == ()
    assert find_cycle({**needs, "5000": ["0"]})[-1] == "0"


def test_order_respects_needs_and_keeps_the_order_of_the_file():
    assert ordered({"z": [], "b": ["a"], "a": [], "c": []}) == ("z", "a", "b", "c")


def test_levels_are_the_longest_paths():
    assert levels(pipeline({**DIAMOND, "f": "A D"})) == (("a", "e"), ("b", "c"), ("d",), ("f",))


def test_levels_of_nothing_are_none():
    assert levels(pipeline({})) == ()


@pytest.mark.parametrize(
    ("only", "start", "names"),
    [
        ((), None, "abcde"),
        (("b",), None, "b"),
        (("b", "e"), None, "be"),
        ((), "b", "bd"),
        ((), "a", "abcd"),
        (("e",), "d", "de"),
    ],
)
def test_steps_are_selected_by_name_and_from_a_step_on(only, start, names):
    assert select(pipeline(DIAMOND), only=only, start=start) == set(names)


def test_an_unknown_step_names_the_nearest():
    steps = pipeline({"prepare": "", "train": ""})
    with pytest.raises(UsageError, match=r"no step 'trian'\. Did you mean train\?"):
        select(steps, only=["trian"])
    with pytest.raises(UsageError, match="There are: prepare, train"):
        select(steps, start="zzz")

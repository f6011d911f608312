from __future__ import annotations

import subprocess
import sys

import pytest

from nbship.errors import UsageError
from nbship.pipeline.parameters.declared import read_parameters
from nbship.pipeline.scheduling.sweep_points import grid_points, schema_parser
from step_fakes import notebook


def number(name, text):
    try:
        return int(text)
    except ValueError:
        return float(text)


def test_the_whole_grid_is_in_order_with_the_last_name_fastest():
    points = grid_points({"lr": [0.1, 0.01], "depth": [3, 5]})
    assert points == (
        {"lr": 0.1, "depth": 3},
        {"lr": 0.1, "depth": 5},
        {"lr": 0.01, "depth": 3},
        {"lr": 0.01, "depth": 5},
    )


def test_texts_are_parsed_and_other_values_are_taken_as_they_are():
    assert grid_points({"a": ["1", 2.5]}, parse=number) == ({"a": 1}, {"a": 2.5})


def test_a_value_that_stands_twice_is_one_point_and_types_are_told_apart():
    assert grid_points({"a": [1, 1, 1.0, "1"]}) == ({"a": 1}, {"a": 1.0}, {"a": "1"})


def test_random_draws_distinct_points_of_the_grid():
    grid = {"a": range(10), "b": range(10)}
    points = grid_points(grid, random=30, seed=3)
    assert len(points) == 30 == len({tuple(point.items()) for point in points})
    assert all(0 <= point["a"] < 10 and 0 <= point["b"] < 10 for point in points)
    assert len({point["a"] for point in points}) > 5


def test_nearly_the_whole_grid_can_be_drawn():
    assert len(grid_points({"a": range(1000)}, random=999)) == 999


def test_more_points_than_there_are_give_the_whole_grid_in_order():
    assert grid_points({"a": [1, 2, 3]}, random=7) == ({"a": 1}, {"a": 2}, {"a": 3})


def test_the_same_seed_draws_the_same_points_in_every_process():
    code = "from nbship.pipeline.scheduling.sweep_points import grid_points; print(grid_points({'x': '0.0..1', 'k': ['a', 'b']}, 5, 7))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert answer.strip() == str(grid_points({"x": "0.0..1", "k": ["a", "b"]}, 5, 7))
    assert grid_points({"x": "0.0..1"}, 5, 7) != grid_points({"x": "0.0..1"}, 5, 8)


def test_a_range_of_numbers_stays_inside_and_reads_well():
    points = grid_points({"x": "0.5..0.9"}, random=200)
    values = [point["x"] for point in points]
    assert min(values) >= 0.5
    assert max(values) <= 0.9
    assert max(values) - min(values) > 0.3
    assert all(len(str(value)) <= 8 for value in values)


def test_a_logarithmic_range_spreads_over_the_decades():
    values = [point["lr"] for point in grid_points({"lr": ["log:1e-4..1e-1"]}, random=300)]
    for low in (1e-4, 1e-3, 1e-2):
        assert 60 < sum(low <= value < 10 * low for value in values) < 140


def test_a_range_of_whole_numbers_gives_whole_numbers_and_both_ends():
    points = grid_points({"depth": "2..5"}, random=4, parse=number)
    assert sorted(point["depth"] for point in points) == [2, 3, 4, 5]
    logs = grid_points({"n": "log:1..1000"}, random=20)
    assert all(isinstance(point["n"], int) for point in logs)


def test_negative_ends_are_understood():
    values = [point["x"] for point in grid_points({"x": "-2.5..-1e-1"}, random=20)]
    assert all(-2.5 <= value <= -0.1 for value in values)


def test_a_range_so_narrow_that_it_runs_out_gives_what_there_is():
    assert 0 < len(grid_points({"x": "1.0..1.000001"}, random=50)) <= 50


def test_a_text_with_two_dots_in_a_list_is_no_range():
    assert grid_points({"path": ["../a", "1..2"]}) == ({"path": "../a"}, {"path": "1..2"})


@pytest.mark.parametrize(
    ("grid", "random", "message"),
    [
        ({}, None, "at least one parameter"),
        ({"a": []}, None, "a has no values"),
        ({"a": "1..2"}, None, "add --random N"),
        ({"a": "2..1"}, 3, "smaller number first"),
        ({"a": "log:0..1"}, 3, "above 0"),
        ({"a": [1]}, 0, "cannot draw 0 points"),
    ],
)
def test_what_makes_no_sense_is_refused(grid, random, message):
    with pytest.raises(UsageError, match=message):
        grid_points(grid, random)


def test_a_range_of_a_parameter_that_is_no_number_is_refused():
    with pytest.raises(UsageError, match="name is no number"):
        grid_points({"name": "1..2"}, 3, parse=lambda name, text: text)


def test_the_notebook_s_schema_gives_texts_their_types():
    declared = "lr: float = 0.1\nkind: str = 'a'\ndepth: int = 3\nname: str\n"
    parse = schema_parser(read_parameters(notebook(declared, tags={0: ["parameters"]})))
    points = grid_points({"lr": ["1"], "kind": ["1", "2"]}, parse=parse)
    assert [(type(point["lr"]), point["kind"]) for point in points] == [(float, "1"), (float, "2")]
    assert isinstance(grid_points({"lr": "1..2"}, 1, parse=parse)[0]["lr"], float)
    assert isinstance(grid_points({"depth": "1..9"}, 1, parse=parse)[0]["depth"], int)
    with pytest.raises(UsageError, match="did you mean 'depth'"):
        grid_points({"dpeth": ["1"]}, parse=parse)
    with pytest.raises(UsageError, match="'depth' takes int"):
        grid_points({"depth": ["deep"]}, parse=parse)

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbship.capture.dataflow import analyse, source_hash
from nbship.capture.ledger import Ledger
from nbship.capture.selection import find_datasets, find_metrics, find_parameters, scalar
from nbship.model.cell import CellExecution, CellStatus


class AttrDict(dict):
    __getattr__ = dict.__getitem__


class Thorny:
    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class Proxy:
    def __getattr__(self, name: str) -> Any:
        return self

    def __call__(self, *_: Any) -> Any:
        return self

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None


class Remote:
    ndim = 0

    def item(self) -> float:
        raise ConnectionError("gone")


def parameters(*cells: str, tags: dict[int, tuple[str, ...]] | None = None) -> dict[str, Any]:
    """Return the parameters of the last cell."""
    tags = tags or {}
    ledger = Ledger()
    for index, source in enumerate(cells[:-1]):
        flow = analyse(source)
        changed = dict.fromkeys(flow.writes, "int")
        cell = CellExecution(
            index, source, source_hash(source), CellStatus.OK, changed=changed, tags=tags.get(index, ())
        )
        ledger.append(cell, flow)
    index = len(cells) - 1
    flow = analyse(cells[-1])
    reads = ledger.reads_with_calls(flow.reads, index)
    return find_parameters(ledger, flow, index, reads, tags.get(index, ()))


def test_constants_that_supply_a_value_are_parameters_whatever_their_distance():
    assert parameters("lr = 0.1", "depth = 3", "m = make(lr)", "fit(m)") == {"lr": 0.1}


def test_every_constant_of_a_cell_of_nothing_but_constants_is_one():
    assert parameters("lr = 0.1\ndepth = 3", "fit(lr)") == {"lr": 0.1, "depth": 3}


def test_a_constant_that_was_replaced_and_is_not_read_is_none():
    assert parameters("lr = 0.1\ndepth = 3", "depth = 5", "fit(lr)") == {"lr": 0.1}


def test_the_value_that_flowed_is_meant_not_the_one_that_came_later():
    assert parameters("n = 5\nx = make(n)", "n = 9", "fit(x)") == {"n": 5}
    assert parameters("n = 5", "x = make(n)", "n = 9", "fit(x)") == {"n": 5}


def test_the_later_of_two_values_that_both_flowed_wins():
    assert parameters("n = 5", "x = make(n)", "n = 9", "fit(x, n)") == {"n": 9}


def test_constants_of_the_cell_itself_count_where_it_reads_them():
    assert parameters("lr = 0.1\nnote = 'x'\nfit(lr)") == {"lr": 0.1}


def test_a_parameters_cell_gives_all_its_constants_and_the_injected_ones_win():
    cells = ("lr = 0.1\nepochs = 3", "lr = 0.5", "print('hello')")
    tagged = {0: ("parameters",), 1: ("injected-parameters",)}
    assert parameters(*cells, tags=tagged) == {"epochs": 3, "lr": 0.5}
    assert parameters("lr = 0.1\nnote = 'x'", tags={0: ("parameters",)}) == {"lr": 0.1, "note": "x"}


def test_a_constant_that_the_cell_sets_anew_for_a_function_counts_with_its_new_value():
    fit = "def fit(data):\n    return data * DEPTH"
    assert parameters("DEPTH = 3", fit, "DEPTH = 8\nscore = fit(2)") == {"DEPTH": 8}


def test_a_constant_read_by_a_called_function_is_a_parameter():
    assert parameters("k = 2", "def f(x):\n    return k * x", "y = f(3)") == {"k": 2}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0),
        (0.5, 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3.0),
        (np.array(0.25), 0.25),
        (Fraction(1, 4), 0.25),
        (10**400, math.inf),
        (-(10**400), -math.inf),
    ],
)
def test_a_real_number_of_any_library_is_a_scalar(value, number):
    assert scalar(value) == number


def test_tensors_without_dimensions_are_scalars():
    torch = pytest.importorskip("torch")
    assert scalar(torch.tensor(0.5, requires_grad=True)) == 0.5
    assert scalar(torch.tensor(True)) is None


@pytest.mark.parametrize(
    "value",
    [
        True,
        np.bool_(True),
        np.array(True),
        np.array([0.5]),
        np.array(1 + 2j),
        1j,
        "0.5",
        None,
        np.datetime64("2020-01-01"),
        pd.Timestamp("2020-01-01"),
        pd.Series([1.0]),
        Decimal("NaN"),
        object(),
        np.ndarray,
        AttrDict(lr=0.1),
        Thorny(),
        Proxy(),
        Remote(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_is_none_and_raises_nothing(value):
    assert scalar(value) is None


def metrics(source: str, namespace: dict[str, Any], last: Any = None, assigned=None) -> dict[str, float]:
    return find_metrics(analyse(source), namespace, last, assigned)


def test_computed_numbers_are_metrics_and_constants_are_not():
    found = metrics("lr = 0.1\nauc = score()\nn = len(x)", {"lr": 0.1, "auc": 0.9, "n": 3})
    assert found == {"auc": 0.9, "n": 3.0}


def test_the_last_expression_is_a_metric_under_its_label():
    assert metrics("auc_of(model)", {}, 0.9) == {"auc_of": 0.9}
    assert metrics("auc_of(model);", {}, None) == {}


def test_dictionaries_of_numbers_are_one_metric_a_key():
    assert metrics("s = score()", {"s": {"auc": 0.9, 3: 1}}) == {"s.auc": 0.9, "s.3": 1.0}
    assert metrics("score()", {}, {"auc": 0.9}) == {"auc": 0.9}
    assert metrics("s = score()", {"s": {"auc": 0.9, "name": "x"}}) == {}
    assert metrics("s = score()", {"s": {}}) == {}
    assert metrics("s = score()", {"s": dict.fromkeys(range(51), 1.0)}) == {}


def test_a_dictionary_with_attributes_counts_as_a_dictionary():
    assert metrics("s = score()", {"s": AttrDict(auc=0.9)}) == {"s.auc": 0.9}


def test_of_a_failed_cell_only_what_was_assigned_counts():
    namespace = {"a": 1.0, "b": 2.0}
    assert metrics("a = f()\nb = g()", namespace, assigned=frozenset({"a"})) == {"a": 1.0}


def test_what_is_no_number_is_kept_as_it_is():
    found = metrics("loss = f()", {"loss": math.nan})
    assert math.isnan(found["loss"])


def test_datasets_are_found_directly_and_in_small_containers():
    frame, array = pd.DataFrame({"a": [1]}), np.arange(3)
    namespace = {
        "df": frame,
        "pair": (array, 3),
        "splits": {"train": frame, 1: array},
        "many": [array] * 21,
        "n": 3,
        "text": "df",
        "zero": np.array(1.0),
        "thorny": Thorny(),
        "config": AttrDict(lr=0.1),
    }
    found = [name for name, _ in find_datasets([*namespace, "missing"], namespace)]
    assert found == ["df", "pair[0]", "splits['train']", "splits[1]"]

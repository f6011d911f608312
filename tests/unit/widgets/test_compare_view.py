from __future__ import annotations

import json
from dataclasses import replace

import pytest

from comparisons import HOSTILE, hostile, hostile_many, large, many, ordinary, thousand
from nbship.errors import StoreError
from nbship.model.comparison import Comparison, RunsComparison

pytest.importorskip("ipywidgets")

from ipywidgets.embed import dependency_state

from nbship.widgets.compare_view import CompareView


class Asked:
    """Compares any two runs, and remembers which."""

    def __init__(self, answer: Comparison | None = None) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.answer = answer or ordinary()

    def __call__(self, left: str, right: str) -> Comparison:
        self.pairs.append((left, right))
        return self.answer


def view(comparison: RunsComparison | None = None) -> tuple[CompareView, Asked]:
    asked = Asked()
    return CompareView(comparison or many(30), asked), asked


def ids(live: CompareView, *labels: int) -> list[str]:
    return [live._comparison.runs[at].id for at in labels]


def saved(live: CompareView) -> int:
    """Bytes that the view adds to a saved notebook: its output and the state of its widgets."""
    state = dependency_state([live])
    return len(json.dumps(live._repr_mimebundle_(), indent=1)) + len(json.dumps(state, indent=1))


def test_at_first_all_runs_are_shown_the_best_first():
    live, asked = view()
    assert "30 runs. What varies:" in live.result.value
    assert live.runs.options[0][0].startswith("sweep-0008")
    assert live.swap.disabled
    assert asked.pairs == []


def test_two_picked_runs_are_compared_in_full_in_the_order_of_picking():
    live, asked = view()
    live.runs.value = (7,)
    live.runs.value = (7, 2)
    assert asked.pairs == [tuple(ids(live, 7, 2))]
    assert "test_auc is worse" in live.result.value
    assert "<ins>" in live.result.value
    live.swap.click()
    assert asked.pairs[-1] == tuple(ids(live, 2, 7))


def test_of_only_two_runs_both_are_picked():
    live, asked = view(many(2))
    assert asked.pairs == [tuple(ids(live, 0, 1))]
    assert "test_auc is worse" in live.result.value


def test_the_still_shows_what_the_view_shows():
    live, _ = view(many(2))
    still = live._repr_mimebundle_()
    assert "test_auc is worse" in still["text/plain"]
    assert "test_auc is worse" in still["text/html"]
    assert saved(live) <= 50_000
    live.pick([])
    assert "2 runs" in live._repr_mimebundle_()["text/plain"]


def test_more_picked_runs_make_a_table_of_what_varies_among_them():
    live, asked = view()
    live.pick(ids(live, 1, 2, 3))
    assert "3 runs. What varies:" in live.result.value
    assert live.result.value.count("<tr><td>") == 3
    assert asked.pairs == []


def test_searching_narrows_the_list_and_keeps_what_was_picked():
    live, _ = view()
    live.pick(ids(live, 1, 2))
    live.search.value = "sweep-0009"
    assert [label for label, _ in live.runs.options] == ["sweep-0009  00000009"]
    live.runs.value = (8,)
    assert live.picked == ids(live, 1, 2, 8)
    live.search.value = ""
    assert set(live.runs.value) == {1, 2, 8}


def test_runs_are_found_by_their_parameters():
    live, _ = view()
    live.search.value = "class_weight=sqrt max_depth="
    shown = [at for _, at in live.runs.options]
    assert shown
    assert all(live._comparison.runs[at].params["class_weight"] == "sqrt" for at in shown)


def test_a_search_without_a_match_says_so():
    live, _ = view()
    live.search.value = "nothing of that name"
    assert live.runs.options == ()
    assert "no run is called so" in live.status.value


def test_chosen_metrics_and_parameters_are_the_columns_and_the_axes():
    live, _ = view()
    live.metrics.value = ("test_loss",)
    live.axes.value = ("max_depth", "class_weight")
    text = live.result.value
    assert "over max_depth, class_weight, test_loss" in text
    assert "learning_rate" not in text
    assert "train_auc" not in text


def test_a_metric_alone_keeps_the_axes_that_matter_most():
    live, _ = view()
    live.metrics.value = ("train_auc",)
    assert "over learning_rate, " in live.result.value


def test_clearing_goes_back_to_all_runs():
    live, _ = view()
    live.pick(ids(live, 1, 2))
    live.clear.click()
    assert live.picked == []
    assert live.runs.value == ()
    assert "30 runs." in live.result.value


def test_ids_that_the_view_does_not_have_are_passed_over():
    live, asked = view()
    live.pick(["gone", *ids(live, 1, 1)])
    assert live.picked == ids(live, 1)
    assert asked.pairs == []


def test_a_store_that_does_not_answer_is_said_where_the_comparison_would_be():
    def refuse(left: str, right: str) -> Comparison:
        raise StoreError(f"<b>no answer</b> for {left}")

    live = CompareView(many(5), refuse)
    live.pick(ids(live, 0, 1))
    assert "✗ StoreError: &lt;b&gt;no answer&lt;/b&gt;" in live.result.value


@pytest.mark.parametrize("picked", [0, 2, 3, 500])
def test_a_saved_notebook_grows_by_less_than_50_kilobytes_for_a_thousand_runs(picked):
    comparison = thousand()
    live = CompareView(comparison, Asked(large()))
    live.pick([one.id for one in comparison.runs[:picked]])
    assert len(live.runs.options) <= 60
    assert "more: type to find them" in live.status.value
    assert saved(live) <= 50_000


def test_long_names_do_not_make_it_larger():
    comparison = many(200, params=40, metrics=40, points=0)
    runs = tuple(replace(one, name="漢字" * 500 + one.name) for one in comparison.runs)
    assert saved(CompareView(replace(comparison, runs=runs), Asked())) <= 50_000


def test_a_reader_without_a_kernel_sees_a_still():
    live, _ = view()
    bundle = live._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"].startswith("30 runs.")
    assert "sweep-0008" in bundle["text/html"]


def test_hostile_names_stay_text():
    live = CompareView(hostile_many(HOSTILE), Asked(hostile(HOSTILE)))
    assert "<script" not in live.result.value
    live.pick(ids(live, 0, 1))
    assert "<script" not in live.result.value
    assert "<img" not in live.result.value + live.status.value
    assert "<script" not in live._repr_mimebundle_()["text/html"]


def test_nothing_to_pick_from_is_no_fault():
    live = CompareView(RunsComparison(()), Asked())
    assert "0 runs, nothing varies." in live.result.value

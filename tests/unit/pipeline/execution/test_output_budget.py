from __future__ import annotations

import random
import time

import pytest
from nbformat import v4

from nbship.pipeline.execution import output_budget
from nbship.pipeline.execution.output_budget import OutputBudget


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(output_budget, "MAX_STREAM_CHARACTERS", 20)
    monkeypatch.setattr(output_budget, "MAX_RICH_BYTES", 100)


def printed(*parts, name="stdout"):
    """Return the outputs of a cell that prints the parts."""
    budget, outputs = OutputBudget(), []
    for part in parts:
        budget.add_stream(outputs, name, part)
    budget.settle(outputs)
    return outputs


def text_of(outputs, name="stdout"):
    return "".join(one["text"] for one in outputs if one.get("name") == name)


def display(budget, outputs, data):
    content = {"data": data, "metadata": {}}
    if budget.admits(outputs, content):
        outputs.append(v4.new_output("display_data", data))
        return True
    return False


def test_parts_of_one_stream_become_one_output():
    assert printed("a\n", "b", "c\n") == [v4.new_output("stream", name="stdout", text="a\nbc\n")]


def test_streams_and_displays_keep_their_order():
    budget, outputs = OutputBudget(), []
    budget.add_stream(outputs, "stdout", "a")
    budget.add_stream(outputs, "stderr", "b")
    budget.add_stream(outputs, "stdout", "c")
    assert display(budget, outputs, {"text/plain": "x"})
    budget.add_stream(outputs, "stdout", "d")
    budget.settle(outputs)
    assert [one.get("text") or one["data"]["text/plain"] for one in outputs] == ["a", "b", "c", "x", "d"]


def test_up_to_the_cap_every_character_is_kept(small):
    assert text_of(printed(*"abcdefghijklmnopqrst")) == "abcdefghijklmnopqrst"


def test_beyond_the_cap_the_middle_goes_and_is_named(small):
    text = "".join(chr(97 + i % 26) for i in range(1000))
    expected = (
        text[:10] + "\n[nbship: 980 characters of stdout are left out here; a cell keeps 20]\n" + text[-10:]
    )
    assert text_of(printed(text)) == expected
    assert text_of(printed(*text)) == expected


@pytest.mark.parametrize("cap", [1, 2, 7, 20])
def test_what_is_kept_and_what_is_missing_add_up(monkeypatch, cap):
    monkeypatch.setattr(output_budget, "MAX_STREAM_CHARACTERS", cap)
    draw = random.Random(cap)
    for total in range(60):
        text = "".join(draw.choices("abc\n", k=total))
        cuts = sorted(draw.choices(range(total + 1), k=5))
        parts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, total], strict=True)]
        found = text_of(printed(*parts))
        head, _, rest = found.partition("\n[nbship: ")
        count, _, tail = rest.partition(f" characters of stdout are left out here; a cell keeps {cap}]\n")
        missing = int(count) if rest else 0
        assert missing == max(0, total - cap)
        assert (head + tail == text) if not rest else (text.startswith(head) and text.endswith(tail))
        assert len(head + tail) == min(total, cap)


def test_each_stream_has_its_own_cap(small):
    budget, outputs = OutputBudget(), []
    for _ in range(100):
        budget.add_stream(outputs, "stdout", "o" * 5)
        budget.add_stream(outputs, "stderr", "e" * 5)
    budget.settle(outputs)
    assert "480 characters of stdout" in text_of(outputs)
    assert "480 characters of stderr" in text_of(outputs, "stderr")


def test_a_display_beyond_the_cap_is_named_in_its_place(small):
    budget, outputs = OutputBudget(), []
    assert display(budget, outputs, {"image/png": "x" * 60})
    assert not display(budget, outputs, {"image/png": "x" * 60, "text/plain": "fig"})
    assert display(budget, outputs, {"text/plain": "x" * 40})
    budget.settle(outputs)
    assert [one["output_type"] for one in outputs] == ["display_data", "stream", "display_data"]
    assert outputs[1]["name"] == "stderr"
    assert outputs[1]["text"].startswith("[nbship: an output of 0 MB is left out; a cell keeps 0 MB")


def test_an_error_is_always_kept(small):
    budget = OutputBudget()
    assert budget.admits([], {"ename": "E", "evalue": "x" * 1000, "traceback": ["x" * 1000]})


def test_what_is_kept_is_counted(small):
    budget, outputs = OutputBudget(), []
    budget.add_stream(outputs, "stdout", "x" * 5)
    assert budget.kept == 5
    budget.add_stream(outputs, "stdout", "x" * 500)
    assert budget.kept == 20
    display(budget, outputs, {"text/plain": "x" * 30})
    display(budget, outputs, {"text/plain": "x" * 3000})
    assert budget.kept == 50


def test_settling_twice_changes_nothing(small):
    budget, outputs = OutputBudget(), []
    budget.add_stream(outputs, "stdout", "x" * 100)
    budget.settle(outputs)
    before = [dict(one) for one in outputs]
    budget.settle(outputs)
    assert outputs == before


def test_many_small_parts_are_no_slower_than_few_large_ones():
    def seconds(count, size):
        started = time.process_time()
        printed(*["x" * size] * count)
        return time.process_time() - started

    seconds(10, 10)
    # Joining at each message would copy 10 GB here.
    assert seconds(100_000, 20) < 5

from __future__ import annotations

import pytest

from comparisons import HOSTILE, RIGHT_TO_LEFT, hostile, large, nothing, ordinary
from nbship.display.comparison_text import comparison_text
from nbship.display.plain_line import columns


def test_the_answer_stands_first_and_causes_follow_in_the_order_of_likelihood():
    text = comparison_text(ordinary())
    assert text.startswith("test_auc is worse: 0.9123 → 0.8812 (\N{MINUS SIGN}3.4 %).")
    titles = ["metrics", "code", "parameters", "data", "environment", "seeds", "git", "other"]
    places = [text.index(f"\n{title}  ") for title in titles]
    assert places == sorted(places)


def test_both_runs_are_named_with_id_time_status_and_duration():
    text = comparison_text(ordinary())
    assert "A  forest-winter  00000001  2025-" in text
    assert "B  forest-summer  00000002  2025-" in text
    assert "✓ FINISHED  took 3 min 4 s" in text


def test_metrics_have_sign_arrow_number_and_verdict():
    text = comparison_text(ordinary())
    assert "0.9123 →  0.8812  ▼ \N{MINUS SIGN}0.0311   \N{MINUS SIGN}3.4 %  worse" in text
    assert (
        "271,442 → 269,870   ▼ \N{MINUS SIGN}1,572  \N{MINUS SIGN}0.58 %\n" in text
    )  # nothing is said of what is not sure


def test_code_is_a_diff_with_signs():
    text = comparison_text(ordinary())
    assert "  ~ cell 2 changed  +2 \N{MINUS SIGN}1\n" in text
    assert "      - flights['late'] = flights.arr_delay > 30\n" in text
    assert "      + flights['late'] = flights.arr_delay > 15\n" in text
    assert "        ⋯ 12 equal lines\n" in text
    assert "↕ cell 5 → 3 moved, text unchanged: train, test = " in text


def test_data_says_column_by_column_what_changed():
    text = comparison_text(ordinary())
    assert "~ flights changed: 336,776 → 336,770 rows" in text
    assert "~ dep_delay  changed  drifted: mean 12.6 → 15.1" in text
    assert "≠ flight     type     was int64, is string" in text


def test_equal_things_and_what_is_lacking_end_the_text():
    lines = comparison_text(ordinary()).splitlines()
    assert lines[-2] == "equal: 14 parameters, 2 metrics, 12 cells, 3 datasets, 188 packages"
    assert lines[-1].startswith("note: forest-winter has no profile of weather")


def test_nothing_differs():
    lines = comparison_text(nothing()).splitlines()
    assert lines[0] == "No differences between the two runs."
    assert lines[-1].startswith("equal: 14 parameters")
    assert not any(line.startswith(("metrics", "code")) for line in lines)


@pytest.mark.parametrize("width", [30, 60, 100, 200])
@pytest.mark.parametrize(
    "text",
    [HOSTILE, RIGHT_TO_LEFT, "漢字" * 50, "x" * 10_000, "a\nb\x1b[31m\r\x07"],
    ids=["script", "bidi", "wide", "long", "control"],
)
def test_no_line_is_wider_than_the_terminal_and_none_has_control_characters(width, text):
    for comparison in (hostile(text), ordinary()):
        for line in comparison_text(comparison, width=width).splitlines():
            assert columns(line) <= width
            assert line.isprintable()


def test_colours_come_only_when_asked_for():
    assert "\x1b" not in comparison_text(ordinary())
    coloured = comparison_text(ordinary(), colour=True)
    assert "\x1b[32m      + flights['late'] = flights.arr_delay > 15\x1b[0m" in coloured
    plain = coloured
    for code in ("32", "1;31", "2", "1"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain.replace("\x1b[0m", "") == comparison_text(ordinary())


def test_large_comparisons_are_bounded_and_say_what_is_left_out():
    text = comparison_text(large(), most_bytes=20_000)
    assert len(text.encode()) < 35_000
    assert "further cells (" in text
    assert "--json has all" in text

"""What a drift report says in words and signs, the same on every surface."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from nbship.display.drift_values import chances, change, percent, short, title_name
from nbship.display.page import counted, number
from nbship.model.drift import DriftState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbship.model.drift import (
        ColumnDrift,
        DriftOptions,
        DriftReport,
        DriftSide,
        Effect,
        LevelChange,
        MissingDrift,
        SignificanceTest,
    )

__all__ = [
    "COMPARED",
    "DRIFT_SIGNS",
    "DRIFT_WORDS",
    "MEASURE_NAMES",
    "QUIET",
    "budget",
    "counted_states",
    "decision",
    "headline",
    "levels_words",
    "missing_decision",
    "missing_words",
    "reason_words",
    "side_words",
    "standing_state",
    "thresholds",
]

DRIFT_SIGNS = {
    DriftState.DRIFTED: "▲",
    DriftState.HARMLESS: "△",
    DriftState.STABLE: "✓",
    DriftState.SKIPPED: "○",
    DriftState.MISSING: "−",
    DriftState.NEW: "+",
    DriftState.TYPE_CHANGED: "⇄",
}
"""A sign beside each state, so that colour is never the only signal."""

DRIFT_WORDS = {state: state.value for state in DriftState} | {DriftState.HARMLESS: "harmless"}
"""The states in the one or two words that a table has room for."""

COMPARED = frozenset({DriftState.DRIFTED, DriftState.HARMLESS, DriftState.STABLE})
"""States of columns whose values were compared."""

QUIET = frozenset({DriftState.STABLE, DriftState.SKIPPED})
"""States that nobody needs to act on."""

_LOUDEST = (
    DriftState.DRIFTED,
    DriftState.TYPE_CHANGED,
    DriftState.MISSING,
    DriftState.NEW,
    DriftState.HARMLESS,
    DriftState.STABLE,
)

MEASURE_NAMES = {
    "ks": "Kolmogorov–Smirnov",
    "wasserstein": "Wasserstein-1, in spreads",
    "psi": "PSI",
    "jensen_shannon": "Jensen–Shannon, base 2",
    "chi_square": "chi-square",
    "fisher": "Fisher's exact test (mid-p)",
    "good_turing": "Good–Turing",
    "lone_level": "one level against the others",
    "cramers_v": "Cramér's V",
    "novelty": "unknown words",
}

_CORRECTIONS = {"bh": "Benjamini–Hochberg", "holm": "Holm"}
_NAMED = 6
_NAME_WIDTH = 32
_SHOWN_LEVELS = 3


def headline(report: DriftReport) -> str:
    """Return what the report found, in one sentence without a full stop."""
    states = Counter(column.state for column in report.columns)
    compared = sum(states[state] for state in COMPARED)
    drifted = states[DriftState.DRIFTED]
    of = f"{compared:,} column{'' if compared == 1 else 's'}"
    parts = [f"{drifted:,} of {of} drifted: {_names(report, DriftState.DRIFTED)}" if drifted else ""]
    if not drifted:
        parts = [f"None of {of} drifted" if compared else "No column could be compared"]
    if harmless := states[DriftState.HARMLESS]:
        more = "more " if drifted else ""
        parts.append(f"{harmless:,} {more}drifted but {'is' if harmless == 1 else 'are'} harmless")
    parts += _others(states)
    return "; ".join(parts)


def _others(states: Counter[DriftState]) -> list[str]:
    verbs = {
        DriftState.TYPE_CHANGED: ("changed its type", "changed their type"),
        DriftState.MISSING: ("is missing", "are missing"),
        DriftState.NEW: ("is new", "are new"),
        DriftState.SKIPPED: ("was skipped", "were skipped"),
    }
    return [f"{states[state]:,} {verb[states[state] != 1]}" for state, verb in verbs.items() if states[state]]


def _names(report: DriftReport, state: DriftState) -> str:
    names = [title_name(column.name, _NAME_WIDTH) for column in report.columns if column.state is state]
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def standing_state(report: DriftReport) -> DriftState:
    """Return the state whose sign and colour the whole report bears."""
    found = {column.state for column in report.columns}
    return next((state for state in _LOUDEST if state in found), DriftState.SKIPPED)


def counted_states(columns: Iterable[ColumnDrift]) -> str:
    """Return how many there are of each state: ``11 stable, 2 skipped``."""
    states = Counter(column.state for column in columns)
    return ", ".join(f"{states[state]:,} {state.value}" for state in DriftState if states[state])


def budget(report: DriftReport) -> str:
    """Return how often such a report would raise a false alarm, in one sentence."""
    options, tests = report.options, counted(_own_tests(report), "test")
    if not report.tests:
        return "Nothing was tested."
    own = _own_tests(report)
    if options.correction not in _CORRECTIONS:
        expected = number(float(f"{options.q * own:.2g}"))
        return (
            f"Not corrected: with nothing changed, each of {tests} still has {percent(options.q)} chance of a small "
            f"p-value, about {expected} of them together."
        )
    how = f"{tests} corrected together by {_CORRECTIONS[options.correction]}" if own > 1 else tests
    if report.tests > own:
        how += f"; those of windows apart, {report.tests - own:,} more"
    return (
        f"With nothing changed, at most {percent(options.q)} of such reports call any column drifted ({how})."
    )


def _own_tests(report: DriftReport) -> int:
    """Return how many tests were corrected together for the columns: those of windows are a family of their own."""
    if not report.windows:
        return report.tests
    values = sum(column.test is not None for column in report.columns)
    return values + sum(
        column.missing is not None and column.missing.test is not None for column in report.columns
    )


def side_words(side: DriftSide) -> str:
    """Return the size of a side and how it was read."""
    words = f"{counted(side.rows, 'row')} × {counted(side.columns, 'column')}"
    if side.sampled_from is not None:
        words += f", sampled from {side.sampled_from:,}"
    return words if side.exact else f"{words}, from its profile"


def reason_words(column: ColumnDrift, width: int) -> str:
    """Return why a column is in its state, with arrows as they are printed."""
    return short(column.reason.replace("->", "→"), width)


def missing_words(missing: MissingDrift | None) -> str:
    """Return the shares of missing values; empty where none is missing on either side."""
    if missing is None or not (missing.reference or missing.current):
        return ""
    return change(percent(missing.reference), percent(missing.current))


def decision(effect: Effect, test: SignificanceTest | None, options: DriftOptions) -> str:
    """Return what decided about the values of a column."""
    sign = ">" if effect.value > effect.threshold else "≤"
    measure = MEASURE_NAMES.get(effect.measure, effect.measure)
    words = f"{measure} {number(effect.value)} {sign} threshold {number(effect.threshold)}"
    return words if test is None else f"{words} · {_tested(test, options)}"


def missing_decision(missing: MissingDrift, options: DriftOptions) -> str:
    """Return what decided about the missing values of a column."""
    moved = missing.current - missing.reference
    words = f"missing {change(percent(missing.reference), percent(missing.current))}"
    words += f" ({'+' if moved > 0 else ''}{number(round(100 * moved, 2))} points, threshold {percent(options.missing)})"
    return words if missing.test is None else f"{words} · {_tested(missing.test, options)}"


def _tested(test: SignificanceTest, options: DriftOptions) -> str:
    words = f"{MEASURE_NAMES.get(test.name, test.name)} {chances(test.p_value)}"
    if options.correction in _CORRECTIONS:
        words += f", corrected {chances(test.p_corrected)}"
    return f"{words}, {'below' if test.p_corrected < options.q else 'not below'} {number(options.q)}"


def thresholds(options: DriftOptions) -> str:
    """Return what counts as large enough to matter, before chance is added."""
    return (
        f"numbers, times and lengths of texts {number(options.wasserstein)} of their usual spread (Wasserstein-1), "
        f"levels {number(options.jensen_shannon)} (Jensen–Shannon distance, base 2, from 0 to 1), missing values "
        f"{number(100 * options.missing)} points, unknown words {percent(options.novelty)}"
    )


def levels_words(sign: str, word: str, levels: tuple[LevelChange, ...], count: int) -> str:
    """Return levels that one side alone has: ``+ 2 new: XA, YB``; empty without any."""
    if not count:
        return ""
    names = ", ".join(short(level.level, _NAME_WIDTH) for level in levels[:_SHOWN_LEVELS])
    more = ", …" if names and count > _SHOWN_LEVELS else ""
    return f"{sign} {count:,} {word}: {names}{more}" if names else f"{sign} {count:,} {word}"

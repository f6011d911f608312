"""Drift reports made by hand, as detection makes them, for tests of how they look."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise

from nbship.model.drift import (
    ColumnDrift,
    ColumnSummary,
    Distribution,
    DriftOptions,
    DriftReport,
    DriftSide,
    DriftState,
    DriftWindow,
    Effect,
    LevelChange,
    Measure,
    MissingDrift,
    SignificanceTest,
    WindowCell,
)
from nbship.model.profile import ColumnKind

HOSTILE = "\"'><script>alert(1)</script>"
HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    HOSTILE,
    "</style><img src=x onerror=alert(2)>",
    "</svg></details></table><script>alert(3)</script>",
    "two\nlines\r\nand a \x1b[31mcolour\x00",
    "' onmouseover='alert(4)",
    "` \\ & &amp; &#60;b>",
    "\u202eright to left \u05d0\u05d1\u05d2",
    "long " * 2000,
    "",
)
"""Names that a page must show as text."""


def _normal(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def _shares(edges: list[float], mean: float, std: float) -> tuple[float, ...]:
    below = [_normal((edge - mean) / std) for edge in edges]
    below[0], below[-1] = 0.0, 1.0
    return tuple(b - a for a, b in pairwise(below))


def _test(name: str, p: float) -> SignificanceTest:
    return SignificanceTest(name, 0.12, p, min(1.0, 3 * p))


def _summary(mean: float, std: float, missing: int, count: int) -> ColumnSummary:
    return ColumnSummary(
        count,
        missing,
        "float64",
        mean=mean,
        std=std,
        minimum=mean - 3.1 * std,
        maximum=mean + 3.4 * std,
        quantiles=tuple(mean + z * std for z in (-1.645, -0.674, 0.0, 0.674, 1.645)),
    )


def numeric(name: str, shift: float = 0.0, *, bins: int = 40, mean: float = 12.639, **parts) -> ColumnDrift:
    """Return a column of normal values whose current side is `shift` standard deviations further."""
    std = abs(mean) / 2 or 1.0
    low, high = mean - 3 * std, mean + (3 + max(shift, 0)) * std
    edges = [low + (high - low) * i / bins for i in range(bins + 1)]
    drifted = shift > 0.1
    reason = (
        f"values moved by {shift:.2g} of their usual spread (mean {mean:.4g} -> {mean + shift * std:.4g}), "
        "far beyond chance (p < 0.001)"
        if drifted
        else "no more than chance: values moved by 0.01 of their usual spread (p = 0.62)"
    )
    made = ColumnDrift(
        name,
        ColumnKind.NUMERIC,
        DriftState.DRIFTED if drifted else DriftState.STABLE,
        drifted,
        reason,
        effect=Effect("wasserstein", shift or 0.0123456789, 0.1003456),
        test=_test("ks", 1e-40 if drifted else 0.62),
        measures=(
            Measure("ks", 0.38 * shift + 0.004, 0.0067),
            Measure("wasserstein", shift or 0.0123456789, 0.0101),
            Measure("psi", shift**2, 0.00031),
            Measure("jensen_shannon", 0.3 * shift, 0.0072),
        ),
        missing=MissingDrift(0.0246, 0.0291, drifted=False, test=_test("chi_square", 0.2)),
        reference=_summary(mean, std, 1987, 80789),
        current=_summary(mean + shift * std, std, 2531, 86995),
        distribution=Distribution(
            _shares(edges, mean, std), _shares(edges, mean + shift * std, std), tuple(edges), clipped=True
        ),
        score=shift / 0.1 if drifted else 0.0,
    )
    return replace(made, **parts)


def moments(name: str, *, drifted: bool = False, **parts) -> ColumnDrift:
    """Return a column of times in winter, and in summer where it drifted."""
    start, day = 1_356_998_400.0, 86_400.0
    edges = tuple(start + day * 30 * i for i in range(13))
    winter = (0.35, 0.3, 0.35, *([0.0] * 9))
    summer = (*([0.0] * 5), 0.33, 0.34, 0.33, *([0.0] * 4))
    side = ColumnSummary(
        80789,
        0,
        "datetime64[ns]",
        mean="2013-01-31T12:00:00",
        minimum="2013-01-01T05:00:00",
        maximum="2013-02-28T23:00:00",
        quantiles=(
            "2013-01-04",
            "2013-01-16",
            "2013-01-31T12:00:00",
            "2013-02-15",
            "2013-02-26T10:00:00.123456",
        ),
    )
    made = ColumnDrift(
        name,
        ColumnKind.DATETIME,
        DriftState.DRIFTED if drifted else DriftState.STABLE,
        drifted,
        "all later: from 31 January to 16 July (median)" if drifted else "no more than chance (p = 0.4)",
        effect=Effect("wasserstein", 4.1 if drifted else 0.01, 0.1),
        test=_test("ks", 0.0 if drifted else 0.4),
        measures=(Measure("ks", 1.0 if drifted else 0.01, 0.007),),
        missing=MissingDrift(0.0, 0.0),
        reference=side,
        current=side,
        distribution=Distribution(winter, summer if drifted else winter, edges),
        score=41.0 if drifted else 0.0,
    )
    return replace(made, **parts)


def levelled(name: str, shift: float = 0.0, *, levels: int = 12, **parts) -> ColumnDrift:
    """Return a column of levels of which the first gave `shift` of its share to a new one."""
    names = ["UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN", "VX", "FL", "AS", "F9", "YV", "HA", "OO"]
    names += [f"L{i}" for i in range(len(names), levels)]
    raw = [1 / (i + 1.5) for i in range(levels)]
    reference = [value / sum(raw) for value in raw]
    current = [reference[0] - shift, *reference[1:-1], reference[-1] + shift]
    drifted = shift > 0.05
    new = (LevelChange("XJ", 412, 0.0047), LevelChange("ZZ <new>", 3, 0.00003)) if drifted else ()
    top = [ColumnSummary(n, 0, "str", levels=levels + 3, top=names[0]) for n in (80789, 86995)]
    made = ColumnDrift(
        name,
        ColumnKind.CATEGORICAL,
        DriftState.DRIFTED if drifted else DriftState.STABLE,
        drifted,
        f"the mix of levels moved (Jensen-Shannon 0.24): {names[0]} 26 % -> 11 %"
        if drifted
        else "no more than chance: the mix of levels moved by 0.01 (p = 0.31)",
        effect=Effect("jensen_shannon", 0.24 if drifted else 0.011, 0.1),
        test=_test("chi_square", 1e-12 if drifted else 0.31),
        measures=(
            Measure("chi_square", 1234.5, 21.0),
            Measure("jensen_shannon", 0.24 if drifted else 0.011, 0.02),
            Measure("cramers_v", 0.08),
        ),
        missing=MissingDrift(0.0, 0.0),
        reference=top[0],
        current=top[1],
        distribution=Distribution(
            tuple(reference), tuple(current), levels=(*names[: levels - 1], "other"), has_other=True
        ),
        new_levels=new,
        vanished_levels=(LevelChange("OO", 29, 0.0004),) if drifted else (),
        new_count=len(new),
        vanished_count=1 if drifted else 0,
        score=2.4 if drifted else 0.0,
    )
    return replace(made, **parts)


def lone(name: str, state: DriftState, reason: str, **parts) -> ColumnDrift:
    """Return a row of a column that was not compared."""
    side = ColumnSummary(86995, 12, "float64", mean=1.0)
    one = {"reference": side} if state is DriftState.MISSING else {"current": side}
    return ColumnDrift(name, ColumnKind.NUMERIC, state, drifted=False, reason=reason, **{**one, **parts})


def flights() -> tuple[ColumnDrift, ...]:
    """Return the columns of a report as it is met: some drifted, one harmless, the others quiet."""
    gone = MissingDrift(0.012, 0.147, drifted=True, test=_test("chi_square", 1e-60))
    return (
        numeric("dep_delay", 0.42, importance=0.312, role="target"),
        numeric("temp", 1.9, mean=36.1, importance=0.221),
        moments("time_hour", drifted=True, importance=0.11),
        levelled("carrier", 0.15, importance=0.084),
        numeric("wind_gust", 0.02, state=DriftState.DRIFTED, drifted=True, missing=gone, importance=0.06,
                reason="missing values rose from 1.2 % to 14.7 % (p < 0.001); its values did not move",
                score=6.7),
        lone("gate", DriftState.NEW, "only in the current data"),
        lone("visib", DriftState.MISSING, "only in the reference", importance=0.02),
        lone("flight", DriftState.TYPE_CHANGED, "was int64, is string"),
        levelled("origin", 0.12, levels=3, state=DriftState.HARMLESS, importance=0.002),
        numeric("distance", importance=0.09, mean=1039.9),
        numeric("air_time", importance=0.07, mean=150.6),
        numeric("humid", importance=0.04),
        levelled("dest", importance=0.03),
        numeric("pressure", mean=1017.9),
        numeric("arr_delay", mean=6.9),
        levelled("cancelled", levels=2, kind=ColumnKind.BOOLEAN),
        numeric("hour", mean=13.1),
        lone("tailnum", DriftState.SKIPPED, "an identifier: nearly all of its values differ on both sides"),
    )  # fmt: skip


def windows(columns: tuple[ColumnDrift, ...], count: int = 12) -> tuple[DriftWindow, ...]:
    """Return windows in which the drifted columns drift from the middle on."""
    return tuple(_window(columns, at, count) for at in range(count))


def _window(columns: tuple[ColumnDrift, ...], at: int, count: int) -> DriftWindow:
    cells = []
    for number, column in enumerate(columns):
        if column.effect is None:
            continue
        ratio = (at / count) * min(column.score, 6.0) + 0.1
        cells.append(
            WindowCell(
                column.name,
                drifted=ratio > 1,
                effect=0.1 * ratio,
                threshold=0.1,
                p_corrected=0.001 if ratio > 1 else 0.4,
                value=None if (at, number) == (3, 1) else 10 + math.sin(at + number) + 3 * ratio,
            )
        )
    start = f"2013-{1 + at % 12:02d}-01"
    return DriftWindow(start, 7000 + at, tuple(cells), start=start, end=f"2013-{1 + at % 12:02d}-28")


def report(columns: tuple[ColumnDrift, ...] | None = None, **parts) -> DriftReport:
    """Return a report of these columns, or of flights in winter against summer."""
    shown = flights() if columns is None else columns
    given = {
        "reference": DriftSide("winter", 80789, 16),
        "current": DriftSide("summer", 86995, 17),
        "columns": shown,
        "options": DriftOptions(),
        "tests": 42,
        **parts,
    }
    return DriftReport(**given)


def full() -> DriftReport:
    """Return a report with everything that a report can have."""
    columns = flights()
    return report(
        columns,
        reference=DriftSide("winter", 80789, 16, exact=False),
        windows=windows(columns),
        model="delay-forest",
        importance_method="permutation importance on 10,000 rows",
        notes=("the tests of windows are a family of their own: 120 tests",),
    )


def wide(columns: int = 300, drifted: int = 12, seed: int = 0) -> DriftReport:
    """Return a report of a wide table."""
    generator = random.Random(seed)
    made = []
    for i in range(columns):
        shift = generator.uniform(0.15, 2.0) if i < drifted else 0.0
        name = f"sensor_{i:03d}_reading"
        made.append(
            levelled(name, shift=0.1 * bool(shift))
            if i % 10 == 3
            else numeric(name, shift, mean=generator.uniform(-500, 500))
        )
    return report(tuple(made), tests=2 * columns)


def hostile() -> DriftReport:
    """Return a report all of whose words try to become markup."""
    columns = []
    for at, name in enumerate(HOSTILE_NAMES):
        change = tuple(LevelChange(text, 3, 0.1) for text in HOSTILE_NAMES)
        drawn = Distribution(
            (0.1,) * len(HOSTILE_NAMES), (0.1,) * len(HOSTILE_NAMES), levels=HOSTILE_NAMES, has_other=True
        )
        side = ColumnSummary(10, 0, name, mean=name, minimum=name, quantiles=(name,) * 5, levels=3, top=name)
        columns.append(
            levelled(
                name,
                0.15,
                reason=f"because {name}",
                distribution=drawn,
                new_levels=change,
                vanished_levels=change,
                new_count=len(change),
                vanished_count=len(change),
                reference=side,
                current=side,
                notes=(name,),
                role=name,
                measures=(Measure(name, 1.0),),
                effect=Effect(name, 1.0 + at, 0.1),
                test=SignificanceTest(name, 1.0, 0.01),
            )
        )
    shown = tuple(columns)
    return report(
        shown,
        reference=DriftSide(HOSTILE, 10, 3),
        current=DriftSide(HOSTILE_NAMES[3], 10, 3),
        windows=tuple(
            replace(window, label=HOSTILE_NAMES[at % 4], start=HOSTILE, end=HOSTILE)
            for at, window in enumerate(windows(shown, 5))
        ),
        model=HOSTILE,
        importance_method=HOSTILE,
        notes=HOSTILE_NAMES,
    )

"""Metrics of two runs in words: how far apart, which way, and whether that is sure to be better or worse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbship.display.page import number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbship.model.comparison import MetricDiff

__all__ = [
    "HIGHER_IS_BETTER",
    "LOWER_IS_BETTER",
    "by_interest",
    "delta_text",
    "direction",
    "metric_texts",
    "relative_text",
    "verdict",
]

HIGHER_IS_BETTER = frozenset(
    {"acc", "accuracy", "ap", "auc", "aucpr", "auprc", "auroc", "f1", "f1score", "fscore", "iou", "jaccard"}
    | {"mcc", "ndcg", "precision", "r2", "r2score", "recall", "rocauc"}
)
"""Words of a metric's name that make it sure that more is better."""

LOWER_IS_BETTER = frozenset(
    {"brier", "crossentropy", "err", "error", "hinge", "logloss", "loss", "mae", "mape", "mse", "nll"}
    | {"perplexity", "rmse", "rmsle", "smape", "wer"}
)
"""Words of a metric's name that make it sure that less is better."""

_NEGATED = frozenset({"neg", "negative", "inverse", "minus"})
_NUMBERED = re.compile(r"^(acc|ap|auc|loss)\d+$")
_STAGES = {
    "test": 0,
    "holdout": 0,
    "eval": 1,
    "val": 1,
    "valid": 1,
    "validation": 1,
    "train": 3,
    "training": 3,
}
_NO_STAGE = 2
_DIGITS = 17  # enough to tell any two floats apart
_LARGE = 10  # times; beyond, percents are hard to read


def direction(name: str) -> int:
    """Return 1 where more is better, -1 where less is, 0 where the name does not make it sure."""
    words = _words(name)
    up, down = bool(words & HIGHER_IS_BETTER), bool(words & LOWER_IS_BETTER)
    if up == down:
        return 0
    sign = 1 if up else -1
    return -sign if words & _NEGATED else sign


def _words(name: str) -> set[str]:
    """Return the words of a name in small letters: ``val_rocAUC`` has val, roc, auc."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name[:200])
    words = [word for word in re.split(r"[\W_]+", parted.lower()) if word]
    numbered = [match[1] for word in words if (match := _NUMBERED.match(word))]
    return {*words, *numbered}


def by_interest(names: Iterable[str]) -> list[str]:
    """Return names of metrics: those with a sure direction first, of the test data before those of the training."""
    return sorted(names, key=lambda name: (direction(name) == 0, _stage(name)))


def _stage(name: str) -> int:
    return min((_STAGES[word] for word in _words(name) if word in _STAGES), default=_NO_STAGE)


def verdict(metric: MetricDiff) -> str:
    """Return ``better`` or ``worse`` where the name makes it sure, else nothing."""
    sign = direction(metric.name)
    if not sign or not metric.delta:
        return ""
    return "better" if metric.delta * sign > 0 else "worse"


def metric_texts(metric: MetricDiff) -> tuple[str, str]:
    """Return both values with as many digits as it takes to tell them apart; a dash where the run lacks it."""
    left, right = metric.left, metric.right
    if not isinstance(left, float | int) or not isinstance(right, float | int):
        return _value(left), _value(right)
    texts = number(left), number(right)
    for digits in range(5, _DIGITS + 1):
        if texts[0] != texts[1] or left == right:
            break
        texts = f"{left:.{digits}g}", f"{right:.{digits}g}"
    return texts


def _value(value: float | str | None) -> str:
    if value is None:
        return "—"
    return value if isinstance(value, str) else number(value)


def delta_text(metric: MetricDiff) -> str:
    """Return arrow, sign and number of the difference: ``▼ -0.031``; in words where there is none to compute."""
    if metric.left is None or metric.right is None:
        return "only in B" if metric.left is None else "only in A"
    if metric.delta is None:
        return ""
    arrow = "▲" if metric.delta > 0 else "▼" if metric.delta < 0 else "＝"
    return f"{arrow} {_signed(metric.delta)}"


def relative_text(metric: MetricDiff) -> str:
    """Return the difference in percent of the first value: ``-3.4 %``; as a factor where percents grow large."""
    if metric.relative is None or not metric.delta:
        return ""
    if metric.relative > _LARGE:
        return f"× {number(float(f'{1 + metric.relative:.3g}'))}"
    percent = 100 * metric.relative
    return f"{_signed(float(f'{percent:.2g}') if abs(percent) < 100 else round(percent))} %"  # noqa: PLR2004


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else '−'}{number(abs(value))}"

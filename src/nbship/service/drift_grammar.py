"""The options of a drift report, said once for the command line and the magic."""

from __future__ import annotations

import argparse
from typing import Any

from nbship.errors import UsageError
from nbship.model.drift import DriftOptions

__all__ = ["OPTIONS", "JsonFile", "drift_options", "drift_roles", "two_sides"]

_DEFAULT = DriftOptions()

OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ("--by",),
        {
            "metavar": "WINDOW",
            "help": "also cut CUR into windows: a period such as D, W or MS, 1000 rows as 1000, 12 windows as /12",
        },
    ),
    (("--time",), {"metavar": "COLUMN", "help": "the column that periods are cut by"}),
    (
        ("--columns",),
        {"metavar": "A,B", "action": "append", "default": [], "help": "the only columns to look at"},
    ),
    (
        ("--model",),
        {"metavar": "RUN", "help": "weigh columns by the importance they have for this run's model"},
    ),
    (("--target",), {"metavar": "COLUMN", "help": "the column with the label"}),
    (("--prediction",), {"metavar": "COLUMN", "help": "the column with what a model said"}),
    (
        ("-q", "--q"),
        {
            "type": float,
            "default": _DEFAULT.q,
            "help": "level of the corrected p-values (default %(default)s)",
        },
    ),
    (
        ("--correction",),
        {
            "default": _DEFAULT.correction,
            "metavar": "NAME",
            "help": "bh (Benjamini-Hochberg, the default), holm or none",
        },
    ),
    (
        ("--wasserstein",),
        {
            "type": float,
            "default": _DEFAULT.wasserstein,
            "metavar": "T",
            "help": "practical threshold of numbers and times, in spreads of the reference (default %(default)s)",
        },
    ),
    (
        ("--jensen-shannon",),
        {
            "type": float,
            "default": _DEFAULT.jensen_shannon,
            "metavar": "T",
            "help": "practical threshold of levels, as a distance from 0 to 1 (default %(default)s)",
        },
    ),
    (
        ("--missing",),
        {
            "type": float,
            "default": _DEFAULT.missing,
            "metavar": "T",
            "help": "practical threshold of the change in the share of missing values (default %(default)s)",
        },
    ),
    (
        ("--novelty",),
        {
            "type": float,
            "default": _DEFAULT.novelty,
            "metavar": "T",
            "help": "practical threshold of the share of unknown words (default %(default)s)",
        },
    ),
    (
        ("--harmless",),
        {
            "type": float,
            "default": _DEFAULT.harmless,
            "metavar": "T",
            "help": "importance below which a drifted column is harmless (default %(default)s)",
        },
    ),
    (
        ("--splits",),
        {
            "type": int,
            "default": 200,
            "metavar": "N",
            "help": "how often selfcheck splits (default %(default)s)",
        },
    ),
)
"""Flags and keywords of `argparse`, one pair an option."""

_SIDES = 2


class JsonFile(argparse.Action):
    """``--json [FILE]``, which may swallow a side; it notes whether that stood before the others."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse calls with it
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        """Keep the file, and what stood before it."""
        setattr(namespace, self.dest, values)
        namespace.json_leads = not getattr(namespace, "sides", None)


def drift_options(given: argparse.Namespace) -> DriftOptions:
    """Return what the options say.

    Raises
    ------
    UsageError
        When ``--columns`` is empty.
    """
    columns = tuple(name.strip() for text in given.columns for name in text.split(",") if name.strip())
    if given.columns and not columns:
        raise UsageError(
            f"--columns {given.columns[0]!r} names no column; write --columns A,B or leave it out"
        )
    return DriftOptions(
        q=given.q,
        correction=given.correction,
        wasserstein=given.wasserstein,
        jensen_shannon=given.jensen_shannon,
        missing=given.missing,
        novelty=given.novelty,
        harmless=given.harmless,
        by=given.by,
        time=given.time,
        columns=columns,
    )


def drift_roles(given: argparse.Namespace) -> dict[str, str]:
    """Return column to role."""
    named = {"target": given.target, "prediction": given.prediction}
    return {column: role for role, column in named.items() if column}


def two_sides(given: argparse.Namespace) -> tuple[list[str], str | None]:
    """Return the sides, and the file of ``--json``, which has swallowed a side where one is lacking.

    Raises
    ------
    UsageError
        When there are not two sides, or ``selfcheck`` and one.
    """
    words, json_file = list(given.sides), given.json
    if len(words) == 1 and json_file not in (None, "-"):
        words.insert(0 if given.json_leads else 1, str(json_file))
        json_file = "-"
    if len(words) != _SIDES:
        got = f"got {len(words)}" + (f": {' '.join(words)}" if words else "")
        raise UsageError(f"drift wants two sides, REF and CUR, or selfcheck REF; {got}")
    return words, json_file

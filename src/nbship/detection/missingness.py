"""What is missing: a test of its own for every column."""

from __future__ import annotations

from nbship.detection.contingency import fourfold
from nbship.model.drift import MissingDrift, SignificanceTest

__all__ = ["compare_missing"]


def compare_missing(reference: tuple[int, int], current: tuple[int, int]) -> MissingDrift | None:
    """Compare the shares of missing values.

    Parameters
    ----------
    reference, current
        Missing values and rows of each side.

    Returns
    -------
    MissingDrift or None
        Without a test where no value is missing on either side, or every one; None where a side has no rows.
    """
    (missing, rows), (other_missing, other_rows) = reference, current
    if not rows or not other_rows:
        return None
    found = fourfold(missing, rows, other_missing, other_rows)
    test = None if found is None else SignificanceTest(found.name, found.statistic, found.p_value)
    return MissingDrift(missing / rows, other_missing / other_rows, test=test)

"""Arrays that need no further check: doubles, finite, and far from where a float of 32 bits overflows.

Public: `is_ordinary`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["is_ordinary", "is_ordinary_but_for_gaps"]

_LARGEST_SQUARES = 1e60
"""Sum of squares of an array none of whose values is above 1e30 then; floats of 32 bits end at 3e38."""
_LARGEST = 1e30


def is_ordinary(rows: Any, width: int) -> bool:
    """Whether this is an array of doubles in that many columns, all of them finite and below 1e30.

    One product of the array with itself tells: NaN and infinity stay what they are in a sum.
    """
    return (
        type(rows) is np.ndarray
        and rows.dtype == np.float64
        and rows.ndim == 2  # noqa: PLR2004
        and rows.shape[1] == width
        and bool(np.vdot(rows.T, rows.T) < _LARGEST_SQUARES)
    )


def is_ordinary_but_for_gaps(rows: Any, width: int) -> bool:
    """Whether it is ordinary once missing values are set aside."""
    if type(rows) is not np.ndarray or rows.dtype != np.float64 or rows.ndim != 2 or rows.shape[1] != width:  # noqa: PLR2004
        return False
    # A comparison with NaN is never true.
    return not bool((np.abs(rows) > _LARGEST).any())

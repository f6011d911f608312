"""The one cut between ordered values that tells most, where Kolmogorov and Smirnov's test sees little."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nbship.detection.contingency import TableTest, fourfold
from nbship.detection.ordered_side import BinnedSide, OrderedSide

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TellingCut", "telling_cut"]

_HALF = 0.5
_WIDE = 0.1
_HEAVY = 0.2


@dataclass(frozen=True, slots=True)
class TellingCut:
    """Shares on one side of a cut, of both samples.

    Attributes
    ----------
    value
        The largest value below the cut.
    above
        Whether the shares are those above the cut; else those up to it. They are of the rarer part.
    test
        Of equal shares.
    """

    value: float
    above: bool
    reference: float
    current: float
    test: TableTest


def telling_cut(reference: OrderedSide, current: OrderedSide) -> TellingCut | None:
    r"""Return the cut that tells most, and a test of it; None where Kolmogorov and Smirnov's test needs no help.

    Notes
    -----
    That test hardly sees the tails, and is cautious about repeated values: with 1,000 values on each side, -999 in one
    of 20 rows passes for chance, though it makes most of the distance. When nothing changed, the gap from
    :math:`x_j` to :math:`x_{j+1}` contributes :math:`(x_{j+1} - x_j) \sqrt{H_j (1 - H_j)}` to the Wasserstein-1
    distance, up to a factor, with the shares H of both samples together. The cut is in the widest gap where that has a
    tenth of the sum, else above a value that a fifth of the rows repeat. It is picked without a look at which side the
    values are on; so, given the values of both samples together, the shares there are a fourfold table whose test
    keeps its level. Between flags of 0 and 1 it is the test of two levels. The edges of a profile are values of one
    side, beyond which all values of the other count as one gap, so which end is picked does depend on the sides:
    p-values are doubled then.
    """
    import numpy as np

    values = _known_values((reference, current))
    if len(values) < 2:  # noqa: PLR2004 - a cut lies between two
        return None
    left, right = _upto(reference, values[:-1]), _upto(current, values[:-1])
    place = _place((left + right) / (reference.size + current.size), np.diff(values))
    if place is None:
        return None
    value, hits, others = float(values[place]), int(left[place]), int(right[place])
    above = hits + others > _HALF * (reference.size + current.size)
    if above:
        hits, others = reference.size - hits, current.size - others
    test = fourfold(hits, reference.size, others, current.size)
    if test is None:
        return None
    if isinstance(reference, BinnedSide) or isinstance(current, BinnedSide):
        test = replace(test, p_value=min(1.0, 2 * test.p_value))
    return TellingCut(value, above, hits / reference.size, others / current.size, test)


def _place(shares: Any, gaps: Any) -> int | None:
    """Return where to cut, given the shares up to each value and the gaps above them."""
    import numpy as np

    widths = gaps * np.sqrt(np.maximum(0.0, shares * (1 - shares)))
    if widths.max() >= _WIDE * widths.sum() > 0:
        return int(widths.argmax())
    heavy = np.diff(shares, prepend=0.0)
    return int(heavy.argmax()) if heavy.max() >= _HEAVY else None


def _upto(side: OrderedSide, values: Any) -> Any:
    return side.bounds(values)[0] if isinstance(side, BinnedSide) else side.upto(values)


def _known_values(sides: Sequence[OrderedSide]) -> Any:
    """Return ascending values at which the counts of both sides are known; of large samples only some."""
    import numpy as np

    binned = [side for side in sides if isinstance(side, BinnedSide)]
    if any(side.infinite for side in binned):
        return np.empty(0)  # its profile does not say at which end they are
    edges = [side.edges for side in binned]
    shared = all(np.array_equal(other, edges[0]) for other in edges)
    if not shared and not _known(binned, np.concatenate(edges)).all():
        return np.empty(0)  # known on both sides is what lies beyond one of them: a choice that favours drift
    found = [side.limits if isinstance(side, BinnedSide) else side.function.values for side in sides]
    values = np.sort(np.concatenate([*found, *edges]))
    return values[_known(binned, values)]


def _known(sides: Sequence[BinnedSide], values: Any) -> Any:
    """Return at which values all of these profiles know their counts."""
    import numpy as np

    known = np.ones(len(values), bool)
    for side in sides:
        least, most = side.bounds(values)
        known &= least == most
    return known

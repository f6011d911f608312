"""Drift of what is asked and answered against the profile of what the model learnt from."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from nbship.serving.drift_watch import BLOCK_ROWS, ColumnWatch, DriftScore, watch_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbship.model.bundle import Bundle
    from nbship.model.profile import ColumnProfile, Profile

__all__ = ["LiveDrift"]

_WINDOW = 10_240
_NUMERIC = frozenset({"integer", "long", "float", "double"})


class LiveDrift:
    """Collects rows and predictions of the newest 10,240 rows, in blocks of 128.

    Not safe for several threads, but `scores` may be asked for in another one.

    Parameters
    ----------
    bundle
        Names the columns and their types.
    profile
        The reference; columns that it does not have, or has as another kind, are not watched.
    """

    def __init__(self, bundle: Bundle, profile: Profile | None) -> None:
        blocks = _WINDOW // BLOCK_ROWS
        self._features = list(_feature_watches(bundle, profile, blocks)) if profile else []
        self._prediction = _prediction_watch(bundle, profile, blocks) if profile else None
        self._pick = _picker([place for place, _ in self._features])
        self._rows: list[Any] = []
        self._predictions: list[Any] = []

    @property
    def watches(self) -> bool:
        """Whether there is anything to compare with."""
        return bool(self._features) or self._prediction is not None

    def add(self, rows: list[list[Any]], predictions: list[Any]) -> None:
        """Take answered rows."""
        self._rows += rows
        self._predictions += predictions
        if len(self._rows) >= BLOCK_ROWS:
            self._count()

    def settle(self) -> None:
        """Count what has not been counted yet."""
        if self._rows:
            self._count()

    def scores(self) -> dict[str, DriftScore]:
        """Return the score of every feature that is watched, by name."""
        return {watch.name: watch.score() for _, watch in self._features}

    def prediction_score(self) -> DriftScore | None:
        """Return the score of the predictions; None where nothing is known of them."""
        return None if self._prediction is None else self._prediction.score()

    def _count(self) -> None:
        rows, predictions = self._rows, self._predictions
        self._rows, self._predictions = [], []
        for start in range(0, len(rows), BLOCK_ROWS):
            self._count_block(rows[start : start + BLOCK_ROWS], predictions[start : start + BLOCK_ROWS])

    def _count_block(self, rows: list[Any], predictions: list[Any]) -> None:
        for (_, watch), values in zip(self._features, zip(*map(self._pick, rows), strict=True), strict=True):
            watch.add(values)
        if self._prediction is not None:
            self._prediction.add(predictions)


def _picker(places: list[int]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes the watched values out of a row."""
    if not places:
        return lambda _row: ()
    if len(places) == 1:
        return lambda row: (row[places[0]],)
    return itemgetter(*places)


def _feature_watches(bundle: Bundle, profile: Profile, blocks: int) -> Iterator[tuple[int, ColumnWatch]]:
    for place, column in enumerate(bundle.inputs):
        reference = profile.column(column.name)
        if reference is None or not _comparable(reference, column.type):
            continue
        watch = watch_for(reference, blocks)
        if watch is not None:
            yield place, watch


def _prediction_watch(bundle: Bundle, profile: Profile, blocks: int) -> ColumnWatch | None:
    """Return the watch of scalar predictions, against predictions of the profile, else against its target."""
    if len(bundle.outputs) != 1 or bundle.outputs[0].shape:
        return None
    kind = bundle.outputs[0].type
    for role in ("prediction", "target"):
        found = [column for column in profile.columns if column.role == role and _comparable(column, kind)]
        if len(found) == 1:
            return watch_for(found[0], blocks)
    return None


def _comparable(reference: ColumnProfile, kind: str) -> bool:
    """Return whether values of a type of the signature can be counted like those of a profile's column."""
    match reference.kind.value:
        case "numeric":
            return kind in _NUMERIC or kind == "boolean"
        case "datetime":
            return kind == "datetime"
        case "text":
            return kind == "string"
        case "boolean":
            return kind == "boolean"
        case "categorical":
            return kind in {"string", "boolean", "integer", "long"}
        case _:
            return False

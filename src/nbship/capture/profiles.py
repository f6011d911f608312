"""The profile of a dataset, built once for each content.

Public: `ProfileMemory`, `build_profile`, `profile_json`.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from nbship.capture.even_rows import even_rows
from nbship.capture.secret_names import is_secret_name
from nbship.model.profile import ColumnKind, ColumnProfile, Profile

if TYPE_CHECKING:
    from nbship.capture.secrets import Masker

__all__ = ["ProfileMemory", "build_profile", "profile_json"]

_MOST_CELLS = 20_000_000
_MOST_COLUMNS = 2_000
"""At 8 kB a column; wider tables are pixels or counts of words, of which no column is looked at by itself."""
_MEMORY_BYTES = 64_000_000


@dataclass(slots=True)
class ProfileMemory:
    """Profiles of this kernel as JSON, by the digest of the data; the least recently used ones are forgotten.

    Methods may be called from any thread.

    Parameters
    ----------
    most_bytes
        How much JSON is kept.
    """

    most_bytes: int = _MEMORY_BYTES
    size_bytes: int = 0
    _kept: OrderedDict[tuple[str, int], str] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __len__(self) -> int:
        return len(self._kept)

    def known(self, name: str, digest: str, min_count: int = 0) -> bytes | None:
        """Return the profile of this content as JSON under another name; None where it was not built yet."""
        with self._lock:
            body = self._kept.get((digest, min_count))
            if body is None:
                return None
            self._kept.move_to_end((digest, min_count))
        return _named(body, name)

    def build(self, value: Any, name: str, digest: str, masker: Masker, min_count: int = 0) -> bytes:
        """Build the profile of a table, remember it, and return it as JSON.

        Raises
        ------
        UsageError
            When the value is no table.
        """
        body = profile_json(build_profile(value, digest, masker, min_count=min_count))
        with self._lock:
            self._keep((digest, min_count), body)
        return _named(body, name)

    def _keep(self, key: tuple[str, int], body: str) -> None:
        self.size_bytes += len(body) - len(self._kept.get(key, ""))
        self._kept[key] = body
        while self.size_bytes > self.most_bytes and len(self._kept) > 1:
            _, forgotten = self._kept.popitem(last=False)
            self.size_bytes -= len(forgotten)


def _named(body: str, name: str) -> bytes:
    """Return packed JSON with a name in front: the same content may go by several."""
    return f'{{"name": {json.dumps(name)}, {body[1:]}'.encode("ascii")


def profile_json(profile: Profile) -> str:
    """Return a profile as JSON in ASCII, without its name."""
    return json.dumps({key: item for key, item in profile.to_dict().items() if key != "name"})


def build_profile(
    value: Any, digest: str, masker: Masker, *, min_count: int = 0, most_cells: int = _MOST_CELLS
) -> Profile:
    """Summarise a table.

    Parameters
    ----------
    value
        A frame, a table of Arrow, or an array of two dimensions.
    digest
        Digest of its fingerprint.
    masker
        Knows secrets; a level that holds one is withheld.
    min_count
        Levels with fewer rows are withheld.
    most_cells
        Of a table with more cells than this only evenly spaced rows are summarised, and `sampled_from` says so.
    """
    from nbship.profiling.build import profile  # noqa: PLC0415 - only a kernel that tracks a table needs it

    rows, columns = value.shape
    if columns > _MOST_COLUMNS:
        note = f"{columns:,} columns: a profile is kept for tables of {_MOST_COLUMNS:,} at most"
        return Profile(rows, (), digest=digest, notes=(note,))
    most = max(1, most_cells // max(1, columns))
    part = even_rows(value, most) if rows > most else value
    found = profile(part, min_count=min_count)
    found = replace(found, digest=digest, sampled_from=rows if part is not value else None)
    return _discreet(found, masker)


def _discreet(profile: Profile, masker: Masker) -> Profile:
    """Leave out the values of columns that are named like secrets, and levels that hold one."""
    hidden = [column.name for column in profile.columns if is_secret_name(column.name)]
    columns = tuple(
        _counted(column) if column.name in hidden else _masked(column, masker) for column in profile.columns
    )
    notes = tuple(f"{name}: only counted, since it is named like a secret" for name in hidden)
    return replace(profile, columns=columns, notes=(*profile.notes, *notes))


def _counted(column: ColumnProfile) -> ColumnProfile:
    """Return what of a column tells nothing of its values."""
    return ColumnProfile(
        column.name,
        ColumnKind.UNSUPPORTED,
        column.dtype,
        column.count,
        missing=column.missing,
        role=column.role,
    )


def _masked(column: ColumnProfile, masker: Masker) -> ColumnProfile:
    """Count the levels in which the masker finds something as other ones."""
    names = "\n".join(level for level, _ in column.levels)
    if not names or masker.mask(names, python=False).text == names:
        return column
    kept = tuple(item for item in column.levels if masker.mask(item[0], python=False).text == item[0])
    gone = len(column.levels) - len(kept)
    rows = sum(count for _, count in column.levels) - sum(count for _, count in kept)
    others = None if column.other_levels is None else column.other_levels + gone
    return replace(
        column,
        levels=kept,
        other=column.other + rows,
        other_levels=others,
        withheld=column.withheld + gone,
    )

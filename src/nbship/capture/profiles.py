"""The profile of a dataset, built once for each content.

Public: `ProfileMemory`, `build_profile`, `discreet`, `profile_json`, `too_wide`,
`without_values`.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from nbship.capture.secret_names import is_secret_name
from nbship.model.profile import ColumnKind, ColumnProfile, Profile

if TYPE_CHECKING:
    from nbship.capture.secrets import Masker
    from nbship.capture.thinned import Thinned

__all__ = ["ProfileMemory", "build_profile", "discreet", "profile_json", "too_wide", "without_values"]

_MOST_COLUMNS = 2_000
"""At 8 kB a column; wider tables are pixels or counts of words, of which no column is looked at by itself."""
_LONGEST_LEVEL = 1_000
"""In characters; a longer one is a document, which would stand in the profile word by word."""
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

    def build(self, thinned: Thinned, name: str, digest: str, masker: Masker, min_count: int = 0) -> bytes:
        """Return the profile of a table as JSON; it is built once, however many names and runs the content has."""
        known = self.known(name, digest, min_count)
        if known is not None:
            return known
        body = profile_json(build_profile(thinned, digest, masker, min_count=min_count))
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


def too_wide(value: Any, name: str, digest: str) -> bytes | None:
    """Return the JSON of a profile that says why it has no columns, for a table with too many; None for others."""
    rows, columns = value.shape
    if columns <= _MOST_COLUMNS:
        return None
    note = f"{columns:,} columns: a profile is kept for tables of {_MOST_COLUMNS:,} at most"
    return _named(profile_json(Profile(rows, (), digest=digest, notes=(note,))), name)


def build_profile(thinned: Thinned, digest: str, masker: Masker, *, min_count: int = 0) -> Profile:
    """Summarise a table.

    Parameters
    ----------
    thinned
        The rows that are looked at.
    digest
        Digest of the fingerprint of the whole table.
    masker
        Knows secrets; a level that holds one is withheld.
    min_count
        Levels with fewer rows are withheld.
    """
    from nbship.profiling.build import profile  # noqa: PLC0415 - only a kernel that tracks a table needs it

    found = profile(thinned.table, min_count=min_count)
    notes = (*found.notes, *thinned.notes)
    return discreet(replace(found, digest=digest, sampled_from=thinned.sampled_from, notes=notes), masker)


def discreet(profile: Profile, masker: Masker) -> Profile:
    """Leave out the values of columns that are named like secrets, and levels that hold one or are documents."""
    hidden = [column.name for column in profile.columns if is_secret_name(column.name)]
    columns = tuple(
        _counted(column) if column.name in hidden else _masked(_short(column), masker)
        for column in profile.columns
    )
    notes = tuple(f"{name}: only counted, since it is named like a secret" for name in hidden)
    return replace(profile, columns=columns, notes=(*profile.notes, *notes))


def without_values(profile: Profile) -> Profile:
    """Leave out the values of every column, as those of what is predicted for a secret."""
    notes = tuple(f"{column.name}: only counted, since a secret is predicted" for column in profile.columns)
    return replace(profile, columns=tuple(map(_counted, profile.columns)), notes=(*profile.notes, *notes))


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


def _short(column: ColumnProfile) -> ColumnProfile:
    return _withhold(column, frozenset(name for name, _ in column.levels if len(name) > _LONGEST_LEVEL))


def _masked(column: ColumnProfile, masker: Masker) -> ColumnProfile:
    """Count the levels in which the masker finds something as other ones."""
    names = "\n".join(level for level, _ in column.levels)
    if not names or masker.mask(names, python=False).text == names:
        return column
    return _withhold(
        column,
        frozenset(name for name, _ in column.levels if masker.mask(name, python=False).text != name),
    )


def _withhold(column: ColumnProfile, names: frozenset[str]) -> ColumnProfile:
    if not names:
        return column
    kept = tuple(item for item in column.levels if item[0] not in names)
    rows = sum(count for name, count in column.levels if name in names)
    others = None if column.other_levels is None else column.other_levels + len(names)
    return replace(
        column,
        levels=kept,
        other=column.other + rows,
        other_levels=others,
        withheld=column.withheld + len(names),
    )

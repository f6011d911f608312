"""What a person means by a dataset: a value, a file, a profile, or the dataset of a run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import RunNotFoundError, UsageError
from nbship.model.profile import Profile
from nbship.service.apart import answer_apart, asking, needs_mlflow
from nbship.service.history import await_spool
from nbship.service.served_logs import find_log
from nbship.store import reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.config import Settings
    from nbship.model.run import Run

__all__ = ["Source", "find_source", "importance_of", "is_table_file", "profile_answer"]

_DATE_SAMPLE = 50
_LOOKED_AT = 4096
_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": None}
_PACKED = (".gz", ".bz2", ".xz", ".zip", ".zst")


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset that was found.

    Attributes
    ----------
    name
        How it is called in reports.
    data
        A table of any library, a `Profile`, or the `ServedLog` of a server.
    run
        Name of the run it belongs to; empty for others.
    run_id
        Its id, which tells runs of one name apart.
    importance
        Column to its share of the importance for the run's model; None where none is known.
    """

    name: str
    data: Any
    run: str = ""
    importance: dict[str, float] | None = None
    importance_method: str = ""
    run_id: str = ""


def find_source(settings: Settings, given: object, name: str, *, apart: bool = False) -> Source:
    """Return the dataset that `given` stands for.

    Parameters
    ----------
    given
        A table, a `Profile`, or a text or path: the path of a CSV, TSV, Parquet, Feather or profile file, or of the
        prediction log of a server, else ``RUN:dataset`` or, where the run has one dataset only, ``RUN``.
    name
        What to call a value that has no name of its own.
    apart
        True keeps mlflow out of this process, as a kernel wants.

    Raises
    ------
    UsageError, RunNotFoundError
        When it is none of these, or a file is not what its name says.
    """
    if not isinstance(given, str | Path):
        return Source(getattr(given, "name", "") or name if isinstance(given, Profile) else name, given)
    if not str(given).strip():
        raise UsageError("a side is an empty text; give a table, a file, or RUN:dataset")
    path = _path(given)
    if path.exists() and (log := find_log(path)) is not None:
        return Source(str(given), log)
    if path.is_file():
        return Source(str(given), _read_file(path))
    if path.is_dir():
        raise UsageError(
            f"{given} is a folder without a prediction log, which a server begins when it is first asked; give one file: CSV, TSV, Parquet, Feather or a profile"
        )
    if _reader_of(path) is not None or isinstance(given, Path):
        raise UsageError(f"there is no file {given}")
    return _source_of_run(settings, given, apart=apart)


def is_table_file(path: Path) -> bool:
    """Whether a file is called as tables are; texts and JSON files may be anything."""
    return _reader_of(path) not in (None, _read_profile) and ".txt" not in path.suffixes


def importance_of(settings: Settings, run: str, *, apart: bool = False) -> tuple[str, dict[str, float], str]:
    """Return the name of a run, each column's share of what matters to its model, and where the shares come from.

    Raises
    ------
    UsageError, RunNotFoundError
        When there is no such run, or it keeps none.
    """
    if not isinstance(run, str):
        raise UsageError(
            f"model = {run!r:.80} is no RUN: give its id, an unambiguous prefix, a name, or latest"
        )
    await_spool(settings)
    if apart and needs_mlflow(settings):
        answer = answer_apart(settings, "show", ["--importance"], [run])
        return answer["run"], answer["importance"], answer["importance_method"]
    from nbship.provenance.reference import load_importance

    with asking(settings):
        found = reader.get(settings.tracking_uri, run)
        return found.name, *load_importance(settings.tracking_uri, found)


def _path(given: str | Path) -> Path:
    try:
        return Path(given).expanduser()
    except RuntimeError:  # ~somebody, who has no home here
        return Path(given)


def _source_of_run(settings: Settings, given: str, *, apart: bool) -> Source:
    await_spool(settings)
    if apart and needs_mlflow(settings):
        return _source_apart(settings, given)
    from nbship.provenance.reference import load_reference

    with asking(settings):
        run, dataset = _split(settings, given)
        found = load_reference(settings.tracking_uri, run, dataset or None)
    name = f"{run.name}:{found.profile.name}" if found.profile.name else run.name
    return Source(name, found.profile, run.name, found.importance, found.method, run.id)


def _split(settings: Settings, given: str) -> tuple[Run, str]:
    """Return run and dataset; names of both may hold colons, so the longest run name wins."""
    parts = given.split(":")
    failure: RunNotFoundError | None = None
    for cut in range(len(parts), 0, -1):
        run = ":".join(parts[:cut])
        if not run:
            continue
        try:
            return reader.get(settings.tracking_uri, run), ":".join(parts[cut:])
        except RunNotFoundError as error:
            failure = error
    what = f"{given!r} is neither a variable here, nor a file, nor a dataset of a run"
    raise RunNotFoundError(f"{what} ({failure})" if failure else f"{what}; write RUN:dataset")


def profile_answer(source: Source) -> dict[str, Any]:
    """Return what ``nbship profile --json`` prints of a source whose data is a profile."""
    answer: dict[str, Any] = source.data.to_dict()
    return answer | {
        "source": source.name,
        "run": source.run,
        "importance": source.importance,
        "importance_method": source.importance_method,
        "run_id": source.run_id,
    }


def _source_apart(settings: Settings, given: str) -> Source:
    answer = answer_apart(settings, "profile", [], [given])
    return Source(
        answer["source"],
        Profile.from_dict(answer),
        answer["run"],
        answer["importance"],
        answer["importance_method"],
        answer["run_id"],
    )


def _reader_of(path: Path) -> Callable[[Path], Any] | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    while suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return _READERS.get(suffixes[-1]) if suffixes else None


def _read_file(path: Path) -> Any:
    read = _reader_of(path)
    if read is None:
        raise UsageError(
            f"{path}: unknown kind of file {path.suffix or 'without a suffix'}; "
            f"known are {', '.join(sorted(_READERS))}, also compressed"
        )
    try:
        return read(path)
    except UsageError:
        raise
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        ImportError,
    ) as error:  # pyarrow's errors are among these
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"{path} cannot be read as {path.suffix.removeprefix('.')}: {reason}") from error


def _read_text(path: Path) -> Any:
    import pandas as pd

    if path.suffix.lower() not in _PACKED:
        with path.open("rb") as file:
            if b"\0" in file.read(_LOOKED_AT):
                raise UsageError(f"{path} is not text, so it is no {path.suffix.removeprefix('.')}")
    kind = next(suffix.lower() for suffix in path.suffixes if suffix.lower() in _SEPARATORS)
    separator = _SEPARATORS[kind]
    frame = pd.read_csv(path, sep=separator, engine="c" if separator else "python")
    return _with_dates(frame)


def _with_dates(frame: Any) -> Any:
    """Return the frame with its columns of ISO 8601 dates as such; a text file cannot say that they are."""
    import pandas as pd

    for name in frame.columns:
        column = frame[name]
        if frame.columns.duplicated().any() or not pd.api.types.is_string_dtype(column.dtype):
            continue
        shown = column.dropna().head(_DATE_SAMPLE)
        if shown.empty or not shown.astype(str).str.match(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}|$)").all():
            continue
        try:
            frame[name] = pd.to_datetime(column, format="ISO8601", utc=_has_offset(shown))
        except ValueError:
            continue  # most are dates, one is not: then it is a column of texts
    return frame


def _has_offset(shown: Any) -> bool:
    return bool(shown.astype(str).str.contains(r"(?:[+-]\d{2}:?\d{2}|Z)$").any())


def _read_parquet(path: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(path)


def _read_feather(path: Path) -> Any:
    from pyarrow import feather

    return feather.read_table(path, memory_map=False)


def _read_profile(path: Path) -> Profile:
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or "columns" not in data or "version" not in data:
        raise UsageError(f"{path} is no profile; `nbship profile FILE -o {path.name}` makes one")
    return Profile.from_dict(data)


_READERS: dict[str, Callable[[Path], Any]] = {
    **dict.fromkeys(_SEPARATORS, _read_text),
    **dict.fromkeys((".parquet", ".pq"), _read_parquet),
    **dict.fromkeys((".feather", ".arrow", ".ipc"), _read_feather),
    ".json": _read_profile,
}

"""The prediction log of a server as one side of a drift report."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.profile import Profile
from nbship.model.served_log import ServedLog, is_served_log, read_log
from nbship.profiling.table import read_table

if TYPE_CHECKING:
    from nbship.config import Settings

__all__ = ["TIME_COLUMN", "LogSides", "find_log", "log_folders", "sides_of_log", "tabled"]

TIME_COLUMN = "asked_at"
"""The column with the time of each request, for windows."""

_WRITE_SECONDS = 0.6
"""A server writes its log at most every half second."""
_LIVELY_SECONDS = 3600.0
"""A log that was written to later than this ago may be that of a server that runs."""
_PREDICTION = "prediction"
_PROBABILITY = "probability"
_TWO_CLASSES = 2
_DTYPES = {
    "boolean": "boolean",
    "integer": "Int64",
    "long": "Int64",
    "float": "float64",
    "double": "float64",
}
"""MLflow's type to a pandas dtype that can also hold what is missing."""


@dataclass(frozen=True, slots=True)
class LogSides:
    """Both sides of a report on what a model was asked, with the columns that they have in common."""

    reference: Any
    current: Any
    notes: tuple[str, ...] = ()


def find_log(path: Path) -> ServedLog | None:
    """Return the prediction log that a file or folder holds; None where it holds none.

    Raises
    ------
    UsageError
        When it cannot be read, or nothing was logged yet.
    """
    if not path.is_dir() and path.suffix != ".jsonl":
        return None
    try:
        _await_writer(path)
        if not is_served_log(path):
            return None
        log = read_log(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"the prediction log {path} cannot be read: {error}") from error
    if not log.rows:
        raise UsageError(f"the prediction log {path} is empty: the model was not asked yet")
    return log


def log_folders(settings: Settings) -> dict[str, Path]:
    """Return the folders with prediction logs by the name of the service: of those that run, and of those that ran."""
    from nbship.service.shipping.serving import services

    served = {model.name: Path(model.log_folder) for model in services(settings).services if model.log_folder}
    kept = {folder.name: folder for folder in (settings.home / "predictions").glob("[!.]*")}
    return {name: folder for name, folder in sorted((kept | served).items()) if any(folder.glob("*.jsonl"))}


def _await_writer(path: Path) -> None:
    """Let a server that may be running write what it was asked a moment ago."""
    segments = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    newest = segments[-1].stat().st_mtime if segments else path.stat().st_mtime
    if time.time() - newest < _LIVELY_SECONDS:
        time.sleep(_WRITE_SECONDS)


def tabled(data: Any) -> Any:
    """Return what was asked of a model, as a table, where `data` is a prediction log; else `data` itself."""
    return _frame(data) if isinstance(data, ServedLog) else data


def sides_of_log(reference: Any, log: ServedLog, *, timed: bool) -> LogSides:
    """Return reference and log as tables of the same columns: a model is not asked for all that its data has.

    Parameters
    ----------
    reference
        A table or a `Profile`.
    timed
        Whether to add the times of the requests, as `TIME_COLUMN`.
    """
    known: Any = reference if isinstance(reference, Profile) else read_table(reference)
    frame = _frame(log)
    roles = {column.role: column.name for column in known.columns}
    _add_answers(frame, log, {column.name for column in known.columns})
    if any(target is not None for target in log.targets) and "target" in roles:
        frame[roles["target"]] = log.targets
    kept = tuple(column for column in known.columns if column.name in frame.columns)
    if not kept:
        raise UsageError(
            "the prediction log and the reference have no column in common; is it another model's?"
        )
    if timed:
        frame[TIME_COLUMN] = _times(log)
    return LogSides(replace(known, columns=kept), frame, _notes(log, len(known.columns) - len(kept)))


def _frame(log: ServedLog) -> Any:
    import pandas as pd

    values = log.table()
    return pd.DataFrame({column.name: _column(values[column.name], column.type) for column in log.columns})


def _column(values: list[Any], kind: str) -> Any:
    import pandas as pd

    if kind == "datetime":
        return pd.to_datetime(pd.Series(values, dtype=object), format="ISO8601", utc=True).dt.tz_localize(
            None
        )
    return pd.Series(values, dtype=_DTYPES.get(kind, "object"))


def _add_answers(frame: Any, log: ServedLog, known: set[str]) -> None:
    """Add what the model said, where the reference has the like: a label, or the probability of the second class."""
    first = log.predictions[0]
    if not isinstance(first, list | dict) and _PREDICTION in known:
        frame[_PREDICTION] = log.predictions
    elif isinstance(first, list) and len(first) == _TWO_CLASSES and _PROBABILITY in known:
        frame[_PROBABILITY] = [answer[1] for answer in log.predictions]


def _times(log: ServedLog) -> Any:
    import pandas as pd

    return pd.to_datetime(pd.Series(log.times_ms), unit="ms")


def _notes(log: ServedLog, dropped: int) -> tuple[str, ...]:
    notes = []
    if dropped:
        notes.append(
            f"{dropped} columns of the reference are not in the log: the model is not asked for them"
        )
    if len(log.model_digests) > 1:
        notes.append(f"the log has answers of {len(log.model_digests)} models")
    if log.broken_lines:
        notes.append(f"{log.broken_lines} lines of the log could not be read")
    return tuple(notes)

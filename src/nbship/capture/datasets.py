"""From variables and files to the dataset records of a run."""

from __future__ import annotations

import io
import itertools
import sysconfig
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.capture.selection import find_datasets, scalar
from nbship.errors import FingerprintError
from nbship.hashing import fingerprint, type_name
from nbship.model.data import DatasetRecord, FileRecord
from nbship.model.event import ArtifactRecord

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from nbship.capture.dataflow import CellFlow
    from nbship.capture.files import OpenedFiles
    from nbship.capture.ledger import Ledger
    from nbship.capture.open_run import OpenRun

__all__ = [
    "file_name",
    "file_records",
    "fingerprint_earlier_files",
    "fingerprint_files",
    "fingerprint_variables",
    "scalars_by_name",
    "snapshot",
    "unseen",
    "with_native_reads",
]

_LONGEST_PATH = 1000


def fingerprint_variables(
    names: Iterable[str], namespace: Mapping[str, Any], ledger: Ledger, index: int | None, warnings: list[str]
) -> list[DatasetRecord]:
    """Fingerprint every dataset that the names hold; what cannot be fingerprinted becomes a warning."""
    records = []
    limit = len(ledger.entries) if index is None else index
    for name, value in find_datasets(names, namespace):
        try:
            digest = fingerprint(value)
        except FingerprintError as error:
            warnings.append(f"no fingerprint of {name}: {error}")
            continue
        origin = ledger.writer(name.split("[")[0], limit)
        records.append(DatasetRecord(name, "variable", type_name(value), digest, origin))
    return records


def unseen(run: OpenRun, records: Iterable[DatasetRecord]) -> list[DatasetRecord]:
    """Return the records that the run does not hold yet, and remember them."""
    fresh = []
    for record in records:
        key = (record.name, record.fingerprint.digest)
        if key not in run.datasets:
            run.datasets[key] = None
            fresh.append(record)
    return fresh


def file_records(opened: OpenedFiles, project: Path) -> tuple[FileRecord, ...]:
    """Describe the files that were read, by size and time; digests are taken when a run wants them."""
    records = []
    for path in opened.read:
        try:
            stat = path.stat()
        except OSError:
            continue  # a temporary file that is gone already
        records.append(FileRecord(_shown(path, project), None, stat.st_size, int(stat.st_mtime * 1000)))
    return tuple(records)


def fingerprint_files(opened: OpenedFiles, project: Path, warnings: list[str]) -> list[DatasetRecord]:
    """Fingerprint the files that a cell read."""
    return [record for path in opened.read for record in _file_dataset(path, project, warnings)]


def with_native_reads(opened: OpenedFiles, flow: CellFlow, namespace: Mapping[str, Any]) -> OpenedFiles:
    """Add the files that libraries opened without Python, which its audit hook cannot see; leave out what was written."""
    paths = dict.fromkeys((*opened.read, *_native_reads(flow, namespace)))
    return replace(opened, read=tuple(path for path in paths if path not in opened.written))


def fingerprint_earlier_files(
    records: Iterable[FileRecord], project: Path, warnings: list[str]
) -> list[DatasetRecord]:
    """Fingerprint files that earlier cells read, where they are still what they were then."""
    found: list[DatasetRecord] = []
    for record in records:
        path = located(record.path, project)
        try:
            stat = path.stat()
        except OSError:
            warnings.append(f"{record.path} was read by an earlier cell and is gone; it has no digest")
            continue
        if (stat.st_size, int(stat.st_mtime * 1000)) != (record.size_bytes, record.modified_ms):
            warnings.append(f"{record.path} has changed since an earlier cell read it; it has no digest")
            continue
        found.extend(_file_dataset(path, project, warnings))
    return found


def _file_dataset(path: Path, project: Path, warnings: list[str]) -> Iterable[DatasetRecord]:
    try:
        digest = fingerprint(path)
    except FingerprintError as error:
        warnings.append(f"no fingerprint of {path}: {error}")
        return
    yield DatasetRecord(_shown(path, project), "file", "file", digest)


def _native_reads(flow: CellFlow, namespace: Mapping[str, Any]) -> Iterable[Path]:
    """Paths given to readers that open files in C++ or Rust, such as those of pyarrow and polars."""
    for kind, text in flow.paths:
        value = namespace.get(text) if kind == "name" else text
        if not isinstance(value, str | Path) or len(str(value)) > _LONGEST_PATH or "\n" in str(value):
            continue
        try:
            path = Path(value).expanduser().resolve()
            if path.is_file() and not _is_internal(path):
                yield path
        except (OSError, ValueError, RuntimeError):
            continue  # not a path of this file system


def _is_internal(path: Path) -> bool:
    return ".nbship" in path.parts


def _roots(project: Path) -> tuple[Path, ...]:
    return (*map(Path, dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))), project)


def located(shown: str, project: Path) -> Path:
    """Find the file that `_shown` named; the project's own comes before one of that name in a package."""
    roots = reversed(_roots(project))
    return next((root / shown for root in roots if (root / shown).exists()), project / shown)


def _shown(path: Path, project: Path) -> str:
    """Name a file relative to the project or, in an installed package, to where packages lie; absolute elsewhere."""
    root = next((root for root in _roots(project) if path.is_relative_to(root)), None)
    return str(path) if root is None else path.relative_to(root).as_posix()


def scalars_by_name(
    names: Iterable[str], namespace: Mapping[str, Any], known: Mapping[str, float]
) -> dict[str, float]:
    """Return the numbers that `names` hold and that are not `known` yet, such as a loop variable asked for by name."""
    found = {}
    for name in names:
        value = scalar(namespace.get(name))
        if name not in known and value is not None:
            found[name] = value
    return found


def snapshot(
    records: Iterable[DatasetRecord], namespace: Mapping[str, Any], sink: Any, warnings: list[str]
) -> tuple[ArtifactRecord, ...]:
    """Copy datasets into the run: tables as Parquet, arrays as ``.npy``, sparse matrices as ``.npz``."""
    values = dict(find_datasets({record.name.split("[")[0] for record in records}, namespace))
    kept: dict[str, ArtifactRecord] = {}
    for record in records:
        try:
            data, suffix = _serialised(values[record.name])
        except (ImportError, ValueError, TypeError, KeyError, OSError, NotImplementedError) as error:
            warnings.append(f"--snapshot: {record.name} could not be copied: {error}")
            continue
        path = _free_path(f"data/{file_name(record.name)}", suffix, kept)
        kept[path] = ArtifactRecord(path, sink.put_blob(data, suffix))
    return tuple(kept.values())


def file_name(name: str) -> str:
    """Return the name of a dataset as a file may bear it, without a suffix."""
    plain = name.replace("'", "").removesuffix("]")
    return "".join(char if char.isalnum() or char in "-_." else "_" for char in plain)


def _free_path(stem: str, suffix: str, taken: Container[str]) -> str:
    """Tell apart names that differ in nothing that a file name keeps."""
    paths = (f"{stem}{f'-{number}' if number > 1 else ''}{suffix}" for number in itertools.count(1))
    return next(path for path in paths if path not in taken)


def _serialised(value: Any) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    kind = type_name(value)
    if kind.startswith("polars."):
        frame = value if hasattr(value, "write_parquet") else value.to_frame()
        frame.write_parquet(buffer)
        return buffer.getvalue(), ".parquet"
    if kind.startswith("pandas."):
        frame = value if hasattr(value, "to_parquet") else value.to_frame()
        frame.rename(columns=str).to_parquet(buffer)
        return buffer.getvalue(), ".parquet"
    if kind.startswith("pyarrow."):
        return _arrow_bytes(value, buffer), ".parquet"
    if hasattr(value, "tocsr"):
        from scipy import sparse

        sparse.save_npz(buffer, value.tocsr())
        return buffer.getvalue(), ".npz"
    import numpy as np

    np.save(buffer, value.detach().numpy() if hasattr(value, "detach") else value, allow_pickle=False)
    return buffer.getvalue(), ".npy"


def _arrow_bytes(value: Any, buffer: io.BytesIO) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = value if isinstance(value, pa.Table) else None
    if table is None:
        table = (
            pa.Table.from_batches([value])
            if isinstance(value, pa.RecordBatch)
            else pa.table({"values": value})
        )
    pq.write_table(table, buffer)
    return buffer.getvalue()

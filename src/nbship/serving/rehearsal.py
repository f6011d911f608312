"""The server's work in a fresh process, without the libraries that an image would rather not carry.

``python -m nbship.serving.rehearsal FOLDER`` reads two lines of JSON, what to do without and what to do, and prints what it
found. The first may come long before the second, so that the process is ready when the model is.

Public: `Rehearsal`, `Stage`, `rehearse`.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbship.errors import PackagingError
from nbship.model.bundle import Bundle, InputPath, ModelFormat
from nbship.serving.hidden_imports import hide

__all__ = ["Rehearsal", "Stage", "rehearse"]

_RATHER_NOT = ("IPython", "dask", "matplotlib", "mlflow", "pandas", "polars", "pyarrow", "pytest", "torch")
"""Import names that are large, or of no use to a server, and that libraries import only where they are there."""
_MARK = "nbship rehearsal: "
_TIMEOUT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a server with this bundle does.

    Attributes
    ----------
    answer
        The body that the example is answered with, read from JSON; None without an example.
    needs
        Of the libraries that an image would rather not carry, those that it needs.
    imports
        Distributions of which something was imported.
    """

    answer: Any
    needs: tuple[str, ...]
    imports: tuple[str, ...]


class Stage:
    """A process that waits for its task, in which some libraries are not found.

    Parameters
    ----------
    folder
        Where the files of the bundle are.
    without
        Import names that are not found.
    skops
        Whether to import skops while waiting. Only for a bundle that is read with it: what is imported is reported.
    """

    def __init__(self, folder: Path, without: list[str], *, skops: bool = False) -> None:
        self.without = without
        # Nobody changes the files of this environment: its bytecode need not be compared with its sources.
        options = ["--check-hash-based-pycs", "never"]
        self._process = subprocess.Popen(
            [sys.executable, *options, "-m", "nbship.serving.rehearsal", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._send(json.dumps({"without": without, "skops": skops}) + "\n")

    @classmethod
    def for_path(cls, folder: Path, path: InputPath) -> Stage:
        """Return one that waits for a bundle of a skops file which is asked in this way."""
        return cls(folder, _doubtful(path), skops=True)

    def perform(self, task: dict[str, Any]) -> dict[str, Any] | str:
        """Return what the process found, or the last line that it left behind."""
        try:
            said, complaint = self._process.communicate(json.dumps(task) + "\n", _TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.close()
            return f"no answer within {_TIMEOUT_SECONDS} s"
        for line in said.splitlines():
            if line.startswith(_MARK):
                found: dict[str, Any] = json.loads(line.removeprefix(_MARK))
                return found
        return (complaint.strip().splitlines() or [f"exit code {self._process.returncode}"])[-1]

    def close(self) -> None:
        """End the process, where it still waits."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # its last words come with the task
            self._process.stdin.write(line)
            self._process.stdin.flush()


def rehearse(
    folder: Path, bundle: Bundle, trusted: list[str], body: bytes | None, stage: Stage | None = None
) -> Rehearsal:
    """Answer the example as a server would.

    Parameters
    ----------
    stage
        A process that waits already; used where it has what this bundle needs, and no more.

    Raises
    ------
    PackagingError
        When that fails whatever is there.
    """
    given = {
        "bundle": bundle.to_dict(),
        "trusted": trusted,
        "body": body.decode() if body is not None else None,
    }
    doubtful = _doubtful(bundle.input_path)
    certain = set(_RATHER_NOT) - set(doubtful)
    if stage is None or stage.without != doubtful or not _reads_skops(bundle):
        stage = Stage(folder, doubtful)
    found = stage.perform(given)
    if isinstance(found, str):
        certain |= {name for name in doubtful if isinstance(Stage(folder, [name]).perform(given), str)}
        found = Stage(folder, [name for name in _RATHER_NOT if name not in certain]).perform(given)
    if isinstance(found, str):
        certain, found = set(_RATHER_NOT), Stage(folder, []).perform(given)
    if isinstance(found, str):
        raise PackagingError(f"the model does not answer in a process of its own: {found}")
    return Rehearsal(found["answer"], tuple(sorted(certain)), tuple(found["imports"]))


def _doubtful(path: InputPath) -> list[str]:
    """Return what a server may do without, however the model is asked."""
    return [name for name in _RATHER_NOT if name != "pandas" or path is not InputPath.FRAME]


def _reads_skops(bundle: Bundle) -> bool:
    return bundle.format is ModelFormat.SKOPS and not bundle.weights


def _perform(folder: Path) -> dict[str, Any] | None:
    """Do what standard input says; nothing where there is no task any more."""
    setting = json.loads(sys.stdin.readline())
    hide(setting["without"])
    if setting["skops"]:
        _import_skops()
    if not (line := sys.stdin.readline()):
        return None
    task = json.loads(line)
    answer = _answer(folder, Bundle.from_dict(task["bundle"]), task["trusted"], task["body"])
    return {"answer": answer, "imports": _distributions()}


def _import_skops() -> None:
    """Import what a server imports for a skops file, in its order."""
    import nbship.serving.predictor  # noqa: F401, PLC0415 - after the libraries were hidden

    with contextlib.suppress(ImportError):  # told when the model is read
        import skops.io  # noqa: F401, PLC0415


def _answer(folder: Path, bundle: Bundle, trusted: list[str], body: str | None) -> Any:
    from nbship.serving.answers import invocations_body  # noqa: PLC0415 - after the libraries were hidden
    from nbship.serving.parser import Parser  # noqa: PLC0415
    from nbship.serving.policy import TrustPolicy  # noqa: PLC0415
    from nbship.serving.predictor import load_predictor  # noqa: PLC0415

    predictor = load_predictor(folder, bundle, TrustPolicy(frozenset(trusted)))
    if body is None:
        return None
    rows = Parser(bundle).read(body.encode()).rows
    return json.loads(invocations_body(predictor.predict(rows)))["predictions"]


def _distributions() -> list[str]:
    from importlib.metadata import distributions, packages_distributions  # noqa: PLC0415

    known = packages_distributions()
    # Unpacked without a list of its files, a distribution is still known by its name, which most modules share.
    named = {
        distribution.name.lower().replace("-", "_"): distribution.name for distribution in distributions()
    }
    present = {name.partition(".")[0] for name in list(sys.modules)}
    found = {name for top in present for name in known.get(top, ())}
    return sorted((found | {named[top] for top in present if top in named}) - {"nbship"})


if __name__ == "__main__":
    result = _perform(Path(sys.argv[1]))
    if result is not None:
        sys.stdout.write(f"\n{_MARK}{json.dumps(result)}\n")

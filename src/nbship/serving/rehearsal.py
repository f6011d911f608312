"""The server's work in a fresh process, without the libraries that an image would rather not carry.

``python -m nbship.serving.rehearsal FOLDER`` reads ``rehearsal.json`` there and prints what it found.

Public: `Rehearsal`, `rehearse`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbship.errors import PackagingError
from nbship.model.bundle import Bundle, InputPath
from nbship.serving.hidden_imports import hide

__all__ = ["Rehearsal", "rehearse"]

_RATHER_NOT = ("IPython", "dask", "matplotlib", "mlflow", "pandas", "polars", "pyarrow", "pytest", "torch")
"""Import names that are large, or of no use to a server, and that libraries import only where they are there."""
_TASK = "rehearsal.json"
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


def rehearse(folder: Path, bundle: Bundle, trusted: list[str], body: bytes | None) -> Rehearsal:
    """Answer the example as a server would.

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
    certain = {"pandas"} if bundle.input_path is InputPath.FRAME else set()
    doubtful = [name for name in _RATHER_NOT if name not in certain]
    found = _run(folder, given, doubtful)
    if isinstance(found, str):
        certain |= {name for name in doubtful if isinstance(_run(folder, given, [name]), str)}
        found = _run(folder, given, [name for name in _RATHER_NOT if name not in certain])
    if isinstance(found, str):
        certain, found = set(_RATHER_NOT), _run(folder, given, [])
    if isinstance(found, str):
        raise PackagingError(f"the model does not answer in a process of its own: {found}")
    return Rehearsal(found["answer"], tuple(sorted(certain)), tuple(found["imports"]))


def _run(folder: Path, given: dict[str, Any], without: list[str]) -> dict[str, Any] | str:
    """Return what the process found, or the last line that it left behind."""
    (folder / _TASK).write_text(json.dumps({**given, "without": without}), encoding="utf-8")
    command = [sys.executable, "-m", "nbship.serving.rehearsal", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"no answer within {_TIMEOUT_SECONDS} s"
    finally:
        (folder / _TASK).unlink(missing_ok=True)
    for line in done.stdout.splitlines():
        if line.startswith(_MARK):
            found: dict[str, Any] = json.loads(line.removeprefix(_MARK))
            return found
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def _perform(folder: Path) -> dict[str, Any]:
    task = json.loads((folder / _TASK).read_text(encoding="utf-8"))
    hide(task["without"])
    answer = _answer(folder, Bundle.from_dict(task["bundle"]), task["trusted"], task["body"])
    return {"answer": answer, "imports": _distributions()}


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
    sys.stdout.write(f"\n{_MARK}{json.dumps(result)}\n")

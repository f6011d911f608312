"""The kernel's side of a step: who executes a notebook asks for these by silent requests, before and after its cells."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from IPython.core.getipython import get_ipython

from nbship.capture.datasets import located
from nbship.capture.distributions import distributions_of, installed_versions
from nbship.capture.local_modules import local_modules
from nbship.capture.requirements import distribution_of
from nbship.magics import extension
from nbship.model.codec import decode, encode
from nbship.model.run import RunStatus
from nbship.model.step import RunTicket
from nbship.pipeline.execution.hiding import shown_forms

__all__ = ["Answer", "begin", "conclude", "prefill"]

_INFRASTRUCTURE = frozenset(
    {
        *("ipykernel", "ipython", "jupyter-client", "jupyter-core", "traitlets", "tornado", "pyzmq", "comm"),
        *("debugpy", "psutil", "nest-asyncio", "matplotlib-inline", "decorator", "pygments", "stack-data"),
        *("executing", "asttokens", "pure-eval", "prompt-toolkit", "wcwidth", "jedi", "parso", "pexpect"),
        *("ptyprocess", "platformdirs", "ipython-pygments-lexers", "blake3", "nbship", "setuptools"),
    }
)
"""What every kernel loads, and nothing that a notebook computes depends on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON object that reaches the other side of a `user_expressions` request unchanged."""

    value: dict[str, Any]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": "nbship", "application/json": self.value}


def begin(text: str) -> Answer:
    """Begin to record this kernel as a step; `text` is JSON with `ticket`, `params`, `started_ms`, `uses_mlflow`, `secrets`."""
    request = json.loads(text)
    shell = get_ipython()
    extension.load(shell)
    tracker = extension.loaded(shell).tracker
    for value in request["secrets"].values():
        for form in shown_forms(value):
            tracker.session.masker.add(form)
    tracker.begin_step(
        decode(RunTicket, request["ticket"]),
        request["params"],
        started_ms=request["started_ms"],
        uses_mlflow=request["uses_mlflow"],
    )
    return Answer({})


def conclude(status: str) -> Answer:
    """End the record of the step but for its last word, and answer what the kernel knows of it."""
    tracker = extension.loaded(get_ipython()).tracker
    session, run = tracker.session, tracker.session.session_run
    ended = tracker.conclude_step(RunStatus(status))
    cells = [
        session.ledger.entries[index].cell for index in ended.cells if index < len(session.ledger.entries)
    ]
    project: Path = tracker.settings().project
    return Answer(
        {
            "ended": encode(ended),
            "metrics": {} if run is None else dict(run.metrics),
            "warnings": [] if run is None else list(run.warnings),
            "files_read": [
                encode(replace(record, path=_path(located(record.path, project), project)))
                for cell in cells
                for record in cell.files_read
            ],
            "modules": local_modules(project),
            "distributions": _loaded_distributions(),
        }
    )


def _path(path: Path, project: Path) -> str:
    """Return a path by which the file can be found: relative inside the project, absolute elsewhere."""
    return path.relative_to(project).as_posix() if path.is_relative_to(project) else str(path)


def _loaded_distributions() -> dict[str, str]:
    pairs = (item.partition("==") for item in distributions_of(list(sys.modules)).values())
    return {name: version for name, _, version in sorted(pairs) if name not in _INFRASTRUCTURE}


def prefill() -> None:
    """Look up once what every kernel would look up at its first run; a fork server calls this before it forks."""
    installed_versions()
    for module in distributions_of(list(sys.modules)):
        distribution_of(module)
    local_modules(Path.cwd())

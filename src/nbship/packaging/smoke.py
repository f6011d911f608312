"""The smoke test: the recorded example, asked of the real server, must give the recorded predictions.

Public: ``replay(endpoint, bundle_folder, …) -> SmokeTest``, ``run_smoke_test(start, bundle_folder, …) -> SmokeTest``.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from nbship.errors import PackagingError, SmokeTestError
from nbship.model.image import SmokeTest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["StartedServer", "replay", "run_smoke_test"]

_TOLERANCE = 1e-9
"""Relative, for numbers: sums may be taken in another order on another machine."""
_SHOWN = 5
_LONGEST_VALUE = 80
_MOST_ANSWER_BYTES = 256 << 20


class StartedServer(Protocol):
    """A server that was started; `nbship.packaging.process.RunningProcess` is one."""

    @property
    def url(self) -> str:
        """Where it answers."""

    def wait_ready(self, timeout_seconds: float = ...) -> float:
        """Return the seconds from the start to the first ready answer."""

    def stop(self) -> object:
        """Stop it."""

    def stderr_tail(self) -> str:
        """Return the last of what it said."""


def run_smoke_test(
    start: Callable[[], StartedServer],
    bundle_folder: Path,
    *,
    where: str = "process",
    timeout_seconds: float = 60.0,
) -> SmokeTest:
    """Start a server, replay the example, and stop it, whatever happens.

    Parameters
    ----------
    start
        Starts it.
    bundle_folder
        The bundle that it serves.
    where
        What it runs in, for the report.
    timeout_seconds
        For getting ready, and for the answer.

    Raises
    ------
    SmokeTestError
        When it does not get ready, or answers other than the model did.
    """
    server = start()
    try:
        ready = _ready(server, timeout_seconds)
        return replay(
            server.url, bundle_folder, where=where, ready_seconds=ready, timeout_seconds=timeout_seconds
        )
    finally:
        server.stop()


def _ready(server: StartedServer, timeout_seconds: float) -> float:
    try:
        return server.wait_ready(timeout_seconds)
    except SmokeTestError:
        raise
    except PackagingError as error:
        raise SmokeTestError(f"the image was built, but its server does not start: {error}") from error


def replay(
    endpoint: str,
    bundle_folder: Path,
    *,
    where: str,
    ready_seconds: float = 0.0,
    timeout_seconds: float = 30.0,
) -> SmokeTest:
    """Ask a server for its bundle's example, and compare with the recorded predictions.

    Returns
    -------
    SmokeTest
        With a note, and no rows, where the bundle has no example.

    Raises
    ------
    SmokeTestError
        When the server refuses, or its predictions differ: numbers by more than 1e-9 relative, anything else at all.
        The message shows the first rows that do.
    """
    example = _example(bundle_folder / "example.json")
    if example is None:
        return SmokeTest(
            where, ready_seconds=ready_seconds, note="the model has no recorded example to be replayed"
        )
    found = _ask(f"{endpoint.rstrip('/')}/invocations", example, timeout_seconds)
    expected = example["predictions"]
    if len(found) != len(expected):
        raise SmokeTestError(
            f"the server answers {len(found)} predictions where the model gave {len(expected)}; nothing was tagged"
        )
    difference = _Difference()
    wrong = [
        row
        for row, (mine, theirs) in enumerate(zip(expected, found, strict=True))
        if not difference.fits(mine, theirs)
    ]
    if wrong:
        raise SmokeTestError(_disagreement(wrong, expected, found))
    return SmokeTest(where, len(expected), ready_seconds, difference.largest)


def _example(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found if isinstance(found, dict) and found.get("predictions") else None


def _ask(url: str, example: dict[str, Any], timeout_seconds: float) -> list[Any]:
    tabular = "columns" in example
    content = {key: example[key] for key in ("columns", "data")} if tabular else example["inputs"]
    body = json.dumps({"dataframe_split" if tabular else "inputs": content}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - http, see process
    # The server is on this machine: no proxy stands between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout_seconds) as answer:
            found = json.loads(answer.read(_MOST_ANSWER_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            said = _message(error.read(_MOST_ANSWER_BYTES))
        raise SmokeTestError(
            f"the server refuses the model's own example with status {error.code}: {said}"
        ) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise SmokeTestError(f"the server does not answer the model's own example: {error}") from error
    return list(found["predictions"])


def _message(body: bytes) -> str:
    try:
        found = json.loads(body)
        problems = "; ".join(str(one.get("message", "")) for one in found.get("problems", ())[:_SHOWN])
        return " ".join(part for part in (str(found.get("message", "")), problems) if part)
    except (ValueError, AttributeError, TypeError):
        return body[:500].decode("utf-8", "replace")


@dataclass(slots=True)
class _Difference:
    """Compares predictions, and keeps the largest difference of numbers."""

    largest: float = field(default=0.0)

    def fits(self, expected: Any, found: Any) -> bool:
        """Say whether two predictions are the same."""
        if isinstance(expected, list) and isinstance(found, list):
            fitting = [self.fits(mine, theirs) for mine, theirs in zip(expected, found, strict=False)]
            return len(expected) == len(found) and all(fitting)
        if isinstance(expected, dict) and isinstance(found, dict):
            fitting = [self.fits(expected[key], found[key]) for key in expected.keys() & found.keys()]
            return expected.keys() == found.keys() and all(fitting)
        if _is_number(expected) and _is_number(found):
            return self._fit(float(expected), float(found))
        return type(expected) is type(found) and bool(expected == found)

    def _fit(self, expected: float, found: float) -> bool:
        if expected == found:
            return True
        self.largest = max(self.largest, abs(expected - found))
        return abs(expected - found) <= _TOLERANCE * max(abs(expected), abs(found))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _disagreement(wrong: list[int], expected: list[Any], found: list[Any]) -> str:
    shown = "; ".join(
        f"row {row}: expected {_short(expected[row])}, got {_short(found[row])}" for row in wrong[:_SHOWN]
    )
    more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    return (
        f"the server does not answer as the model did, in {len(wrong)} of {len(expected)} rows ({shown}{more}). "
        "Nothing was tagged. Other versions of the libraries, or another processor, compute something else: track the "
        "run again with what is installed now."
    )


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"

"""How much output of one cell an executed notebook keeps; what is left out is said in its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["MAX_RICH_BYTES", "MAX_STREAM_CHARACTERS", "OutputBudget"]

MAX_STREAM_CHARACTERS = 10_000_000
"""Of each stream of a cell: the first half of this is kept, and the last half."""

MAX_RICH_BYTES = 50_000_000
"""Of all displays of a cell together."""


@dataclass(slots=True)
class _Stream:
    """One run of text of one stream, gathered in pieces: joining at each message would be quadratic."""

    output: dict[str, Any]
    pieces: list[str] = field(default_factory=list)


@dataclass(slots=True)
class OutputBudget:
    """Adds outputs to one cell within the caps."""

    characters: dict[str, int] = field(default_factory=dict)
    rich_bytes: int = 0
    _stream: _Stream | None = None
    _tails: dict[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        """About how much of the cell's output is kept, in bytes."""
        return self.rich_bytes + sum(min(used, MAX_STREAM_CHARACTERS) for used in self.characters.values())

    def add_stream(self, outputs: list[Any], name: str, text: str) -> None:
        """Add text to a stream; what goes beyond the first half waits until `settle`."""
        used = self.characters.get(name, 0)
        self.characters[name] = used + len(text)
        room = max(0, MAX_STREAM_CHARACTERS // 2 - used)
        if len(text) > room:
            tail = self._tails.get(name, "") + text[room:]
            # Cut now and then only: a tail is copied as a whole.
            self._tails[name] = (
                tail[-MAX_STREAM_CHARACTERS // 2 :] if len(tail) > MAX_STREAM_CHARACTERS else tail
            )
        if room:
            self._append(outputs, name, text[:room])

    def _append(self, outputs: list[Any], name: str, text: str) -> None:
        stream = self._stream
        if stream is None or not outputs or outputs[-1] is not stream.output or stream.output["name"] != name:
            self.settle_stream()
            outputs.append(_stream_output(name))
            stream = self._stream = _Stream(outputs[-1])
        stream.pieces.append(text)

    def admits(self, outputs: list[Any], content: dict[str, Any]) -> bool:
        """Say whether a display fits into the budget; one that does not is replaced by a line that says so."""
        size = sum(len(str(data)) for data in content.get("data", {}).values())
        if self.rich_bytes + size <= MAX_RICH_BYTES:
            self.rich_bytes += size
            return True
        text = f"[nbship: an output of {_megabytes(size)} is left out; a cell keeps {_megabytes(MAX_RICH_BYTES)} of displays]\n"
        self._append(outputs, "stderr", text)
        return False

    def settle_stream(self) -> None:
        """Write the gathered text into its output."""
        if self._stream is not None:
            self._stream.output["text"] = "".join(self._stream.pieces)
            self._stream.pieces = [self._stream.output["text"]]

    def settle(self, outputs: list[Any]) -> None:
        """Bring the outputs into their final form: text joined, tails added behind a line that says what lies between."""
        self.settle_stream()
        for name, tail in self._tails.items():
            kept = tail[-MAX_STREAM_CHARACTERS // 2 :]
            missing = self.characters[name] - MAX_STREAM_CHARACTERS // 2 - len(kept)
            note = f"\n[nbship: {missing:,} characters of {name} are left out here; a cell keeps {MAX_STREAM_CHARACTERS:,}]\n"
            self._append(outputs, name, (note if missing else "") + kept)
        self._tails = {}
        self.settle_stream()


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _stream_output(name: str) -> Any:
    from nbformat.v4 import new_output

    return new_output("stream", name=name, text="")

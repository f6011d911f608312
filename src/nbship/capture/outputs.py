"""What a cell showed, as nbformat 4 outputs of bounded size and without secrets."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbship.capture.secrets import Masker
    from nbship.model.cell import CellError

__all__ = ["OutputLimits", "collect_outputs", "error_output", "plain_traceback"]

_STREAMS = {"out_stream": "stdout", "err_stream": "stderr"}
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_PLAIN_TYPES = ("text/", "application/json", "application/javascript", "image/svg+xml")
_STRUCTURED = ("application/json", "+json")


@dataclass(frozen=True, slots=True)
class OutputLimits:
    """How much of the outputs of a cell is kept.

    Attributes
    ----------
    text
        Characters of one output; head and tail are kept.
    image
        Bytes of one image, as base64.
    cell
        Characters and bytes of all outputs of a cell.
    outputs
        Number of outputs; the first and the last are kept.
    """

    text: int = 200_000
    image: int = 2_000_000
    cell: int = 4_000_000
    outputs: int = 200


def collect_outputs(
    history_outputs: Iterable[Any],
    execution_count: int | None,
    *,
    masker: Masker,
    limits: OutputLimits | None = None,
) -> tuple[tuple[dict[str, Any], ...], bool]:
    """Turn what IPython recorded of a cell into outputs of a notebook.

    Parameters
    ----------
    history_outputs
        ``ip.history_manager.outputs[n]``: objects with `output_type` and `bundle`.
    execution_count
        Number for the ``execute_result``.
    masker
        Hides secrets in text, not in images.
    limits
        What is kept; the defaults fit a tracking store.

    Returns
    -------
    outputs, truncated
        Outputs of nbformat 4, and whether anything was left out.
    """
    return _Collector(execution_count, masker, limits or OutputLimits()).collect(list(history_outputs))


class _Collector:
    def __init__(self, execution_count: int | None, masker: Masker, limits: OutputLimits) -> None:
        self._count = execution_count
        self._masker = masker
        self._limits = limits
        self._used = 0
        self._truncated = False

    def collect(self, recorded: list[Any]) -> tuple[tuple[dict[str, Any], ...], bool]:
        outputs = []
        for item in self._bounded(list(_merged(recorded))):
            output = self._output(*item)
            self._used += _size(output)
            if self._used > self._limits.cell:
                self._truncated = True
                outputs.append(_note("further outputs were left out: the cell shows more than is kept"))
                break
            outputs.append(output)
        return tuple(outputs), self._truncated

    def _bounded(self, items: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        excess = len(items) - self._limits.outputs
        if excess <= 0:
            return items
        self._truncated = True
        half = self._limits.outputs // 2
        return [*items[:half], ("note", f"{excess} outputs were left out here"), *items[len(items) - half :]]

    def _output(self, kind: str, content: Any) -> dict[str, Any]:
        if kind == "note":
            return _note(content)
        if kind in _STREAMS:
            return {
                "output_type": "stream",
                "name": _STREAMS[kind],
                "text": self._text(_final_lines(content)),
            }
        output: dict[str, Any] = {"output_type": kind, "metadata": {}, "data": self._bundle(content)}
        if kind == "execute_result":
            output["execution_count"] = self._count
        return output

    def _bundle(self, bundle: dict[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for mime, value in bundle.items():
            kept = self._value(str(mime), value)
            if kept is not None:
                data[str(mime)] = kept
        if not data or (len(data) < len(bundle) and "text/plain" not in data):
            data["text/plain"] = "[nbship: an output of this kind and size is not kept]"
        return data

    def _value(self, mime: str, value: Any) -> Any:
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode("ascii")
        if isinstance(value, str):
            return self._text(value) if mime.startswith(_PLAIN_TYPES) else self._image(value)
        if (
            isinstance(value, list)
            and all(isinstance(line, str) for line in value)
            and not mime.endswith(_STRUCTURED)
        ):
            return self._text("".join(value))
        return self._structure(value)

    def _image(self, value: str) -> str | None:
        if len(value) <= self._limits.image:
            return value
        self._truncated = True
        return None

    def _structure(self, value: Any) -> Any:
        if _length(value) > self._limits.image:
            self._truncated = True
            return None
        return self._masker.mask_json(_jsonable(value))

    def _text(self, text: str) -> str:
        limit = self._limits.text
        # Masked with the cut ends, so that a secret on the edge is whole when it is looked at.
        if len(text) > 2 * limit:
            return self._cut(text[:limit] + text[-limit:], len(text) - limit)
        return self._cut(text, len(text) - limit)

    def _cut(self, text: str, excess: int) -> str:
        masked = self._masker.mask(text, python=False).text
        if excess <= 0:
            return masked
        self._truncated = True
        half = self._limits.text // 2
        return f"{masked[:half]}\n[nbship: {excess:,} characters were left out here]\n{masked[-half:]}"


def _merged(recorded: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield kind and content, with neighbouring writes to one stream joined."""
    stream = ""
    pieces: list[str] = []
    for item in recorded:
        kind, bundle = item.output_type, item.bundle
        if pieces and kind != stream:
            yield stream, "".join(pieces)
            pieces = []
        if kind in _STREAMS:
            stream = kind
            pieces += [str(piece) for piece in bundle.get("stream", ())]
        elif kind in ("display_data", "execute_result"):
            yield kind, bundle
    if pieces:
        yield stream, "".join(pieces)


def _final_lines(text: str) -> str:
    """Keep what a terminal would show at the end of lines that were written over, as progress bars do."""
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(_last_state(line) if "\r" in line else line for line in lines)


def _last_state(line: str) -> str:
    states = [state for state in line.split("\r") if state.removeprefix("\x1b[2K")]
    return states[-1] if states else ""


def _note(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stderr", "text": f"[nbship: {text}]\n"}


def _size(output: dict[str, Any]) -> int:
    return len(output["text"]) if "text" in output else _length(output["data"])


def _length(value: Any) -> int:
    """Return about how many characters the value takes as JSON."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(str(key)) + _length(item) + 4 for key, item in value.items())
    if isinstance(value, list | tuple):
        return sum(_length(item) + 2 for item in value)
    return 8


def _jsonable(value: Any) -> Any:
    """Return nested JSON types; anything else becomes its text, as the front end never saw more."""
    if isinstance(value, dict):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def error_output(error: CellError) -> dict[str, Any]:
    """Return the nbformat output of an exception."""
    return {
        "output_type": "error",
        "ename": error.ename,
        "evalue": error.evalue,
        "traceback": list(error.traceback),
    }


def plain_traceback(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines of a traceback without colours, one line an item."""
    return tuple(_ANSI.sub("", line) for text in lines for line in text.split("\n"))

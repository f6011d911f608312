"""A graph as inline SVG: no script, no file, no id that could clash with another output of the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from nbship.display.graph_layout import GraphLayout, laid_out
from nbship.display.plain_line import columns, one_line
from nbship.display.state_look import state_class

if TYPE_CHECKING:
    from nbship.model.step import StepState

__all__ = ["DRAWING_STYLE", "Face", "drawing"]

_NARROWEST, _WIDEST = 152.0, 240.0
_PADDING = 12.0
_LINE = 16.0
_FIRST_LINE = 18.0
_BOTTOM = 16.0
_TALLEST = 620.0
"""Graphs that would be taller show fewer lines a box, in pixels."""

_BAR = 3.0
_SIZES = {"name": 13.0, "text": 11.5}
_BOLD = 1.1

DRAWING_STYLE = """
.nbship .nbship-graph{overflow-x:auto;margin:6px 0;padding:2px 0}
.nbship .nbship-graph svg{display:block;max-width:none}
.nbship .nbship-graph text{font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-variant-numeric:tabular-nums}
.nbship .nbship-graph .nbship-edge{stroke:var(--jp-ui-font-color3,#9e9e9e)}
.nbship .nbship-graph .nbship-arrow{fill:var(--jp-ui-font-color3,#9e9e9e)}
.nbship .nbship-box rect,.nbship .nbship-box path{stroke:var(--nbship-state)}
.nbship .nbship-box .nbship-fill{fill:var(--nbship-state);stroke:none}
.nbship .nbship-box .nbship-dim{fill:var(--jp-ui-font-color2,#757575)}
.nbship .nbship-box .nbship-sign{fill:var(--nbship-state)}
"""


@dataclass(frozen=True, slots=True)
class Face:
    """What one box of the graph shows.

    Attributes
    ----------
    lines
        Up to two lines below the name; the first in the state's colour, the second quiet.
    share
        How much of a running step is done, from 0 to 1; None draws no bar.
    title
        What a pointer that rests on the box is told, and a screen reader.
    """

    name: str
    sign: str
    state: StepState
    lines: tuple[str, ...] = ()
    share: float | None = None
    title: str = ""


def drawing(faces: list[Face], edges: list[tuple[int, int]], label: str) -> str:
    """Return the graph as SVG in a box that scrolls; `edges` are pairs of indices of `faces`, `label` says it in words."""
    layout = _layout(faces, edges)
    if layout.height > _TALLEST:
        faces = [replace(face, lines=face.lines[:1]) for face in faces]
        layout = _layout(faces, edges)
    parts = [_edge(layout, index) for index in range(len(layout.edges))]
    parts += [_box(face, box) for face, box in zip(faces, layout.boxes, strict=True)]
    size = f'width="{layout.width:.0f}" height="{layout.height:.0f}" viewBox="0 0 {layout.width:.0f} {layout.height:.0f}"'
    svg = f'<svg role="img" aria-label="{escape(label)}" {size}>{"".join(parts)}</svg>'
    return f'<div class="nbship-graph">{svg}</div>'


def _layout(faces: list[Face], edges: list[tuple[int, int]]) -> GraphLayout:
    rows = max((len(face.lines) for face in faces), default=0)
    height = _FIRST_LINE + rows * _LINE + _BOTTOM
    return laid_out(tuple(_width(face) for face in faces), tuple(edges), height)


def _width(face: Face) -> float:
    wanted = max(
        _measured(f"{face.sign} {face.name}", "name"),
        *(_measured(line, "text") for line in face.lines[:1]),
        0.0,
    )
    # In steps, so that a clock that ticks does not make the boxes breathe.
    wide = _NARROWEST if wanted <= _NARROWEST else _NARROWEST + 26.0 * -((_NARROWEST - wanted) // 26.0)
    return min(wide, _WIDEST)


def _measured(text: str, kind: str) -> float:
    """Return about how wide a text is drawn; fonts differ, so rather too much."""
    return _em(one_line(text)) * _SIZES[kind] * (_BOLD if kind == "name" else 1.0) + 2 * _PADDING


def _em(text: str) -> float:
    return sum(_em_of(char) for char in text)


def _em_of(char: str) -> float:
    if char in "iljtfr.,:;'|![]() ":
        return 0.37
    if char in "mwMW@%<>=+~…":
        return 0.95
    return 0.62 if char.islower() or char.isdigit() or char in "-_" else 0.7 * max(columns(char), 0.5)


def _clipped(text: str, kind: str, width: float) -> str:
    line = one_line(text)
    if _measured(line, kind) <= width:
        return line
    while line and _measured(line + "…", kind) > width:
        line = line[:-1]
    return line.rstrip() + "…"


def _edge(layout: GraphLayout, index: int) -> str:
    """A line that leaves and enters level, straight through passages, with a head of its own."""
    _, _, points = layout.edges[index]
    (x, y), (end, last) = points[0], points[-1]
    path = [f"M{x:.1f} {y:.1f}"]
    tip = end - 5
    for number in range(0, len(points), 2):
        (x1, y1), (x2, y2) = points[number], points[number + 1]
        x2 = tip if number == len(points) - 2 else x2
        middle = (x1 + x2) / 2
        if number:
            path.append(f"L{x1:.1f} {y1:.1f}")
        path.append(f"C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}")
    head = f"M{end:.1f} {last:.1f}l-8 -4v8z"
    return (
        f'<path class="nbship-edge" d="{"".join(path)}" fill="none" stroke="#9e9e9e" stroke-width="1.4"/>'
        f'<path class="nbship-arrow" d="{head}" fill="#9e9e9e"/>'
    )


_DASHES = {"cached": "5 3", "waiting": "1.5 3", "not run": "1.5 3"}
_TINTS = {"completed": 0.10, "failed": 0.14, "timed out": 0.14, "killed": 0.12, "running": 0.12}
_QUIET = frozenset({"waiting", "not run"})
_STRONG = frozenset({"failed", "timed out", "running", "killed"})


def _box(face: Face, box: tuple[float, float, float, float]) -> str:
    left, top, width, height = box
    frame = f'x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="7"'
    dash = f' stroke-dasharray="{_DASHES[face.state]}"' if face.state in _DASHES else ""
    quiet = ' stroke-opacity="0.6"' if face.state in _QUIET else ""
    tint = _TINTS.get(face.state, 0.0)
    parts = [
        f"<title>{escape(face.title or face.name)}</title>",
        f'<rect class="nbship-fill" {frame} fill="#9e9e9e" fill-opacity="{tint}"/>',
        f'<rect {frame} fill="none" stroke="#757575" stroke-width="{2 if face.state in _STRONG else 1.4}"{dash}{quiet}/>',
        _name(face, left, top, width),
        *_lines(face, left, top, width),
        *_bar(face, left, top + height, width),
    ]
    # The line ends keep words apart where a page drops the drawing and leaves its text.
    inner = "\n".join(parts)
    return f'<g class="nbship-box {state_class(face.state)}">{inner}</g>\n'


def _name(face: Face, left: float, top: float, width: float) -> str:
    name = _clipped(face.name, "name", width - _em(face.sign + " ") * _SIZES["name"])
    sign = f'<tspan class="nbship-sign">{escape(face.sign)}</tspan>'
    return (
        f'<text x="{left + _PADDING:.1f}" y="{top + _FIRST_LINE + 2:.1f}" font-size="{_SIZES["name"]}"'
        f' font-weight="600" fill="currentColor">{sign} {escape(name)}</text>'
    )


def _lines(face: Face, left: float, top: float, width: float) -> list[str]:
    return [
        f'<text class="nbship-{"dim" if number else "sign"}" x="{left + _PADDING:.1f}"'
        f' y="{top + _FIRST_LINE + 2 + number * _LINE + _LINE:.1f}" font-size="{_SIZES["text"]}"'
        f' fill="currentColor">{escape(_clipped(line, "text", width))}</text>'
        for number, line in enumerate(face.lines)
    ]


def _bar(face: Face, left: float, bottom: float, width: float) -> list[str]:
    if face.share is None:
        return []
    room = width - 2 * _PADDING
    at = f'x="{left + _PADDING:.1f}" y="{bottom - _BAR - 6:.1f}" height="{_BAR}" rx="1.5"'
    share = min(max(face.share, 0.0), 1.0)
    return [
        f'<rect class="nbship-fill" {at} width="{room:.1f}" fill="#9e9e9e" fill-opacity="0.2"/>',
        f'<rect class="nbship-fill" {at} width="{room * share:.1f}" fill="#757575"/>',
    ]

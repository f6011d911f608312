"""The look that every inline result shares: theme variables of JupyterLab with fallbacks for everywhere else."""

from __future__ import annotations

from datetime import datetime
from html import escape

__all__ = ["ID_DIGITS", "STATUS_SIGNS", "counted", "moment", "number", "seconds", "styled", "table", "tag"]

ID_DIGITS = 8
"""How much of a run id is shown; `nbship show` takes it for the whole."""

STATUS_SIGNS = {"FINISHED": "✓", "FAILED": "✗", "KILLED": "■", "RUNNING": "…", "SCHEDULED": "…"}
"""A sign beside each status, so that colour is never the only signal."""

# The class stands twice where JupyterLab styles the same elements of every output.
_STYLE = """
.nbship{font:13px/1.5 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color1,inherit)}
.nbship.nbship code{font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:12px;background:none;color:inherit}
.nbship .nbship-dim{color:var(--jp-ui-font-color2,#757575)}
.nbship .nbship-FINISHED{color:var(--jp-success-color1,#2e7d32)}
.nbship .nbship-FAILED{color:var(--jp-error-color1,#c62828)}
.nbship .nbship-KILLED,.nbship .nbship-warn{color:var(--jp-warn-color0,#b26a00)}
.nbship.nbship table{border-collapse:collapse;margin:4px 0;font-variant-numeric:tabular-nums}
.nbship.nbship th,.nbship.nbship td{text-align:left;padding:3px 14px 3px 0;border:0;background:none;vertical-align:top;max-width:32em}
.nbship.nbship td.nbship-u{white-space:nowrap}
.nbship.nbship td.nbship-n,.nbship.nbship th.nbship-n{text-align:right}
.nbship.nbship thead th{border-bottom:1px solid var(--jp-border-color1,#bdbdbd);font-weight:600;white-space:nowrap}
.nbship.nbship tbody tr:nth-child(even) td{background:var(--jp-rendermime-table-row-background,rgba(128,128,128,.06))}
"""


def styled(body: str) -> str:
    """Wrap HTML that is escaped already in the shared look."""
    return f'<div class="nbship"><style>{_STYLE}</style>{body}</div>'


def tag(name: str, text: object, css: str = "", *, title: str = "") -> str:
    """Return an element with escaped text; `css` is appended to the class prefix of nbship."""
    css_part = f' class="{" ".join(f"nbship-{part}" for part in css.split())}"' if css else ""
    title_part = f' title="{escape(title)}"' if title else ""
    return f"<{name}{css_part}{title_part}>{escape(str(text))}</{name}>"


def table(
    head: list[str],
    rows: list[list[str]],
    numeric: frozenset[int] = frozenset(),
    unbroken: frozenset[int] = frozenset(),
) -> str:
    """Return a table; cells are HTML that is escaped already.

    Columns in `numeric` are set to the right, those in `unbroken` stay on one line.
    """

    def cells(name: str, items: list[str]) -> str:
        return "".join(f"<{name}{css(i)}>{item}</{name}>" for i, item in enumerate(items))

    def css(column: int) -> str:
        return " class=nbship-n" if column in numeric else " class=nbship-u" if column in unbroken else ""

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', [escape(h) for h in head])}</tr></thead><tbody>{body}</tbody></table>"


def counted(number_of: int, word: str) -> str:
    """Return the number with its word, in the plural where there is not one: ``3 cells``."""
    return f"{number_of:,} {word}{'' if number_of == 1 else 's'}"


def moment(milliseconds: int) -> str:
    """Return a time since the epoch in the clock of this machine, with the date."""
    return datetime.fromtimestamp(milliseconds / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def number(value: float) -> str:
    """Return a number with four significant digits, whole numbers whole."""
    if abs(value) < _LARGEST_WHOLE and value == int(value):
        return f"{int(value):,}"
    return f"{value:.4g}"


_LARGEST_WHOLE = 1e15  # below, every whole number is a float of its own
_TEN_SECONDS = 10
_MINUTE = 60
_HOUR = 60


def seconds(value: float | None) -> str:
    """Return a duration for a person: ``0.42 s``, ``12 s``, ``3 min 5 s``, ``2 h 1 min``."""
    if value is None:
        return "—"
    if value < _TEN_SECONDS:
        return f"{value:.2g} s"
    if round(value) < _MINUTE:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), _MINUTE)
    return f"{minutes} min {rest} s" if minutes < _HOUR else f"{minutes // 60} h {minutes % 60} min"

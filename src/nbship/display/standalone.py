"""A result as a whole document: what is shown inline, on a page that needs no notebook, no network and no script."""

from __future__ import annotations

from html import escape

from nbship.display.plain_line import clip

__all__ = ["standalone"]

_TITLE_WIDTH = 120

# The names are those of JupyterLab's themes, so that inline parts look the same here and there.
_LIGHT = {
    "ui-font-color0": "#000",
    "ui-font-color1": "#1f2328",
    "ui-font-color2": "#636c76",
    "ui-font-color3": "#9aa1a9",
    "layout-color0": "#fff",
    "layout-color1": "#fff",
    "layout-color2": "#f1f3f5",
    "layout-color3": "#d6dade",
    "border-color0": "#b9c0c7",
    "border-color1": "#c6ccd2",
    "border-color2": "#dfe3e7",
    "border-color3": "#eceff1",
    "brand-color0": "#0d47a1",
    "brand-color1": "#1968c4",
    "brand-color2": "#64a5ea",
    "brand-color3": "#c4dcf7",
    "success-color0": "#1b5e20",
    "success-color1": "#2b7a3d",
    "error-color0": "#9b1c1c",
    "error-color1": "#c62828",
    "warn-color0": "#b04a00",
    "warn-color1": "#d97706",
    "rendermime-table-row-background": "#f7f8f9",
    "rendermime-table-row-hover-background": "#eaf3fd",
}
_DARK = {
    "ui-font-color0": "#fff",
    "ui-font-color1": "#e3e6ea",
    "ui-font-color2": "#9aa4af",
    "ui-font-color3": "#6b7580",
    "layout-color0": "#14171b",
    "layout-color1": "#181b20",
    "layout-color2": "#23272e",
    "layout-color3": "#363c45",
    "border-color0": "#59626d",
    "border-color1": "#434b55",
    "border-color2": "#323942",
    "border-color3": "#262c33",
    "brand-color0": "#90c2f9",
    "brand-color1": "#5aa2f0",
    "brand-color2": "#3d7fc6",
    "brand-color3": "#1f4470",
    "success-color0": "#8ad39a",
    "success-color1": "#62bd77",
    "error-color0": "#ff9a92",
    "error-color1": "#ff7b72",
    "warn-color0": "#f5a35c",
    "warn-color1": "#e08e3c",
    "rendermime-table-row-background": "#1c2026",
    "rendermime-table-row-hover-background": "#1e2b3a",
}
_FONTS = (
    '--jp-ui-font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;'
    '--jp-code-font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;'
)

_PAGE = """
body{margin:0;background:var(--jp-layout-color1);color:var(--jp-ui-font-color1);-webkit-text-size-adjust:100%}
main{box-sizing:border-box;max-width:1240px;margin:0 auto;padding:28px 32px 56px}
@media (max-width:640px){main{padding:16px 14px 32px}}
@media print{main{max-width:none;padding:0}}
"""


def standalone(title: str, body: str) -> str:
    """Return a whole HTML document that is light or dark as the reader's system is.

    Parameters
    ----------
    title
        What the window is called; any text.
    body
        HTML that is escaped already, such as an inline result of `nbship.display.page.styled`.
    """
    dark = f"@media (prefers-color-scheme:dark){{:root{{{_variables(_DARK)}}}}}"
    style = f":root{{color-scheme:light dark;{_FONTS}{_variables(_LIGHT)}}}{dark}{_PAGE}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(clip(title, _TITLE_WIDTH))}</title><style>{style}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--jp-{name}:{value};" for name, value in colours.items())

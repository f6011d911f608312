"""``nbship doctor`` as text."""

from __future__ import annotations

from typing import Any

__all__ = ["doctor_text"]

_SIGNS = {True: "✓", False: "✗", None: "–"}


def doctor_text(diagnosis: dict[str, Any]) -> str:
    """Return checks and settings, a line each."""
    checks = diagnosis["checks"]
    width = max(len(check["name"]) for check in checks)
    lines = [
        f"{_SIGNS[check['ok']]} {check['name']:<{width}}  {check['found']}"
        + (f"   ({check['hint']})" if check["hint"] else "")
        for check in checks
    ]
    settings = diagnosis["settings"]
    width = max(len(item["name"]) for item in settings)
    values = max(len(item["value"]) for item in settings)
    lines += ["", "settings"]
    lines += [f"  {item['name']:<{width}}  {item['value']:<{values}}  {item['origin']}" for item in settings]
    return "\n".join(lines)

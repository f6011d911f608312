"""What a value without exact source raises."""

from __future__ import annotations

__all__ = ["Unsupported"]


class Unsupported(TypeError):  # noqa: N818 - it never leaves the room: a UsageError names the parameter
    """A value has no exact source; the message says which type is the reason."""

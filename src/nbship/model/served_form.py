"""What has to be known to ask a served model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbship.model.image import Snippets

__all__ = ["FormColumn", "ServedForm"]


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column that a served model takes.

    Attributes
    ----------
    type
        ``boolean``, ``integer``, ``number``, ``string``, ``datetime`` (ISO 8601), ``binary`` (base64) or ``any``.
    required
        Whether every row must have it.
    nullable
        Whether it may be null.
    example
        A value of the recorded input, or one that fits where none was recorded.
    minimum, maximum
        Of numbers; None without a bound, or with none that JavaScript could count to.
    """

    name: str
    type: str
    required: bool = True
    nullable: bool = False
    example: Any = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class ServedForm:
    """How to ask a served model.

    Attributes
    ----------
    columns
        Empty for a model that takes no columns with names, but arrays: it is asked by JSON alone.
    example
        A whole request, as ``/invocations`` takes it.
    """

    columns: tuple[FormColumn, ...]
    example: dict[str, Any]
    snippets: Snippets
    description: str = ""

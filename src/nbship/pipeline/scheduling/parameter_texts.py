"""How values of parameters are written: for a person, and so that equal texts mean equal values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ParameterTexts", "real_texts"]


@dataclass(frozen=True, slots=True)
class ParameterTexts:
    """The two ways; `canonical` tells ``1`` from ``1.0`` and ``"1"``."""

    shown: Callable[[Any], str]
    canonical: Callable[[Any], str]


def real_texts() -> ParameterTexts:
    """Return the forms that injected values have."""
    from nbship.pipeline.parameters.values import canonical, shown  # noqa: PLC0415 - not needed by tests of schedules

    return ParameterTexts(shown, canonical)

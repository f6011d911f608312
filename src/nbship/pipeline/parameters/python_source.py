"""Parameters as Python source: the cell that a runner injects, exact by type and by value.

papermill's own translation turns tuples, sets, dates, paths and numpy scalars into text; here a value comes back as what it
was, or is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.pipeline.parameters.secrets import Secret
from nbship.pipeline.parameters.source_layout import laid_out
from nbship.pipeline.parameters.source_names import SourceNames
from nbship.pipeline.parameters.value_sources import Unsupported, value_source
from nbship.pipeline.parameters.values import check_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["parameters_source"]


def parameters_source(
    values: Mapping[str, Any],
    *,
    declared: str = "",
    comment: str = "Parameters",
    secrets: Iterable[str] = (),
) -> str:
    """Return the source of the injected cell.

    Parameters
    ----------
    values
        What each parameter is bound to: None, bool, numbers, text, bytes, ranges, lists, tuples, sets and dictionaries of
        such, members of enumerations, dates and times (aware ones with `datetime.timezone` or `zoneinfo`), paths, Decimal, Fraction,
        UUID, numpy scalars, numpy arrays of up to 1,000 items, pandas' Timestamp and Timedelta.
    declared
        Source of the notebook's own parameters cell: the names that it imports are used. Other classes are written as
        ``__import__("datetime").date(2024, 1, 2)``, so that the cell binds the parameters and nothing else.
    comment
        First line, after ``# ``.
    secrets
        Names of secret parameters, whose values come from the environment of the kernel.

    Returns
    -------
    str
        One assignment a parameter, lines of at most 88 characters where that can be done, no line end at the end.

    Raises
    ------
    UsageError
        For a name that Python cannot bind and a value that has no exact source.
    """
    secrets = tuple(secrets)
    names = SourceNames(declared, {*values, *secrets})
    lines = [f"# {comment}".rstrip()]
    for name, value in values.items():
        check_name(name)
        lines.append(_assignment(name, value, names))
    for name in secrets:
        check_name(name)
        lines.append(f'{name} = {names.of("nbship", "Secret")}.from_step("{name}")')
    return "\n".join(lines)


def _assignment(name: str, value: Any, names: SourceNames) -> str:
    if isinstance(value, Secret):
        raise UsageError(f"the parameter {name!r} is a secret, which cannot be written into a notebook")
    try:
        return laid_out(f"{name} = ", value_source(value, names))
    except Unsupported as error:
        raise UsageError(
            f"the parameter {name!r} cannot be written as Python source: {error}. Pass plain values, "
            f"or the path of a file that the notebook reads"
        ) from error
    except RecursionError as error:
        raise UsageError(f"the parameter {name!r} is nested too deeply to be written as source") from error

"""What the panel sends for steps, sweeps and pipelines, as words of the command line.

No word begins with what somebody typed: values stand behind ``=``, in YAML, or after ``./``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["grid_texts", "grid_words", "notebook_word", "option", "secret_words", "value_text", "value_words"]

_LONGEST_WORD = 100_000
"""In bytes; Linux takes 128 KiB."""

_SPLITTING = frozenset(",'\"()[]{}")
"""What the command line reads a list of values by."""


def option(name: str, value: object) -> tuple[str, ...]:
    """Return ``--name=value``; nothing for None."""
    return () if value is None else (_checked(f"--{name}={value}", name),)


def notebook_word(path: Path) -> str:
    """Return the name of a file of the current folder, so that it is no option."""
    return f"./{path.name}" if path.name.startswith("-") else path.name


def value_words(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return parameters as one option in YAML, which keeps their types."""
    if not values:
        return ()
    import yaml  # noqa: PLC0415 - for what is started only

    text = yaml.safe_dump(
        dict(values), default_flow_style=True, allow_unicode=True, sort_keys=False, width=10 * _LONGEST_WORD
    )
    return ("-y", _checked(text.strip(), "the parameters"))


def secret_words(secrets: Mapping[str, str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the options that name secrets, and the environment variables that hold them."""
    variables = {name: f"NBSHIP_JOB_SECRET_{number}" for number, name in enumerate(secrets)}
    words = tuple(f"--secret={name}=env:{variable}" for name, variable in variables.items())
    return words, {variables[name]: value for name, value in secrets.items()}


def grid_texts(grid: Mapping[str, Sequence[Any] | str]) -> dict[str, list[str]]:
    """Return the values of a grid as the texts that the command line takes.

    Raises
    ------
    UsageError
        For a value that the command line would take for several.
    """
    return {
        name: [values] if isinstance(values, str) else [_grid_text(name, value) for value in values]
        for name, values in grid.items()
    }


def grid_words(grid: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the options of a grid, given as `grid_texts` returns it."""
    return tuple(_checked(f"--grid={name}={','.join(values)}", name) for name, values in grid.items())


def value_text(value: Any) -> str:
    """Return a JSON value as one would type it for a parameter of its type."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _grid_text(name: str, value: Any) -> str:
    text = value_text(value)
    splits = _SPLITTING & set(text) if isinstance(value, str) else '\\"' in text
    if splits or text != text.strip():
        raise UsageError(
            f"{name}: {text!r:.80} cannot be a value of a sweep. Texts with commas, quotes, brackets or blanks at "
            "their ends are for single steps"
        )
    return text


def _checked(word: str, what: str) -> str:
    if "\x00" in word:
        raise UsageError(f"{what}: a value holds a zero byte, which no command takes")
    try:
        size = len(word.encode())
    except UnicodeEncodeError as error:
        raise UsageError(f"{what}: a value is no text that can be written in UTF-8") from error
    if size > _LONGEST_WORD:
        raise UsageError(
            f"{what}: {size} bytes are more than a command takes; write them to a file and give its path"
        )
    return word

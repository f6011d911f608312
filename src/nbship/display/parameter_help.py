"""What ``nbship run NOTEBOOK --help-notebook`` prints: papermill's layout, with ranges, choices and what is required."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from nbship.model.parameter import ParameterKind

if TYPE_CHECKING:
    from nbship.model.parameter import Parameter, ParameterSchema

__all__ = ["help_text"]

_WIDTH = 100
_WIDEST_DEFINITION = 44
_NARROWEST_DEFINITION = 30
_LONGEST_DEFAULT = 40
_GAP = 2


def help_text(schema: ParameterSchema, path: str, *, description: str = "") -> str:
    """Return the help of a notebook.

    Parameters
    ----------
    schema
        What it declares.
    path
        The notebook, as messages call it.
    description
        What it is for, e.g. its title.

    Returns
    -------
    str
        Usage, description, and one entry a parameter: name, type with range or choices, default, help.
    """
    lines = [f"Usage: nbship run {path} [OUTPUT] [-p NAME VALUE]...{_secret_usage(schema)}", ""]
    if description.strip():
        lines += [*textwrap.wrap(" ".join(description.split()), _WIDTH), ""]
    lines.append(f"Parameters inferred for notebook '{path}':")
    if not schema.tagged:
        return "\n".join([*lines, "", "  No cell tagged 'parameters'"])
    if not schema.parameters:
        return "\n".join([*lines, "", "  The cell tagged 'parameters' assigns no name."])
    return "\n".join(lines + _entries(schema))


def _secret_usage(schema: ParameterSchema) -> str:
    return " [--secret NAME=env:VAR]..." if any(item.secret for item in schema.parameters) else ""


def _entries(schema: ParameterSchema) -> list[str]:
    definitions = [_definition(item) for item in schema.parameters]
    fitting = [len(text) for text in definitions if len(text) <= _WIDEST_DEFINITION]
    column = max([_NARROWEST_DEFINITION, *fitting]) + _GAP
    return [
        line
        for item, text in zip(schema.parameters, definitions, strict=True)
        for line in _entry(text, _help(item), column)
    ]


def _entry(definition: str, text: str, column: int) -> list[str]:
    if not text:
        return [definition]
    wrapped = textwrap.wrap(" ".join(text.split()), max(_WIDTH - column, _NARROWEST_DEFINITION))
    first = f"{definition:<{column}}{wrapped[0]}" if len(definition) + _GAP <= column else definition
    rest = wrapped[1:] if first is not definition else wrapped
    return [first, *(f"{'':<{column}}{line}" for line in rest)]


def _definition(parameter: Parameter) -> str:
    return f"  {parameter.name}: {_type(parameter)} ({_default(parameter)})"


def _type(parameter: Parameter) -> str:
    if parameter.type.kind is ParameterKind.ANY and parameter.type_text == ParameterKind.ANY:
        return "any" if parameter.annotation else "Unknown type"
    return parameter.type_text


def _default(parameter: Parameter) -> str:
    if not parameter.has_default:
        return "required"
    text = parameter.default_source
    return f"default {text if len(text) <= _LONGEST_DEFAULT else text[: _LONGEST_DEFAULT - 1] + '…'}"


def _help(parameter: Parameter) -> str:
    how = f"Pass it with --secret {parameter.name}=env:VAR" if parameter.secret else ""
    return f"{parameter.help.rstrip('.')}. {how}" if parameter.help and how else parameter.help or how

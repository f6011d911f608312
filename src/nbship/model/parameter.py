"""Typed parameters: what a notebook declares in its cell tagged ``parameters``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nbship.model.parameter_json import json_value, parameter_schema

__all__ = ["Parameter", "ParameterKind", "ParameterSchema", "ParameterType"]


class ParameterKind(StrEnum):
    """What a value can be; the words that messages use."""

    ANY = "any"
    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    COMPLEX = "complex"
    STR = "str"
    BYTES = "bytes"
    LIST = "list"
    TUPLE = "tuple"
    SET = "set"
    FROZENSET = "frozenset"
    DICT = "dict"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    TIMEDELTA = "timedelta"
    PATH = "Path"
    DECIMAL = "Decimal"
    FRACTION = "Fraction"
    UUID = "UUID"
    TIMESTAMP = "pd.Timestamp"
    PANDAS_TIMEDELTA = "pd.Timedelta"
    CHOICE = "choice"
    """One of `ParameterType.choices`, as ``Literal`` lists them."""
    UNION = "union"
    NONE = "None"


@dataclass(frozen=True, slots=True)
class ParameterType:
    """What a parameter takes.

    Attributes
    ----------
    kind
        The outermost type; ``union`` for one of `args`.
    args
        Types of the items of a list, a set or a tuple, of key and value of a dictionary, or of the members of a
        union; empty where the notebook does not say.
    choices
        The values of a ``Literal``.
    nullable
        Whether None is allowed as well.
    minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of
        Bounds in the unit of the value itself; None where there is none.
    min_length, max_length
        Bounds of the number of items or characters.
    pattern
        Regular expression that a text has to match somewhere, as in JSON Schema.
    variadic
        For a tuple: any number of items of the one type in `args`.
    """

    kind: ParameterKind = ParameterKind.ANY
    args: tuple[ParameterType, ...] = ()
    choices: tuple[Any, ...] = ()
    nullable: bool = False
    minimum: Any = None
    maximum: Any = None
    exclusive_minimum: Any = None
    exclusive_maximum: Any = None
    multiple_of: Any = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    variadic: bool = False

    @property
    def limits(self) -> dict[str, Any]:
        """The bounds that are set, by field name."""
        return {name: getattr(self, name) for name in _LIMITS if getattr(self, name) is not None}

    @property
    def text(self) -> str:
        """The type in words, e.g. ``float, 0 <= x < 1, or None``."""
        bounds = ", ".join(_bounds(self))
        text = f"{self._name()}, {bounds}" if bounds else self._name()
        if not self.nullable or self.kind in (ParameterKind.ANY, ParameterKind.NONE):
            return text
        return f"{text}, or None" if bounds else f"{text} or None"

    def _name(self) -> str:
        if self.kind is ParameterKind.CHOICE:
            return _either([repr(choice) for choice in self.choices])
        if self.kind is ParameterKind.UNION:
            return _either([member.text for member in self.args])
        if not self.args:
            return self.kind.value
        items = ", ".join(item.text for item in self.args)
        return f"{self.kind.value}[{items}, ...]" if self.variadic else f"{self.kind.value}[{items}]"


_LIMITS = (
    *("minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "multiple_of"),
    *("min_length", "max_length", "pattern"),
)


def _either(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def _bounds(kind: ParameterType) -> list[str]:
    found = [_range("x", kind.minimum, kind.exclusive_minimum, kind.maximum, kind.exclusive_maximum)]
    found.append(f"a multiple of {kind.multiple_of}" if kind.multiple_of is not None else "")
    found.append(_range("length", kind.min_length, None, kind.max_length, None))
    found.append(f"matching {kind.pattern!r}" if kind.pattern is not None else "")
    return [text for text in found if text]


def _range(name: str, low: Any, above: Any, high: Any, below: Any) -> str:
    start = f"{low} <= " if low is not None else f"{above} < " if above is not None else ""
    end = f" <= {high}" if high is not None else f" < {below}" if below is not None else ""
    if not end and start:
        return f"{name} >= {low}" if low is not None else f"{name} > {above}"
    return f"{start}{name}{end}" if start or end else ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One name that the parameters cell binds.

    Attributes
    ----------
    default_source
        The default as the cell writes it; empty where there is none, ``***`` where it would show a secret.
    has_default
        False where the cell declares a type and no value: the parameter must be given.
    computed
        True where the default is only known once the cell runs; `default` is None then.
    annotation
        The type as the cell writes it, from an annotation or a ``# type:`` comment; empty where there is none.
    inferred
        True where the type comes from the default.
    secret
        True where the cell declares a `Secret`: the value never enters source, records or messages.
    cell
        Position of the cell among all cells of the notebook, from 0.
    line
        Line in the cell, from 1.
    """

    name: str
    type: ParameterType = ParameterType()
    default_source: str = ""
    has_default: bool = False
    default: Any = None
    computed: bool = False
    help: str = ""
    annotation: str = ""
    inferred: bool = False
    secret: bool = False
    cell: int = 0
    line: int = 0

    @property
    def type_text(self) -> str:
        """The type in the words of the notebook where they say more: ``MyClass`` instead of ``any``."""
        if self.secret:
            return "secret"
        plain = self.type.kind is ParameterKind.ANY and not self.type.limits
        return self.annotation if plain and self.annotation else self.type.text

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form; a default that JSON cannot hold is left to `default_source`."""
        default = {} if self.computed or self.secret or not self.has_default else json_value(self.default)
        return {
            "name": self.name,
            "type": self.type_text,
            "kind": self.type.kind.value,
            **default,
            "default_source": self.default_source,
            "required": not self.has_default,
            "help": self.help,
            "annotation": self.annotation,
            "inferred": self.inferred,
            "secret": self.secret,
            "cell": self.cell,
            "line": self.line,
            "schema": parameter_schema(self),
        }


@dataclass(frozen=True, slots=True)
class ParameterSchema:
    """The parameters of a notebook; `tagged` says whether a cell declares them, else any name is possible."""

    parameters: tuple[Parameter, ...] = ()
    tagged: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the order of the cell."""
        return tuple(parameter.name for parameter in self.parameters)

    def get(self, name: str) -> Parameter | None:
        """Return the parameter of that name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def to_json_schema(self) -> dict[str, Any]:
        """Return a JSON Schema (2020-12) of an object with one property a parameter, as forms use it."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {parameter.name: parameter_schema(parameter) for parameter in self.parameters},
            "required": [parameter.name for parameter in self.parameters if not parameter.has_default],
            "additionalProperties": not self.tagged,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {
            "tagged": self.tagged,
            "parameters": [parameter.to_dict() for parameter in self.parameters],
        }

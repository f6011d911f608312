"""Annotations of a parameters cell as types, and the types of defaults where there is no annotation."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from types import NoneType
from typing import TYPE_CHECKING, Any

from nbship.model.parameter import ParameterKind, ParameterType
from nbship.pipeline.parameters.constants import NOT_LITERAL, constant
from nbship.pipeline.parameters.imported_names import qualified
from nbship.pipeline.parameters.limits import read_limits

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Annotation", "Names", "read_annotation", "read_type_text", "type_of_default", "type_of_value"]

_Kind = ParameterKind
_KINDS: dict[str, ParameterKind] = {
    **dict.fromkeys(["bool", "numpy.bool_", "numpy.bool"], _Kind.BOOL),
    **{f"numpy.{sign}int{bits}": _Kind.INT for sign in ("", "u") for bits in ("8", "16", "32", "64", "")},
    **dict.fromkeys(["int", "numpy.integer", "numbers.Integral"], _Kind.INT),
    **{f"numpy.float{bits}": _Kind.FLOAT for bits in ("16", "32", "64")},
    **dict.fromkeys(["float", "numpy.floating", "numbers.Real", "numbers.Number"], _Kind.FLOAT),
    **dict.fromkeys(["complex", "numpy.complex64", "numpy.complex128", "numbers.Complex"], _Kind.COMPLEX),
    **dict.fromkeys(["str", "numpy.str_", "typing.Text"], _Kind.STR),
    "bytes": _Kind.BYTES,
    **dict.fromkeys(["list", "List", "typing.List", "Sequence", "typing.Sequence"], _Kind.LIST),
    **dict.fromkeys(["collections.abc.Sequence", "Iterable", "typing.Iterable"], _Kind.LIST),
    **dict.fromkeys(["collections.abc.Iterable", "collections.abc.MutableSequence"], _Kind.LIST),
    **dict.fromkeys(["tuple", "Tuple", "typing.Tuple"], _Kind.TUPLE),
    **dict.fromkeys(["set", "Set", "typing.Set", "collections.abc.Set", "typing.AbstractSet"], _Kind.SET),
    **dict.fromkeys(["frozenset", "FrozenSet", "typing.FrozenSet"], _Kind.FROZENSET),
    **dict.fromkeys(["dict", "Dict", "typing.Dict", "Mapping", "typing.Mapping"], _Kind.DICT),
    **dict.fromkeys(["collections.abc.Mapping", "collections.abc.MutableMapping"], _Kind.DICT),
    "datetime.date": _Kind.DATE,
    **dict.fromkeys(["datetime", "datetime.datetime"], _Kind.DATETIME),
    "datetime.time": _Kind.TIME,
    "datetime.timedelta": _Kind.TIMEDELTA,
    **dict.fromkeys(["pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath"], _Kind.PATH),
    **dict.fromkeys(["os.PathLike", "pathlib.PurePath", "PathLike"], _Kind.PATH),
    "decimal.Decimal": _Kind.DECIMAL,
    "fractions.Fraction": _Kind.FRACTION,
    "uuid.UUID": _Kind.UUID,
    "pandas.Timestamp": _Kind.TIMESTAMP,
    "pandas.Timedelta": _Kind.PANDAS_TIMEDELTA,
    **dict.fromkeys(["None", "NoneType", "types.NoneType"], _Kind.NONE),
}
_OPTIONAL = frozenset({"Optional", "typing.Optional", "typing_extensions.Optional"})
_UNION = frozenset({"Union", "typing.Union", "typing_extensions.Union"})
_LITERAL = frozenset({"Literal", "typing.Literal", "typing_extensions.Literal"})
_ANNOTATED = frozenset({"Annotated", "typing.Annotated", "typing_extensions.Annotated"})
_WRAPPERS = frozenset({"Final", "typing.Final", "ClassVar", "typing.ClassVar", "Required", "typing.Required"})
_SECRETS = frozenset({"nbship.Secret", "nbship.pipeline.parameters.secrets.Secret"})
_ALIASED = _OPTIONAL | _UNION | _LITERAL | _ANNOTATED
_PAIR = 2
_ANY = ParameterType()


@dataclass(frozen=True, slots=True)
class Names:
    """What names stand for in a cell: `imports` to dotted names, `aliases` to the types that the cell gives a name."""

    imports: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, ast.expr] = field(default_factory=dict)

    def of(self, node: ast.expr) -> str:
        """Return the dotted name of an expression."""
        return qualified(node, self.imports)

    def is_type(self, node: ast.expr) -> bool:
        """Say whether a value is a type that gets a name here: ``Mode = Literal["a", "b"]``."""
        if isinstance(node, ast.Subscript):
            return self.of(node.value) in _ALIASED or self.of(node.value) in _KINDS
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return any(self.is_type(side) for side in (node.left, node.right))
        return isinstance(node, ast.Name | ast.Attribute) and self.of(node) in _KINDS


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation, read: its type, whether it names `Secret`, and the help that it carries."""

    type: ParameterType = _ANY
    secret: bool = False
    help: str = ""


def read_type_text(text: str, names: Names) -> Annotation | None:
    """Read a type given as text, as in a ``# type:`` comment; None where the text is no expression."""
    try:
        return read_annotation(ast.parse(text.strip(), mode="eval").body, names)
    except (SyntaxError, ValueError):
        return None


def read_annotation(node: ast.expr, names: Names) -> Annotation:
    """Return what an annotation says; whatever is not known by name takes any value.

    Parameters
    ----------
    node
        The annotation, e.g. of ``Annotated[float, Ge(0)]``.
    names
        What the names in it stand for.
    """
    if isinstance(node, ast.Constant):
        return _constant_annotation(node, names)
    if isinstance(node, ast.Name) and node.id in names.aliases:
        remaining = {name: other for name, other in names.aliases.items() if name != node.id}
        return read_annotation(names.aliases[node.id], Names(names.imports, remaining))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([read_annotation(node.left, names), read_annotation(node.right, names)])
    if isinstance(node, ast.Subscript):
        return _subscript(node, names)
    name = names.of(node)
    if name in _SECRETS:
        return Annotation(ParameterType(_Kind.STR), secret=True)
    return Annotation(ParameterType(_KINDS.get(name, _Kind.ANY)))


def _constant_annotation(node: ast.Constant, names: Names) -> Annotation:
    if node.value is None:
        return Annotation(ParameterType(_Kind.NONE))
    found = read_type_text(node.value, names) if isinstance(node.value, str) else None
    return found or Annotation()


def _subscript(node: ast.Subscript, names: Names) -> Annotation:
    name = names.of(node.value)
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in _SECRETS:
        return Annotation(ParameterType(_Kind.STR), secret=True)
    if name in _ANNOTATED:
        return _annotated(inner, names)
    if name in _OPTIONAL:
        return _union([read_annotation(inner[0], names), Annotation(ParameterType(_Kind.NONE))])
    if name in _UNION:
        return _union([read_annotation(part, names) for part in inner])
    if name in _LITERAL:
        return Annotation(_choice(inner, names))
    if name in _WRAPPERS:
        return read_annotation(inner[0], names)
    return Annotation(_container(_KINDS.get(name, _Kind.ANY), inner, names))


def _annotated(parts: list[ast.expr], names: Names) -> Annotation:
    base = read_annotation(parts[0], names)
    found = read_limits(parts[1:], names.imports)
    secret = base.secret or any(names.of(part) in _SECRETS for part in parts[1:])
    kind = ParameterType(_Kind.STR) if secret and base.type.kind is _Kind.ANY else base.type
    return Annotation(replace(kind, **found.limits), secret, found.help or base.help)


def _choice(parts: list[ast.expr], names: Names) -> ParameterType:
    choices = [constant(part, names.imports) for part in parts]
    if any(choice is NOT_LITERAL for choice in choices):  # the member of an Enum
        return _ANY
    given = tuple(choice for choice in choices if choice is not None)
    return ParameterType(_Kind.CHOICE, choices=given, nullable=len(given) < len(choices))


def _container(kind: ParameterKind, parts: list[ast.expr], names: Names) -> ParameterType:
    variadic = any(isinstance(part, ast.Constant) and part.value is Ellipsis for part in parts)
    types = [read_annotation(part, names).type for part in parts if not _is_ellipsis(part)]
    fits = {
        _Kind.LIST: len(types) == 1,
        _Kind.SET: len(types) == 1,
        _Kind.FROZENSET: len(types) == 1,
        _Kind.DICT: len(types) == _PAIR,
        _Kind.TUPLE: not variadic or len(types) == 1,
    }
    if not fits.get(kind, False):
        return ParameterType(kind)
    return ParameterType(kind, args=tuple(types), variadic=variadic and kind is _Kind.TUPLE)


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _union(members: list[Annotation]) -> Annotation:
    secret = any(member.secret for member in members)
    text = next((member.help for member in members if member.help), "")
    kinds = [part for member in members for part in _members(member.type)]
    real = [kind for kind in dict.fromkeys(kinds) if kind.kind is not _Kind.NONE]
    nullable = any(kind.nullable or kind.kind is _Kind.NONE for kind in kinds)
    if not real:
        return Annotation(ParameterType(_Kind.NONE), secret, text)
    if any(kind == _ANY for kind in real):
        return Annotation(_ANY, secret, text)
    bare = tuple(replace(kind, nullable=False) for kind in real)
    if len(bare) == 1:
        return Annotation(replace(bare[0], nullable=nullable), secret, text)
    return Annotation(ParameterType(_Kind.UNION, args=bare, nullable=nullable), secret, text)


def _members(kind: ParameterType) -> tuple[ParameterType, ...]:
    if kind.kind is not _Kind.UNION:
        return (kind,)
    return (*kind.args, ParameterType(_Kind.NONE)) if kind.nullable else kind.args


def type_of_default(node: ast.expr, value: Any, names: Names) -> ParameterType:
    """Return the type that a default without annotation shows; `value` is its constant or `NOT_LITERAL`."""
    if value is not NOT_LITERAL:
        return type_of_value(value)
    if isinstance(node, ast.JoinedStr):
        return ParameterType(_Kind.STR)
    if isinstance(node, ast.Call):
        return ParameterType(_KINDS.get(names.of(node.func), _Kind.ANY))
    return _ANY


def type_of_value(value: Any) -> ParameterType:
    """Return the type of a constant; items of containers are not looked at, and None may stand for anything."""
    for kind in type(value).__mro__:
        module = "" if kind.__module__ == "builtins" else f"{kind.__module__.split('.')[0]}."
        known = _KINDS.get(f"{module}{kind.__name__}")
        if known is not None and kind is not NoneType:
            return ParameterType(known)
    return _ANY

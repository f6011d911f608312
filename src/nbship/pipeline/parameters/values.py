"""What is given for the parameters of a notebook, checked against what it declares before a kernel starts."""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.capture.secret_names import is_secret_name
from nbship.errors import UsageError
from nbship.model.parameter import Parameter, ParameterKind
from nbship.pipeline.parameters.secrets import Secret
from nbship.pipeline.parameters.text_values import papermill_value, parse_text
from nbship.pipeline.parameters.value_coercion import coerce
from nbship.pipeline.parameters.value_limits import Mismatch, check_limits
from nbship.pipeline.parameters.value_text import canonical, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbship.model.parameter import ParameterSchema

__all__ = ["Resolved", "canonical", "check_name", "resolve", "shown"]

_MASK = "***"
_LONGEST = 80
_MAX_LISTED = 20


@dataclass(frozen=True, slots=True)
class Resolved:
    """What goes into the notebook: only what was given, in the order it was given; secrets apart."""

    values: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


def resolve(
    schema: ParameterSchema,
    *,
    values: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    raw: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    allow_unknown: bool = False,
) -> Resolved:
    """Check what is given for the parameters of a notebook, and bring it to the declared types.

    Parameters
    ----------
    schema
        What the notebook declares. Where it declares nothing (`tagged` is false) every name is taken, and texts follow
        papermill's rule: ``True``, ``False``, ``None``, int, float, else text.
    values
        Python objects, as files and interfaces give them; a `Secret` among them counts as one of `secrets`.
    texts
        Of ``-p NAME VALUE``: read by the declared type. They win over `values`.
    raw
        Of ``-r NAME VALUE``: texts that stay texts. They win over `texts`.
    secrets
        Values of secret parameters, which come by no other way.
    allow_unknown
        Take names that the notebook does not declare, as if it declared nothing.

    Raises
    ------
    UsageError
        For unknown names, wrong types, values out of range and parameters without a value; one message tells all.
    """
    resolver = _Resolver(schema, allow_unknown=allow_unknown)
    for given, reader in ((values, _value), (texts, _text), (raw, _raw)):
        for name, item in (given or {}).items():
            resolver.take(name, item, reader)
    for name, item in (secrets or {}).items():
        resolver.take_secret(name, item)
    return resolver.finish()


def check_name(name: str) -> None:
    """Raise `UsageError` for a name that Python cannot bind."""
    if not name.isidentifier() or keyword.iskeyword(name) or name == "__debug__":
        raise UsageError(_bad_name(name))


def _bad_name(name: str) -> str:
    kind = "a word of Python itself" if keyword.iskeyword(name) else "no name in Python"
    return f"{name!r} cannot be a parameter: it is {kind}"


class _Resolver:
    """Collects values and problems; `finish` gives the ones or raises the others."""

    def __init__(self, schema: ParameterSchema, *, allow_unknown: bool) -> None:
        self._schema = schema
        self._strict = schema.tagged and not allow_unknown
        self._values: dict[str, Any] = {}
        self._secrets: dict[str, str] = {}
        self._problems: dict[str, str] = {}

    def take(self, name: str, given: Any, reader: Callable[[Parameter | None, Any], Any]) -> None:
        """Take one value that is no secret."""
        if isinstance(given, Secret):
            self.take_secret(name, given)
            return
        if not self._known(name):
            return
        parameter = self._schema.get(name)
        if parameter is not None and parameter.secret:
            self._problems[name] = (
                f"{name!r} is secret, so its value may not be written down: use --secret {name}=env:VAR or {name}=file:PATH"
            )
            return
        self._problems.pop(name, None)
        self._secrets.pop(name, None)
        try:
            self._values[name] = reader(parameter, given)
        except Mismatch:
            assert parameter is not None
            self._problems[name] = _refusal(parameter, given, reader)

    def take_secret(self, name: str, given: str) -> None:
        """Take one value that must stay unseen."""
        if not self._known(name):
            return
        parameter = self._schema.get(name)
        try:
            _raw(parameter, str(given))
        except Mismatch:
            assert parameter is not None
            self._problems[name] = f"{name!r} takes {parameter.type_text}, and a secret is a text"
            return
        if parameter is None or not parameter.secret:  # one that was also written down stays a problem
            self._problems.pop(name, None)
        self._values.pop(name, None)
        self._secrets[name] = given

    def finish(self) -> Resolved:
        """Return what was taken, or raise one error about everything that could not be."""
        problems = list(self._problems.values())
        given = self._values.keys() | self._secrets.keys() | self._problems.keys()
        missing = [
            item for item in self._schema.parameters if not item.has_default and item.name not in given
        ]
        if missing:
            problems.append(_missing(missing))
        if problems:
            raise UsageError(_joined(problems))
        return Resolved(self._values, self._secrets)

    def _known(self, name: str) -> bool:
        if self._strict and self._schema.get(name) is None:
            self._problems[name] = _unknown(name, self._schema.names)
            return False
        if not name.isidentifier() or keyword.iskeyword(name):
            self._problems[name] = _bad_name(name)
            return False
        return True


def _value(parameter: Parameter | None, given: Any) -> Any:
    return given if parameter is None else coerce(parameter.type, given)


def _text(parameter: Parameter | None, given: str) -> Any:
    return papermill_value(given) if parameter is None else parse_text(parameter.type, given)


def _raw(parameter: Parameter | None, given: str) -> Any:
    if parameter is None or parameter.type.kind is ParameterKind.ANY:
        return given
    kinds = {parameter.type.kind, *(member.kind for member in parameter.type.args)}
    wants_text = {ParameterKind.STR, ParameterKind.CHOICE}
    if parameter.type.kind not in wants_text and (
        parameter.type.kind is not ParameterKind.UNION or not kinds & wants_text
    ):
        raise Mismatch
    if parameter.type.kind is ParameterKind.CHOICE and given not in parameter.type.choices:
        raise Mismatch
    check_limits(parameter.type, given)
    return given


def _refusal(parameter: Parameter, given: Any, reader: Callable[[Parameter | None, Any], Any]) -> str:
    got = _MASK if is_secret_name(parameter.name) else _shortened(repr(given))
    kind = f" ({type(given).__name__})" if reader is _value and given is not None else ""
    text = f"{parameter.name!r} takes {parameter.type_text}, got {got}{kind}"
    if not parameter.inferred:
        return text
    return (
        f"{text}. That is the type of its default {_shortened(parameter.default_source)}; "
        f"to allow others, annotate it in the notebook"
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _unknown(name: str, names: tuple[str, ...]) -> str:
    import difflib  # noqa: PLC0415 - for the message only

    if not names:
        return f"there is no parameter {name!r}: the cell tagged 'parameters' declares none"
    close = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    listed = ", ".join(names[:_MAX_LISTED]) + (", …" if len(names) > _MAX_LISTED else "")
    return f"there is no parameter {name!r}; {hint}The notebook takes {listed}"


def _missing(parameters: list[Parameter]) -> str:
    words = [f"{item.name!r} ({item.type_text})" for item in parameters]
    first = parameters[0]
    how = f"--secret {first.name}=env:VAR" if first.secret else f"-p {first.name} VALUE"
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return (
        f"the notebook gives no default for {listed}; pass {'it' if len(words) == 1 else 'them'}, e.g. {how}"
    )


def _joined(problems: list[str]) -> str:
    if len(problems) == 1:
        return problems[0]
    return "\n".join(
        [f"{len(problems)} problems with the parameters:", *(f"  - {item}" for item in problems)]
    )

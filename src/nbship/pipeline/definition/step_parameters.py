"""The parameter values of a pipeline's step: from its definition, from the command line, and the paths of artifacts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.parameter import ParameterKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.model.parameter import ParameterSchema

__all__ = ["step_parameters"]


def step_parameters(
    schema: ParameterSchema,
    where: str,
    folder: Path,
    *,
    artifacts: Mapping[str, str],
    values: Mapping[str, Any],
    texts: Mapping[str, str],
    secrets: Mapping[str, str],
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of a step's parameters and of its secrets, checked.

    Parameters
    ----------
    where
        The file and the step, as messages begin.
    folder
        The pipeline's, from which the paths of secrets start.
    artifacts
        Name to path of what the step reads and makes. A parameter of that name gets the path, as `Path` where it
        is declared so; the others are dependencies and nothing else.
    values, texts, secrets
        From the definition, from the command line (which wins), and where secrets are to be read: ``env:NAME`` or
        ``file:PATH``.

    Raises
    ------
    UsageError
        For names that the notebook does not declare, values of the wrong type, required parameters without one, and
        parameters that are artifacts.
    """
    from nbship.pipeline.parameters.values import resolve  # noqa: PLC0415 - with libraries of its own

    taken = sorted(artifacts.keys() & (values.keys() | texts.keys() | secrets.keys()))
    if taken:
        raise UsageError(
            f"{where}: {taken[0]} is an input or output, and its path reaches the notebook as it is. "
            "Take it out of the parameters"
        )
    paths = {name: _path(schema, name, path) for name, path in artifacts.items() if schema.get(name)}
    given = {name: value for name, value in values.items() if name not in texts}
    try:
        found = {name: _secret(reference, folder) for name, reference in secrets.items()}
        resolved = resolve(schema, values={**given, **paths}, texts=texts, secrets=found)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error
    return dict(resolved.values), dict(resolved.secrets)


def _path(schema: ParameterSchema, name: str, path: str) -> str | Path:
    parameter = schema.get(name)
    assert parameter is not None
    return Path(path) if parameter.type.kind is ParameterKind.PATH else path


def _secret(reference: str, folder: Path) -> str:
    from nbship.pipeline.parameters.secrets import secret_reference  # noqa: PLC0415 - few steps have secrets

    kind, _, place = reference.partition(":")
    if kind == "file" and place:
        reference = f"file:{folder / Path(place).expanduser()}"
    return secret_reference(reference)

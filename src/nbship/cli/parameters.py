"""Papermill's options for parameters, and the values that they give."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError

if TYPE_CHECKING:
    import argparse

__all__ = ["given_parameters", "parameter_options", "read_values"]


def parameter_options(parser: argparse.ArgumentParser) -> None:
    """Add papermill's options for parameters."""
    parser.add_argument(
        "-p",
        "--parameters",
        nargs=2,
        action="append",
        default=[],
        metavar=("K", "V"),
        help="set a parameter; the text is read by the parameter's type",
    )
    parser.add_argument(
        "-r",
        "--parameters-raw",
        "--parameters_raw",
        nargs=2,
        action="append",
        default=[],
        metavar=("K", "V"),
        help="set a parameter to this text",
    )
    parser.add_argument(
        "-f",
        "--parameters-file",
        "--parameters_file",
        action="append",
        default=[],
        metavar="FILE",
        help="set the parameters of a YAML or JSON file",
    )
    parser.add_argument(
        "-y",
        "--parameters-yaml",
        "--parameters_yaml",
        action="append",
        default=[],
        metavar="YAML",
        help="set the parameters of a YAML text",
    )
    parser.add_argument(
        "-b",
        "--parameters-base64",
        "--parameters_base64",
        action="append",
        default=[],
        metavar="TEXT",
        help="set the parameters of a YAML text in base64",
    )
    parser.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="K=env:VAR",
        help="set a Secret parameter from an environment variable (env:VAR) or a file (file:PATH)",
    )


def given_parameters(options: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of `StepOptions` that `parameter_options` fill.

    Raises
    ------
    UsageError
        When one of them cannot be read.
    """
    from nbship.capture.request import key_values
    from nbship.pipeline.parameters.secrets import secret_reference

    references = key_values("--secret", options.secret)
    return {
        "values": read_values(options),
        "texts": dict(options.parameters),
        "raw": dict(options.parameters_raw),
        "secrets": {name: secret_reference(reference) for name, reference in references.items()},
    }


def read_values(options: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters of the YAML options; as in papermill, base64 first, then files, then texts.

    Raises
    ------
    UsageError
        When one of them is no YAML, or no mapping.
    """
    import base64
    import binascii

    values: dict[str, Any] = {}
    for text in options.parameters_base64:
        try:
            decoded = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UsageError(f"--parameters-base64 {text!r} is not base64: {error}") from error
        values |= _mapping(decoded, "--parameters-base64")
    for name in options.parameters_file:
        try:
            content = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read the parameters file {name}: {error}") from error
        values |= _mapping(content, name)
    for text in options.parameters_yaml:
        values |= _mapping(text, "--parameters-yaml")
    return values


def _mapping(text: str, origin: str) -> dict[str, Any]:
    from nbship.pipeline.parameters.yaml_values import load_mapping

    return load_mapping(text, origin)

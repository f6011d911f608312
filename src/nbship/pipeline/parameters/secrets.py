"""Secret parameters: values that reach the kernel through its environment, and stand in no file.

The cell that a runner injects reads ``api_key = __import__("nbship").Secret.from_step("api_key")``; the runner puts the value
into the variable that `secret_variable` names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Self

from nbship.errors import UsageError

__all__ = ["Secret", "secret_reference", "secret_variable"]

_VARIABLE: Final = "NBSHIP_SECRET_"
_taken: dict[str, str] = {}
"""What `Secret.from_step` has taken out of the environment of this process, by parameter."""


class Secret(str):
    """A text that does not show itself.

    It is the text wherever a text is wanted; only its `repr`, which notebooks display and logs write, is masked. As the
    annotation of a parameter it keeps the value out of the notebook, its record and every message:
    ``api_key: Secret``.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('***')"

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (str(self),)

    def __class_getitem__(cls, _item: object) -> type[Self]:
        return cls

    @classmethod
    def from_env(cls, variable: str) -> Self:
        """Return the value of an environment variable.

        Raises
        ------
        UsageError
            When the variable is not set, or empty.
        """
        value = os.environ.get(variable, "")
        if not value:
            state = "is empty" if variable in os.environ else "is not set"
            raise UsageError(
                f"the environment variable {variable} {state}, so there is no secret to take from it"
            )
        return cls(value)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """Return the content of a text file (UTF-8), without the line end at its end.

        Raises
        ------
        UsageError
            When the file cannot be read, or is empty.
        """
        file = Path(path).expanduser()
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            reason = "it is no text in UTF-8"
        except OSError as error:
            reason = error.strerror or type(error).__name__
        else:
            value = text.removesuffix("\n").removesuffix("\r")
            if value:
                return cls(value)
            reason = "it is empty"
        raise UsageError(f"cannot take a secret from the file {file}: {reason}")

    @classmethod
    def from_step(cls, name: str) -> Self:
        """Return the value that the runner of this notebook was given for a parameter.

        The variable that carried it is gone from the environment after the first call, so that programs started by the
        notebook do not inherit it; later calls in the same process still answer.

        Raises
        ------
        UsageError
            When the notebook was not started with a value for it.
        """
        value = os.environ.pop(secret_variable(name), None)
        if value is not None:
            _taken[name] = value
        if name not in _taken:
            raise UsageError(
                f"there is no value for the secret parameter {name!r}: it is never kept in a notebook. "
                f'Run it with --secret {name}=env:VAR, or bind it here: {name} = nbship.Secret.from_env("VAR")'
            )
        return cls(_taken[name])


def secret_variable(name: str) -> str:
    """Return the environment variable that carries the value of a secret parameter into the kernel."""
    return f"{_VARIABLE}{name}"


def secret_reference(reference: str) -> Secret:
    """Return the secret that a reference of the command line points to.

    Parameters
    ----------
    reference
        ``env:VAR`` or ``file:PATH``.

    Raises
    ------
    UsageError
        When it is neither, or there is nothing where it points. The message does not repeat what may be a secret.
    """
    kind, separator, place = reference.partition(":")
    if separator and place and kind == "env":
        return Secret.from_env(place)
    if separator and place and kind == "file":
        return Secret.from_file(place)
    raise UsageError(
        "a secret is given by where it is kept, never by its value: NAME=env:VAR or NAME=file:PATH. "
        "What was given is neither"
    )

"""Settings of the server, all from environment variables."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ServeSettings"]

_PREFIX = "NBSHIP_SERVE_"
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - inside a container there is nothing else to listen on
_KNOWN = frozenset(
    {
        "BUNDLE",
        "BUNDLE_SHA256",
        "DRAIN_SECONDS",
        "HOST",
        "LOG",
        "LOG_BYTES",
        "LOG_DIR",
        "LOG_REDACT",
        "LOG_SAMPLE",
        "MAX_BODY_BYTES",
        "MAX_CONCURRENT",
        "MAX_ROWS",
        "PORT",
        "TIMEOUT_SECONDS",
        "TOKEN",
        "TOKEN_FILE",
        "TRUSTED",
    }
)
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_SHA256 = re.compile("[0-9a-f]{64}")
_LEAST_LOG = 1 << 16


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """How a bundle is served.

    Attributes
    ----------
    bundle, bundle_sha256
        The folder, and the SHA-256 of its ``bundle.json``.
    host, port
        Where to listen; port 0 takes a free one.
    max_body_bytes, max_rows
        Larger requests are refused.
    timeout_seconds
        A request that is not answered after this long is given up.
    max_concurrent
        More predictions at once are refused.
    token
        What requests must bear; empty for none.
    log, log_dir, log_bytes
        Whether predictions are logged, where, and how many bytes are kept in all.
    log_sample
        Share of the requests that is logged, 0 to 1.
    log_redact
        Columns that are not logged.
    drain_seconds
        How long requests are still taken after SIGTERM, at most. Docker kills after 10 seconds.
    """

    bundle: Path
    bundle_sha256: str
    host: str = _EVERYWHERE
    port: int = 8080
    max_body_bytes: int = 10_000_000
    max_rows: int = 10_000
    timeout_seconds: float = 30.0
    max_concurrent: int = 1000
    token: str = field(default="", repr=False)
    log: bool = True
    log_dir: Path = Path("/var/lib/nbship/predictions")
    log_bytes: int = 128 << 20
    log_sample: float = 1.0
    log_redact: frozenset[str] = frozenset()
    drain_seconds: float = 5.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> ServeSettings:
        """Read the settings from ``NBSHIP_SERVE_*``; variables that are empty count as not set.

        Raises
        ------
        ConfigurationError
            When one is missing, has a value that cannot be used, or does not exist.
        """
        given = _Given(os.environ if environment is None else environment)
        given.check_names()
        return cls(
            bundle=Path(given.needed("BUNDLE")),
            bundle_sha256=given.sha256("BUNDLE_SHA256"),
            host=given.text("HOST", _EVERYWHERE),
            port=int(given.number("PORT", 8080, 0, 65535, whole=True)),
            max_body_bytes=int(given.number("MAX_BODY_BYTES", 10_000_000, 1, whole=True)),
            max_rows=int(given.number("MAX_ROWS", 10_000, 1, whole=True)),
            timeout_seconds=given.number("TIMEOUT_SECONDS", 30, 0.001),
            max_concurrent=int(given.number("MAX_CONCURRENT", 1000, 1, whole=True)),
            token=given.token(),
            log=given.switch("LOG", default=True),
            log_dir=Path(given.text("LOG_DIR", "/var/lib/nbship/predictions")),
            log_bytes=int(given.number("LOG_BYTES", 128 << 20, _LEAST_LOG, whole=True)),
            log_sample=given.number("LOG_SAMPLE", 1, 0, 1),
            log_redact=frozenset(
                part.strip() for part in given.text("LOG_REDACT", "").split(",") if part.strip()
            ),
            drain_seconds=given.number("DRAIN_SECONDS", 5, 0),
        )


class _Given:
    """The variables that are set, without their prefix."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._values = {
            name.removeprefix(_PREFIX): value
            for name, value in environment.items()
            if name.startswith(_PREFIX) and value != ""
        }

    def check_names(self) -> None:
        """Refuse misspelt names: a limit that is silently not set is worse than no server."""
        for name in sorted(self._values.keys() - _KNOWN):
            raise _wrong(name, "is no setting", f"these are: {', '.join(sorted(_KNOWN))}")

    def text(self, name: str, default: str) -> str:
        return self._values.get(name, default)

    def needed(self, name: str) -> str:
        if name not in self._values:
            raise _wrong(
                name, "is not set", "the image sets it; without an image, give the folder of the bundle"
            )
        return self._values[name]

    def sha256(self, name: str) -> str:
        value = self.needed(name).lower().removeprefix("sha256:")
        if not _SHA256.fullmatch(value):
            raise _wrong(name, "is no SHA-256", "give the 64 hexadecimal digits of bundle.json's")
        return value

    def number(
        self, name: str, default: float, least: float, most: float = float("inf"), *, whole: bool = False
    ) -> float:
        text = self._values.get(name)
        if text is None:
            return default
        limits = f"give a {'whole ' if whole else ''}number {_limits(least, most)}"
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            raise _wrong(name, f"is {text!r}", limits) from None
        if not least <= value <= most:
            raise _wrong(name, f"is {text!r}", limits)
        return value

    def switch(self, name: str, *, default: bool) -> bool:
        text = self._values.get(name, "on" if default else "off").lower()
        if text not in _TRUE | _FALSE:
            raise _wrong(name, f"is {text!r}", "give on or off")
        return text in _TRUE

    def token(self) -> str:
        """Return the token; it is never part of a message."""
        if "TOKEN_FILE" not in self._values:
            return self._checked_token("TOKEN", self.text("TOKEN", ""))
        if "TOKEN" in self._values:
            raise _wrong("TOKEN_FILE", "and TOKEN are both set", "give one of them")
        path = Path(self._values["TOKEN_FILE"])
        try:
            text = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise _wrong(
                "TOKEN_FILE", f"{path} cannot be read ({type(error).__name__})", "give a readable text file"
            ) from None
        if not text:
            raise _wrong("TOKEN_FILE", f"{path} is empty", "write the token into it")
        return self._checked_token("TOKEN_FILE", text)

    @staticmethod
    def _checked_token(name: str, text: str) -> str:
        if not text.isascii() or any(not 32 < ord(letter) < 127 for letter in text):  # noqa: PLR2004 - printable ASCII
            raise _wrong(
                name, "has characters that no header can carry", "use printable ASCII without spaces"
            )
        return text


def _limits(least: float, most: float) -> str:
    return f"of at least {least:g}" if most == float("inf") else f"from {least:g} to {most:g}"


def _wrong(name: str, what: str, then: str) -> ConfigurationError:
    return ConfigurationError(f"{_PREFIX}{name} {what}: {then}")

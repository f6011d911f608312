"""Credentials for registries, where ``docker login`` keeps them.

Public: ``Credentials(username, password)``, ``find_credentials(registry) -> Credentials | None``.

The file is described at https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties,
the helpers at https://github.com/docker/docker-credential-helpers.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbship.errors import RegistryError
from nbship.packaging.references import DEFAULT_REGISTRY

__all__ = ["Credentials", "find_credentials"]

_HUB_KEY = "https://index.docker.io/v1/"
_TOKEN_USER = "<token>"  # noqa: S105 - the name that helpers give to identity tokens
_HELPER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and password, or an identity token; the secrets never show in a repr."""

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)


def find_credentials(registry: str) -> Credentials | None:
    """Return what Docker or Podman has stored for a registry, None where there is nothing.

    Raises
    ------
    RegistryError
        When a file or a credential helper that it names cannot be read.
    """
    for path in _config_paths():
        config = _read_config(path)
        helper = config.get("credHelpers", {}).get(registry) or config.get("credsStore")
        found = (_ask_helper(helper, registry) if helper else None) or _from_auths(config, registry, path)
        if found is not None:
            return found
    return None


def _config_paths() -> list[Path]:
    """Return the files of Docker and of Podman, those that the environment names first."""
    docker = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    podman = os.environ.get("REGISTRY_AUTH_FILE")
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    paths = [
        docker,
        Path(podman) if podman else None,
        Path(runtime) / "containers/auth.json" if runtime else None,
    ]
    return [path for path in paths if path is not None and path.is_file()]


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RegistryError(
            f"cannot read the registry credentials in {path}: {error}. Mend the file, or log in again."
        ) from error
    return config if isinstance(config, dict) else {}


def _keys(registry: str) -> tuple[str, ...]:
    keys = (
        registry,
        f"https://{registry}",
        f"http://{registry}",
        f"https://{registry}/v1/",
        f"https://{registry}/v2/",
    )
    return (_HUB_KEY, *keys) if registry == DEFAULT_REGISTRY else keys


def _from_auths(config: dict[str, Any], registry: str, path: Path) -> Credentials | None:
    auths = config.get("auths", {})
    entry = next((auths[key] for key in _keys(registry) if auths.get(key)), None)
    if entry is None:
        return None
    if entry.get("identitytoken"):
        return Credentials(identity_token=entry["identitytoken"])
    if not entry.get("auth"):
        username, password = entry.get("username", ""), entry.get("password", "")
        return Credentials(username, password) if username else None
    try:
        username, _, password = base64.b64decode(entry["auth"], validate=True).decode().partition(":")
    except (binascii.Error, TypeError, UnicodeDecodeError) as error:
        raise RegistryError(
            f"the credentials of {registry} in {path} are damaged: run docker login {registry} again"
        ) from error
    return Credentials(username, password.rstrip("\0"))


def _ask_helper(helper: str, registry: str) -> Credentials | None:
    """Ask a credential helper, a program that reads a server's name and writes JSON."""
    program = f"docker-credential-{helper}"
    key = _HUB_KEY if registry == DEFAULT_REGISTRY else registry
    try:
        done = subprocess.run(
            [program, "get"], input=key, capture_output=True, text=True, timeout=_HELPER_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RegistryError(
            f"Docker's settings name the credential helper {program}, which cannot be asked: {error}. "
            f"Install it, or remove it from Docker's config.json and run docker login {registry}."
        ) from error
    if done.returncode != 0:
        return None  # "credentials not found in native keychain": the registry may well be public
    return _from_helper(program, done.stdout)


def _from_helper(program: str, text: str) -> Credentials:
    try:
        answer = json.loads(text)
        username, secret = answer["Username"], answer["Secret"]
    except (KeyError, TypeError, ValueError) as error:
        raise RegistryError(
            f"the credential helper {program} gave an answer that is no JSON of one"
        ) from error
    if username == _TOKEN_USER:
        return Credentials(identity_token=secret)
    return Credentials(username, secret)

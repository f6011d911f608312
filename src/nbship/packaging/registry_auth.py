"""Authorisation at a registry: from its challenge to the header that it wants.

Sources: https://distribution.github.io/distribution/spec/auth/token/ and ``…/auth/oauth/`` (the token server), RFC 7617
(basic).
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nbship.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import requests

    from nbship.packaging.credentials import Credentials

__all__ = ["authorization", "parse_challenge"]

_PARAMETER = re.compile(r'([A-Za-z_]+)=(?:"([^"]*)"|([^\s,]+))')
_CLIENT = "nbship"


def parse_challenge(header: str) -> tuple[str, dict[str, str]]:
    """Return scheme (lower case) and parameters of a ``WWW-Authenticate`` header."""
    scheme, _, rest = header.strip().partition(" ")
    return scheme.lower(), {key.lower(): quoted or plain for key, quoted, plain in _PARAMETER.findall(rest)}


def authorization(
    session: requests.Session,
    challenge: str,
    credentials: Credentials | None,
    scopes: Sequence[str],
    *,
    registry: str,
    insecure: bool,
    timeout_seconds: float,
) -> str:
    """Return the ``Authorization`` header that answers a challenge.

    Raises
    ------
    RegistryError
        When there are no credentials, the token server refuses them, or the scheme is unknown.
    """
    scheme, parameters = parse_challenge(challenge)
    if scheme == "basic":
        return _basic(credentials, registry)
    if scheme != "bearer" or "realm" not in parameters:
        raise RegistryError(
            f"the registry {registry} asks for authorisation of the kind {scheme or 'unnamed'!r}, "
            "which nbship does not know; basic and bearer are known"
        )
    if urlsplit(parameters["realm"]).scheme != "https" and not insecure:
        raise RegistryError(
            f"the registry {registry} sends credentials to {parameters['realm']}, which is not encrypted; none were sent"
        )
    answer = _ask(session, parameters, credentials, scopes, timeout_seconds)
    return f"Bearer {_token(answer, registry, credentials)}"


def _basic(credentials: Credentials | None, registry: str) -> str:
    if credentials is None or not credentials.username:
        raise RegistryError(
            f"the registry {registry} wants a user: run docker login {registry}, and try again"
        )
    pair = f"{credentials.username}:{credentials.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _ask(
    session: requests.Session,
    parameters: dict[str, str],
    credentials: Credentials | None,
    scopes: Sequence[str],
    timeout_seconds: float,
) -> requests.Response:
    fields: dict[str, Any] = {"scope": list(scopes)}
    if parameters.get("service"):
        fields["service"] = parameters["service"]
    if credentials is not None and credentials.identity_token:
        form = fields | {
            "scope": " ".join(scopes),
            "client_id": _CLIENT,
            "grant_type": "refresh_token",
            "refresh_token": credentials.identity_token,
        }
        return session.post(parameters["realm"], data=form, timeout=timeout_seconds)
    pair = (credentials.username, credentials.password) if credentials else None
    return session.get(parameters["realm"], params=fields, auth=pair, timeout=timeout_seconds)


def _token(answer: requests.Response, registry: str, credentials: Credentials | None) -> str:
    if answer.status_code in (401, 403):
        who = (
            f"the user {credentials.username!r}" if credentials and credentials.username else "without a user"
        )
        raise RegistryError(
            f"the registry {registry} gave no access to {who}: run docker login {registry}, and try again"
            if credentials
            else f"the registry {registry} gives no access {who}: run docker login {registry}, and try again"
        )
    try:
        content = answer.json() if answer.ok else {}
    except ValueError:
        content = {}
    token = (content.get("token") or content.get("access_token")) if isinstance(content, dict) else None
    if not isinstance(token, str):
        raise RegistryError(
            f"the token server of the registry {registry} answered {answer.status_code} and gave no token; try again later"
        )
    return token

from __future__ import annotations

import pytest
import requests

from nbship.errors import RegistryError
from nbship.packaging.registry_auth import authorization, parse_challenge
from nbship.packaging.registry_wire import Wire


def answer(challenge: str, *, insecure: bool = False) -> str:
    with requests.Session() as session:
        return authorization(
            session, challenge, None, (), registry="ghcr.io", insecure=insecure, timeout_seconds=5
        )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            'Bearer realm="https://a/token",service="a",scope="repository:x:pull,push"',
            ("bearer", {"realm": "https://a/token", "service": "a", "scope": "repository:x:pull,push"}),
        ),
        ("Basic realm=Registry", ("basic", {"realm": "Registry"})),
        ("", ("", {})),
    ],
)
def test_a_challenge_is_read(header, expected):
    assert parse_challenge(header) == expected


def test_credentials_are_never_sent_unencrypted():
    with pytest.raises(RegistryError, match="not encrypted; none were sent"):
        answer('Bearer realm="http://a.example/token"')


def test_an_unknown_scheme_is_told():
    with pytest.raises(RegistryError, match="of the kind 'negotiate'"):
        answer("Negotiate abc")


def test_a_password_is_asked_for_where_there_is_none():
    with pytest.raises(RegistryError, match=r"run docker login ghcr\.io"):
        answer('Basic realm="a"')


@pytest.mark.parametrize(
    ("registry", "expected"),
    [
        ("localhost:5000", True),
        ("127.0.0.1:5000", True),
        ("[::1]:5000", True),
        ("localhost.example.org", False),
        ("127.example.org", False),
        ("ghcr.io", False),
    ],
)
def test_plain_http_is_for_this_machine(registry, expected):
    assert Wire(registry).insecure is expected

"""What a registry's silence or refusal means, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.errors import RegistryError

if TYPE_CHECKING:
    import requests

__all__ = ["refusal", "silence"]

_SHOWN_CHARACTERS = 300

_SIGNS = (
    (
        ("WRONG_VERSION_NUMBER", "record layer failure"),
        "it speaks plain HTTP, which is allowed on this machine only",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED",),
        "its certificate is not trusted here. Name the file of its authority in REQUESTS_CA_BUNDLE",
    ),
    (("Connection refused",), "nothing listens there. Start it, or check host and port"),
    (
        ("Name or service not known", "Failed to resolve", "getaddrinfo", "NameResolutionError"),
        "there is no host of that name. Check the name, and the network",
    ),
    (("No space left on device",), "the disk is full. Free some space"),
    (("timed out",), "the time is over. Check the network, and any proxy"),
)
"""What the text of an error may hold, and what it means."""


def silence(registry: str, error: Exception, doing: str) -> RegistryError:
    """Return the error for a request that nobody answered."""
    text = str(error)
    unknown = f"{type(error).__name__}: {text[:_SHOWN_CHARACTERS]}"
    why = next((meaning for signs, meaning in _SIGNS if any(sign in text for sign in signs)), unknown)
    return RegistryError(f"{doing} failed, the registry {registry} did not answer: {why}.")


def refusal(registry: str, answer: requests.Response, user: str, doing: str) -> RegistryError:
    """Return the error for an answer of a status that was not hoped for; `user` is empty without credentials."""
    said, status = _said(answer), answer.status_code
    who = f"the user {user!r}" if user else "a client without a user"
    meaning, next_step = {
        401: (f"refused {who}", f"Run docker login {registry} as somebody who may, or choose another name"),
        403: (f"refused {who}", f"Run docker login {registry} as somebody who may, or choose another name"),
        404: ("does not have it", "Check the name and the tag"),
        405: ("lets nobody do that", "Ask whoever runs it whether it is read-only"),
        413: ("finds it too large", "Ask whoever runs it, or its proxy, to raise the limit"),
        507: ("has no space left", "Ask whoever runs it to free some"),
    }.get(status, (f"answered {status}", "Try again later, or ask whoever runs it"))
    return RegistryError(f"{doing} failed, the registry {registry} {meaning}{said}. {next_step}.")


def _said(answer: requests.Response) -> str:
    """Return the registry's own words, `` (CODE: message)``, where it has any."""
    try:
        first = answer.json()["errors"][0]
        text = f"{first.get('code', '')}: {first.get('message', '')}".strip(": ")
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return ""
    return f" ({text[:_SHOWN_CHARACTERS]})" if text else ""

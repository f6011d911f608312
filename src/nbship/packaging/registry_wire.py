"""One request to a registry: authorised, tried again where that may help, and its refusal put in words.

Public: ``Wire(registry, …)`` with ``send(method, path_or_url, …) -> requests.Response``.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from nbship.packaging.credentials import Credentials, find_credentials
from nbship.packaging.ports import is_loopback
from nbship.packaging.references import DEFAULT_REGISTRY
from nbship.packaging.registry_auth import authorization
from nbship.packaging.registry_words import refusal, silence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import requests

__all__ = ["Wire"]

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request; `body` opens what is sent, once per attempt."""

    method: str
    url: str
    scopes: tuple[str, ...]
    body: Callable[[], Any] | None
    options: dict[str, Any]


class Wire:
    """Requests to one registry.

    Parameters
    ----------
    registry
        Host and port.
    insecure
        Plain HTTP; None for registries of this machine only.
    timeout_seconds
        For connecting, and between two bytes of an answer.
    credentials
        None looks for those of ``docker login``, when the registry asks.
    pause
        Waits between two attempts, in seconds.
    """

    def __init__(
        self,
        registry: str,
        *,
        insecure: bool | None = None,
        timeout_seconds: float = 30.0,
        credentials: Credentials | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        import requests

        self.registry = registry
        # On this machine plain HTTP is what people run.
        self.insecure = is_loopback(urlsplit(f"//{registry}").hostname) if insecure is None else insecure
        self.timeout_seconds = timeout_seconds
        self._credentials = credentials
        self._pause = pause
        self._session = requests.Session()
        self._session.auth = _leave_alone  # a ~/.netrc shall not replace the header that we set
        self._session.headers["User-Agent"] = "nbship"
        self._authorization: dict[tuple[str, ...], str] = {}
        host = "registry-1.docker.io" if registry == DEFAULT_REGISTRY else registry
        self.address = f"{'http' if self.insecure else 'https'}://{host}"

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        scopes: Sequence[str] = (),
        body: Callable[[], Any] | None = None,
        expected: Sequence[int] = (200,),
        attempts: int = 4,
        doing: str,
        **options: Any,
    ) -> requests.Response:
        """Send a request and return the answer, whose status is one of `expected`.

        Parameters
        ----------
        path
            Path or address.
        scopes
            What a token must allow, e.g. ``repository:iris:pull,push``.
        body
            Opens what is sent; called once per attempt.
        expected
            Status codes that are no error.
        attempts
            How often it is tried where that may help.
        doing
            What is being done, for the message of an error: "the upload of layer sha256:…".
        options
            For ``requests``.

        Raises
        ------
        RegistryError
            When the registry does not answer, or with another status.
        """
        url = urljoin(self.address, path)
        sent = _Sent(method, url, tuple(scopes), body, options)
        answer = self._tried(sent, attempts, doing)
        if answer.status_code in expected:
            return answer
        user = self._credentials.username if self._credentials else ""
        with contextlib.closing(answer):
            raise refusal(self.registry, answer, user, doing)

    def _tried(self, sent: _Sent, attempts: int, doing: str) -> requests.Response:
        import requests

        for attempt in range(1, attempts):
            try:
                answer = self._authorised(sent)
            except (requests.exceptions.SSLError, requests.exceptions.InvalidURL):
                break  # the last attempt says it
            except requests.RequestException:
                self._pause(_pause_seconds(attempt))
                continue
            if answer.status_code not in _WORTH_ANOTHER_TRY:
                return answer
            answer.close()
            self._pause(_pause_seconds(attempt, answer.headers.get("Retry-After", "")))
        try:
            return self._authorised(sent)
        except requests.RequestException as error:
            raise silence(self.registry, error, doing) from error

    def _authorised(self, sent: _Sent) -> requests.Response:
        answer = self._once(sent)
        challenge = answer.headers.get("WWW-Authenticate", "")
        if answer.status_code != _UNAUTHORIZED or not challenge or not self._is_own(sent.url):
            return answer
        answer.close()
        self._authorization[sent.scopes] = authorization(
            self._session,
            challenge,
            self._known_credentials(),
            sent.scopes,
            registry=self.registry,
            insecure=self.insecure,
            timeout_seconds=self.timeout_seconds,
        )
        return self._once(sent)

    def _once(self, sent: _Sent) -> requests.Response:
        headers = dict(sent.options.get("headers", {}))
        known = self._authorization.get(sent.scopes)
        # A storage that an upload is sent on to wants the signature in its address, and shall not see our token.
        if known and self._is_own(sent.url):
            headers["Authorization"] = known
        options = {"timeout": self.timeout_seconds, **sent.options, "headers": headers}
        if sent.body is None:
            return self._session.request(sent.method, sent.url, **options)
        with sent.body() as opened:
            return self._session.request(sent.method, sent.url, data=opened, **options)

    def _is_own(self, url: str) -> bool:
        return url.startswith(f"{self.address}/")

    def _known_credentials(self) -> Credentials | None:
        if self._credentials is None:
            self._credentials = find_credentials(self.registry)
        return self._credentials


def _leave_alone(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _pause_seconds(attempt: int, retry_after: str = "") -> float:
    wanted = float(retry_after) if retry_after.isdecimal() else _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
    return min(wanted, _LONGEST_PAUSE_SECONDS)

"""Answers that tell of a failure: a code, one line, and the request id; no data and no stack trace."""

from __future__ import annotations

from typing import Any

__all__ = ["RequestFailedError"]


class RequestFailedError(Exception):
    """A request that gets another answer than the one that it asked for.

    Attributes
    ----------
    status
        Of HTTP.
    code
        A word for programs.
    headers
        Of the answer, besides the usual ones.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers

    def to_dict(self, request_id: str) -> dict[str, Any]:
        """Return the body of the answer."""
        return {"error_code": self.code, "message": str(self), "request_id": request_id}

    @classmethod
    def not_ready(cls, why: str) -> RequestFailedError:
        """Return the failure of a server that takes no requests, not yet or not any more."""
        return cls(503, "NOT_READY", why, _LATER)

    @classmethod
    def overloaded(cls) -> RequestFailedError:
        """Return the failure of one request too many."""
        return cls(503, "OVERLOADED", "too many requests at once: try again later", _LATER)

    @classmethod
    def too_slow(cls) -> RequestFailedError:
        """Return the failure of a request that came too slowly."""
        return cls(408, "REQUEST_TIMEOUT", "the request did not arrive in time", _CLOSE)

    @classmethod
    def timed_out(cls) -> RequestFailedError:
        """Return the failure of an answer that took too long."""
        return cls(504, "TIMEOUT", "the model did not answer in time")

    @classmethod
    def internal(cls) -> RequestFailedError:
        """Return the failure of the server or its model."""
        return cls(500, "INTERNAL_ERROR", "the request could not be answered; the server's log says more")

    @classmethod
    def unauthorized(cls) -> RequestFailedError:
        """Return the failure of a request without the token."""
        challenge = ((b"www-authenticate", b"Bearer"),)
        return cls(401, "UNAUTHORIZED", "this server wants a bearer token", challenge)

    @classmethod
    def not_found(cls, message: str) -> RequestFailedError:
        """Return the failure of an address that leads nowhere."""
        return cls(404, "NOT_FOUND", message)

    @classmethod
    def not_allowed(cls, allowed: str) -> RequestFailedError:
        """Return the failure of a method that an address does not have."""
        return cls(
            405, "METHOD_NOT_ALLOWED", f"this address takes {allowed}", ((b"allow", allowed.encode()),)
        )


_LATER = ((b"retry-after", b"1"),)
_CLOSE = ((b"connection", b"close"),)

"""What the silence or refusal of a container engine means, and what to do about it."""

from __future__ import annotations

from nbship.errors import EngineError

__all__ = ["no_engine", "refused"]

_SHOWN_CHARACTERS = 400

_NO_ENGINE = (
    (
        ("Permission denied", "PermissionError"),
        "you may not use its socket. Join its group (sudo usermod -aG docker $USER) and log in again, or run it rootless",
    ),
    (("No such file", "FileNotFoundError"), "there is no engine's socket. Install Docker or start it"),
    (
        ("Connection refused", "ConnectionRefusedError"),
        "it is not running. Start it (sudo systemctl start docker)",
    ),
    (("timed out", "Timeout"), "it gives no answer. Restart it (sudo systemctl restart docker)"),
    (
        ("Name or service not known", "Failed to resolve", "getaddrinfo"),
        "there is no such host. Check DOCKER_HOST",
    ),
)

_REFUSED = (
    (
        ("no space left on device", "disk quota exceeded"),
        "its disk is full. See docker system df, and free space with docker system prune",
    ),
    (("port is already allocated", "address already in use"), "the port is in use. Take another"),
    (("No such image", "no such image"), "it has no such image. Load it, or package the run again"),
    (
        ("is already in use by container",),
        "there is a container of that name. Remove it, or take another name",
    ),
    (("Permission denied", "permission denied"), "it was not permitted"),
    (
        ("Connection refused", "Connection aborted", "RemoteDisconnected"),
        "it went away. See whether it runs: docker info",
    ),
    (("timed out",), "it gave no answer in time. See whether it is busy: docker info"),
)


def no_engine(address: str, error: Exception) -> EngineError:
    """Return the error for an engine that cannot be reached."""
    return EngineError(f"no container engine answers at {address}: {_meaning(_NO_ENGINE, error)}.")


def refused(doing: str, error: Exception) -> EngineError:
    """Return the error for a request that an engine refused; `doing` names what was being done."""
    said = " ".join(str(getattr(error, "explanation", None) or error).split())[:_SHOWN_CHARACTERS]
    meaning = _meaning(_REFUSED, error)
    if meaning.endswith(said):
        return EngineError(f"{doing} failed: {meaning}.")
    return EngineError(f"{doing} failed: {meaning}. The engine said: {said}")


def _meaning(signs: tuple[tuple[tuple[str, ...], str], ...], error: Exception) -> str:
    text = f"{error!r} {error}"
    unknown = " ".join(str(error).split())[:_SHOWN_CHARACTERS]
    return next((meaning for words, meaning in signs if any(word in text for word in words)), unknown)

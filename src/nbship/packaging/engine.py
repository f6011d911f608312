"""The container engine of this machine, through the Docker SDK; the only module that imports it.

Public: ``Engine.connect() -> Engine``.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from nbship.errors import EngineError
from nbship.packaging.container import SERVICE_LABEL, Container, ContainerRequest
from nbship.packaging.container_options import container_name, container_options, log_options
from nbship.packaging.engine_address import engine_address, is_local, probe
from nbship.packaging.engine_archives import send_archive, write_archive
from nbship.packaging.engine_words import no_engine, refused
from nbship.packaging.ports import answers_ready, choose_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import docker

__all__ = ["Engine"]

_REQUEST_SECONDS = 600.0
_POLL_SECONDS = 0.05
_KILLED = 137


class Engine:
    """An engine that answered. Close it, or use it in a ``with``.

    Attributes
    ----------
    address
        Where it is, e.g. ``unix:///var/run/docker.sock``.
    """

    def __init__(self, client: docker.DockerClient, address: str) -> None:
        self._client = client
        self.address = address
        with _refusals("asking the engine for its version"):
            self._told = client.version()

    @classmethod
    def connect(cls, timeout_seconds: float = 10.0) -> Engine:
        """Return the engine that ``DOCKER_HOST``, Docker's context or the usual sockets lead to.

        Raises
        ------
        EngineError
            When there is none: no socket, no permission, nobody listening, no Docker SDK. The message says which.
        """
        try:
            import docker
        except ImportError as error:
            raise EngineError("the Docker SDK is not installed: pip install 'nbship[docker]'") from error
        address = engine_address()
        try:
            probe(address, timeout_seconds)
            # The version is asked for at once, so that an engine which does not answer is found out here.
            client = docker.DockerClient(
                base_url=address, version="auto", timeout=timeout_seconds, tls=_tls(address)
            )
        except (docker.errors.DockerException, OSError, ValueError) as error:
            raise no_engine(address, error) from error
        client.api.timeout = _REQUEST_SECONDS  # an engine is silent while it unpacks
        return cls(client, address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def version(self) -> str:
        """E.g. ``20.10.24``."""
        return str(self._told.get("Version", ""))

    @property
    def platform(self) -> str:
        """What its containers run on, e.g. ``linux/amd64``."""
        return f"{self._told.get('Os', 'linux')}/{self._told.get('Arch', '')}"

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return is_local(self.address)

    def has(self, reference: str) -> str:
        """Return the id of an image, ``sha256:…``; empty when the engine does not have it."""
        import docker

        with _refusals(f"looking for the image {reference}"):
            try:
                return str(self._client.images.get(reference).id)
            except docker.errors.ImageNotFound:
                return ""

    def load(self, archive: Path, progress: Callable[[float, str], None] | None = None) -> str:
        """Give the engine an archive that holds one image, and return the image's id.

        Parameters
        ----------
        progress
            Told how much it has taken (0 to 1), and what it says.

        Raises
        ------
        EngineError
            When the engine refuses it, its disk is full, or the archive cannot be read.
        """
        doing = f"loading {archive.name} into the engine"
        with _refusals(doing):
            loaded = send_archive(self._client.api, archive, progress)
        image = self.has(loaded) if loaded else ""
        if not image:
            raise EngineError(f"{doing} gave no image: the archive holds none that this engine can read")
        return image

    def save(
        self, reference: str, destination: Path, progress: Callable[[float, str], None] | None = None
    ) -> Path:
        """Write an image of the engine to an archive, which is either whole or not there, and return the path.

        Raises
        ------
        EngineError
            When the engine does not have the image, or the disk is full.
        """
        with _refusals(f"saving the image {reference} of the engine"):
            write_archive(self._client.images.get(reference), reference, destination, progress)
        return destination

    def remove_image(self, reference: str) -> None:
        """Remove an image, or only its tag where it has others; one that is not there is no error."""
        import docker

        with _refusals(f"removing the image {reference}"), suppress(docker.errors.ImageNotFound):
            self._client.images.remove(reference)

    def run(self, request: ContainerRequest) -> Container:
        """Start a container: read-only, without capabilities, reached from this machine only.

        Raises
        ------
        EngineError
            When the engine refuses, or is on another machine. No container is left behind.
        PackagingError
            When the port is in use.
        """
        if not self.is_local:
            raise EngineError(
                f"the engine is on another machine ({self.address}), where this one cannot reach what it serves: "
                f"push the image and start it there, or serve it as a process"
            )
        port = choose_port(request.port)
        with _refusals(f"starting the container {request.name}"):
            made = self._client.containers.create(request.image, **self._options(request, port))
            try:
                made.start()
            except BaseException:  # whatever it was, and Ctrl-C too: a container that never ran is of no use
                made.remove(force=True, v=True)
                raise
        return self.find(request.name)

    def _options(self, request: ContainerRequest, port: int) -> dict[str, Any]:
        """Return what the SDK takes."""
        import docker

        options = container_options(request, port, bridged=self._has_bridge())
        if request.log_folder is not None:
            rootless = "name=rootless" in self._client.info().get("SecurityOptions", ())
            options |= log_options(request.log_folder, rootless=rootless)
        logs = docker.types.LogConfig(type="json-file", config={"max-size": "10m", "max-file": "2"})
        return options | {"log_config": logs}

    def _has_bridge(self) -> bool:
        """Say whether ports can be published: an engine may be run without its network."""
        return bool(self._client.networks.list(names=["bridge"], filters={"driver": "bridge"}))

    def find(self, name: str) -> Container:
        """Return a container by the name of its service.

        Raises
        ------
        EngineError
            When the engine has none of that name.
        """
        return Container.from_engine(self._handle(name).attrs)

    def containers(self) -> tuple[Container, ...]:
        """Return the containers of all services, also those that ended by themselves."""
        with _refusals("listing the containers"):
            found = self._client.containers.list(
                all=True, filters={"label": SERVICE_LABEL}, ignore_removed=True
            )
            return tuple(
                sorted((Container.from_engine(item.attrs) for item in found), key=lambda item: item.name)
            )

    def wait_ready(self, name: str, timeout_seconds: float = 60.0) -> float:
        """Wait until the server in a container is ready, and return the seconds that this took.

        Raises
        ------
        EngineError
            When it ends, or is not ready in time; the message has what it wrote.
        """
        started = time.monotonic()
        while time.monotonic() < started + timeout_seconds:
            container = self.find(name)
            if not container.is_running:
                code = container.exit_code
                raise EngineError(
                    f"the container {name} ended (exit code {code}) before it was ready{self._words(name)}"
                )
            if answers_ready(container.port):
                return time.monotonic() - started
            time.sleep(_POLL_SECONDS)
        raise EngineError(
            f"the container {name} was not ready after {timeout_seconds:g} s{self._words(name)}"
        )

    def _words(self, name: str) -> str:
        text = self.logs(name)
        return f"; it wrote:\n{text}" if text else "; it wrote nothing"

    def logs(self, name: str, lines: int = 50) -> str:
        """Return the last lines that a container wrote."""
        handle = self._handle(name)
        with _refusals(f"reading what the container {name} wrote"):
            return str(handle.logs(tail=lines).decode(errors="replace")).strip()

    def stop(self, name: str, timeout_seconds: float = 35.0) -> bool:
        """Ask a container to end, wait for it, remove it, and say whether it ended by itself; else it was killed."""
        import docker

        handle = self._handle(name)
        with _refusals(f"stopping the container {name}"), suppress(docker.errors.NotFound):
            handle.stop(timeout=max(round(timeout_seconds), 1))
            handle.reload()
            by_itself = bool(handle.attrs["State"]["ExitCode"] != _KILLED)
            handle.remove(v=True)
            return by_itself
        return True  # somebody else was quicker to remove it

    def _handle(self, name: str) -> Any:
        import docker

        with _refusals(f"looking for the container {name}"):
            try:
                return self._client.containers.get(container_name(name))
            except docker.errors.NotFound as error:
                raise EngineError(f"the engine has no container for {name!r}; see nbship services") from error


def _tls(address: str) -> Any:
    """Return the certificates for an address of the network, where ``DOCKER_CERT_PATH`` has them."""
    folder = os.environ.get("DOCKER_CERT_PATH")
    if not folder or not address.startswith("tcp://"):
        return False
    import docker

    pair = (str(Path(folder) / "cert.pem"), str(Path(folder) / "key.pem"))
    verify = bool(os.environ.get("DOCKER_TLS_VERIFY"))
    return docker.tls.TLSConfig(client_cert=pair, ca_cert=str(Path(folder) / "ca.pem"), verify=verify)


@contextmanager
def _refusals(doing: str) -> Iterator[None]:
    """Put what the SDK raises into words."""
    import docker
    import requests
    import urllib3  # noqa: PLC0415 - comes with requests

    expected = (
        docker.errors.DockerException,
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        OSError,
    )
    try:
        yield
    except EngineError:
        raise
    except expected as error:
        raise refused(doing, error) from error

"""A real engine, a real registry and a base to build on, each started once and stopped at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import image_base
from stand_in_server import make_root

# Taken before the tests get variables of their own: what takes minutes to make outlives a test run.
CACHE = Path(os.environ.get("NBSHIP_TEST_CACHE") or Path.home() / ".cache" / "nbship-tests")

START_SECONDS = 60

STAND_IN = "nbship-stand-in:1"

DOCKERFILE = """
FROM nbship-test-base:1
COPY opt /opt
RUN mkdir -p /var/lib/nbship && chown 65532:65532 /var/lib/nbship
ENV PYTHONPATH=/opt/nbship/runtime:/opt/nbship/site PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \\
    NBSHIP_SERVE_PORT=8080 NBSHIP_SERVE_LOG_DIR=/var/lib/nbship/predictions
USER 65532:65532
VOLUME /var/lib/nbship
EXPOSE 8080/tcp
STOPSIGNAL SIGTERM
ENTRYPOINT ["python3", "-m", "nbship.serving"]
"""
"""What the configuration of a real image says, in Docker's words."""


@pytest.fixture(scope="session")
def base_archive() -> Path:
    """Return the tarball of a root file system with this interpreter's minor version of Python."""
    return image_base.base_archive(CACHE)


@pytest.fixture(scope="session")
def start_engine(require, give_up) -> Callable[..., contextlib.AbstractContextManager[str]]:
    """Return a function that starts an engine and, as a context, gives its address: ``with start_engine(data=FOLDER)``."""
    programs = require("docker")
    if os.getuid() != 0:
        give_up("docker", "an engine is started by root only")
    return lambda data=None: _engine(programs["dockerd"], data, give_up)


@pytest.fixture(scope="session")
def engine_address(start_engine) -> Iterator[str]:
    """Return the address of an engine without a network of its own."""
    with start_engine() as address:
        yield address


@pytest.fixture
def engine(engine_address, monkeypatch):
    """Give a connected engine."""
    from nbship.packaging.engine import Engine

    monkeypatch.setenv("DOCKER_HOST", engine_address)
    with Engine.connect() as engine:
        yield engine


@pytest.fixture(scope="session")
def stand_in_archive(engine_address, base_archive, tmp_path_factory) -> Path:
    """Return an archive of an image whose server is the stand-in; the engine has its base, and not the image itself."""
    import docker

    folder = tmp_path_factory.mktemp("image")
    archive = folder / "image.tar"
    make_root(folder / "root")
    (folder / "root" / "Dockerfile").write_text(DOCKERFILE)
    with contextlib.closing(docker.DockerClient(base_url=engine_address)) as client:
        client.api.import_image_from_file(str(base_archive), repository="nbship-test-base", tag="1")
        client.images.build(path=str(folder / "root"), tag=STAND_IN, network_mode="none")
        with archive.open("wb") as file:
            file.writelines(client.images.get(STAND_IN).save(named=STAND_IN))
        client.images.remove(STAND_IN)
    return archive


@pytest.fixture(scope="session")
def start_registry(require) -> Iterator[Callable[..., str]]:
    """Return a function that starts a registry and gives host and port; `auth` is that part of its configuration."""
    program = require("registry")["docker-registry"]
    with contextlib.ExitStack() as started:
        yield lambda auth="": started.enter_context(_registry(program, auth))


@pytest.fixture(scope="session")
def registry(start_registry) -> str:
    """Return host and port of a registry that lets everybody do everything."""
    return start_registry()


@contextlib.contextmanager
def _engine(program: Path, data: Path | None, give_up) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="nd"))  # not a folder of pytest: paths of sockets are short
    # The second one works on every file system, and copies every file for every container.
    process = _started(program, folder, data, "overlay2") or _started(program, folder, data, "vfs")
    try:
        if process is None:
            give_up("docker", f"the engine does not start: {(folder / 'log').read_text()[-600:]}")
        yield f"unix://{folder}/docker.sock"
    finally:
        if process is not None:
            _end(process)
        # An engine leaves the name of the machine's network behind, as a mount.
        subprocess.run(["umount", folder / "exec/netns/default"], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _started(program: Path, folder: Path, data: Path | None, driver: str) -> subprocess.Popen[bytes] | None:
    socket = folder / "docker.sock"
    command = [
        program,
        "--storage-driver",
        driver,
        "--iptables=false",
        "--bridge=none",
        "--host",
        f"unix://{socket}",
    ]
    places = [
        "--data-root",
        data or folder / "data",
        "--exec-root",
        folder / "exec",
        "--pidfile",
        folder / "pid",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, *places], stdout=log, stderr=log, start_new_session=True)
    if _await(process, lambda: _answers(socket)):
        return process
    _end(process)
    return None


def _answers(socket: Path) -> bool:
    import docker

    if not socket.exists():
        return False
    with contextlib.suppress(docker.errors.DockerException, OSError):
        client = docker.DockerClient(base_url=f"unix://{socket}", version="1.41", timeout=5)
        with contextlib.closing(client):
            return bool(client.ping())
    return False


@contextlib.contextmanager
def _registry(program: Path, auth: str) -> Iterator[str]:
    from nbship.packaging.ports import choose_port

    folder = Path(tempfile.mkdtemp(prefix="nr"))
    address = f"127.0.0.1:{choose_port()}"
    (folder / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: warn}}\nstorage:\n  filesystem: {{rootdirectory: {folder}/data}}\n"
        f"http: {{addr: {address}}}\n{auth}",
        encoding="utf-8",
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "serve", folder / "config.yml"], stdout=log, stderr=log)
    try:
        assert _await(process, lambda: _listens(address)), (folder / "log").read_text()
        yield address
    finally:
        _end(process)
        shutil.rmtree(folder, ignore_errors=True)


def _listens(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/v2/", timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True  # it wants to know who asks
    except OSError:
        return False


def _await(process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if ready():
            return True
        time.sleep(0.05)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

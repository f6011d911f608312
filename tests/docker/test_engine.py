from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from nbship.errors import EngineError, PackagingError, UsageError
from nbship.model.image import ServedModel
from nbship.packaging.container import ContainerRequest
from nbship.packaging.engine import Engine
from nbship.packaging.services import claim_service, list_services, serve_container, service_log, stop_service
from stand_in_server import get

MODEL = ServedModel(
    name="", kind="", endpoint="", state="", run_id="abc", run_name="brave-fox", image="nbship-stand-in:1"
)


@pytest.fixture
def image(engine, stand_in_archive) -> str:
    if not engine.has(MODEL.image):
        engine.load(stand_in_archive)
    return MODEL.image


@pytest.fixture
def home(engine, tmp_path):
    yield tmp_path / ".nbship"
    for container in engine.containers():
        engine.stop(container.name, timeout_seconds=1)


def serve(engine: Engine, home: Path, name: str = "iris", mode: str = "", **options) -> ServedModel:
    with claim_service(home, name) as claim:
        return serve_container(engine, claim, MODEL, {"NBSHIP_SERVE_TEST": mode}, **options)


def await_path(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.01)


def test_an_engine_tells_what_it_is(engine):
    assert engine.version
    assert engine.platform.startswith("linux/")
    assert engine.is_local


def test_an_archive_is_loaded_with_progress(engine, stand_in_archive):
    engine.remove_image(MODEL.image)
    assert engine.has(MODEL.image) == ""
    told: list[tuple[float, str]] = []
    image = engine.load(stand_in_archive, lambda done, what: told.append((done, what)))
    assert image.startswith("sha256:")
    assert engine.has(MODEL.image) == image
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (1.0, f"Loaded image: {MODEL.image}")
    assert engine.load(stand_in_archive) == image


def test_an_image_of_the_engine_is_saved_and_loaded_again(engine, image, tmp_path):
    before = engine.has(image)
    archive = engine.save(image, tmp_path / "saved.tar")
    engine.remove_image(image)
    assert engine.load(archive) == before
    assert [path.name for path in tmp_path.iterdir()] == ["saved.tar"]


def test_removing_what_is_not_there_is_no_error(engine):
    engine.remove_image("no-such-image:1")


def test_a_container_answers_and_is_confined(engine, image, home):
    served = serve(engine, home)
    seen = get(served.endpoint)
    assert served.state == "ready"
    assert served.ready_seconds > 0
    assert seen["environment"]["NBSHIP_SERVE_HOST"] == "127.0.0.1"
    described = engine._client.containers.get(served.container_id).attrs
    assert described["HostConfig"]["ReadonlyRootfs"] is True
    assert described["HostConfig"]["CapDrop"] == ["ALL"]
    assert described["HostConfig"]["SecurityOpt"] == ["no-new-privileges"]
    assert described["Config"]["User"] == "65532:65532"


def test_what_the_server_logs_lies_on_this_machine(engine, image, home):
    served = serve(engine, home)
    logs = Path(served.log_folder)
    (logs / "release").touch()
    get(f"{served.endpoint}/hold")
    stop_service(home, "iris")
    assert (logs / "held").stat().st_uid == 65532


def test_stopping_lets_a_request_finish(engine, image, home):
    served = serve(engine, home)
    with ThreadPoolExecutor(2) as pool:
        answer = pool.submit(get, f"{served.endpoint}/hold")
        await_path(Path(served.log_folder) / "held")
        stopped = pool.submit(stop_service, home, "iris", 30)
        (Path(served.log_folder) / "release").touch()
        assert answer.result()["prefix"]
        assert (stopped.result().state, stopped.result().reason) == ("stopped", "")
    assert engine.containers() == ()


def test_a_server_that_does_not_end_is_killed_and_told(engine, image, home):
    serve(engine, home, mode="deaf")
    stopped = stop_service(home, "iris", timeout_seconds=1)
    assert stopped.reason == "it did not end within 1 s, and was killed"
    assert engine.containers() == ()


def test_another_process_finds_and_stops_it(engine, image, home):
    served = serve(engine, home)
    code = (
        "import sys; from pathlib import Path; from nbship.packaging.services import *; home = Path(sys.argv[1]); "
        "print([(m.kind, m.state, m.endpoint, m.run_name) for m in list_services(home)]); "
        "print(stop_service(home, 'iris').state)"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(home)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert told == f"[('container', 'ready', '{served.endpoint}', 'brave-fox')]\nstopped\n"
    assert list_services(home) == ()


def test_a_server_that_does_not_start_leaves_nothing(engine, image, home):
    with pytest.raises(EngineError, match=r"exit code 3.*(?s:.)*the model is not what its bundle says"):
        serve(engine, home, mode="fail")
    assert engine.containers() == ()


def test_a_server_that_never_gets_ready_leaves_nothing(engine, image, home):
    with pytest.raises(EngineError, match=r"was not ready after 2 s; it wrote:\nserving"):
        serve(engine, home, mode="never", timeout_seconds=2)
    assert engine.containers() == ()


def test_a_name_is_served_once(engine, image, home):
    served = serve(engine, home)
    with pytest.raises(
        UsageError, match=rf"already served at {served.endpoint}: stop it first \(nbship stop iris\)"
    ):
        serve(engine, home)
    with pytest.raises(EngineError, match="there is a container of that name"):
        engine.run(ContainerRequest("iris", image))
    assert get(served.endpoint)["prefix"], "the first one is untouched"


def test_one_that_died_is_listed_and_makes_room(engine, image, home):
    served = serve(engine, home)
    engine._client.containers.get(served.container_id).kill()
    (found,) = list_services(home)
    assert (found.state, found.reason) == ("failed", "it ended with exit code 137")
    assert serve(engine, home).state == "ready"


def test_the_log_of_a_server_can_be_read(engine, image, home):
    serve(engine, home)
    assert service_log(home, "iris") == "serving"


def test_a_port_in_use_is_told(engine, image, home):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PackagingError, match=f"port {port} is in use by"):
            serve(engine, home, port=port)
    assert engine.containers() == ()


def test_an_image_that_the_engine_does_not_have_is_told(engine, home):
    with pytest.raises(EngineError, match=r"it has no such image\. Load it"):
        engine.run(ContainerRequest("iris", "no-such-image:1"))
    with pytest.raises(EngineError, match="it has no such image"):
        engine.save("no-such-image:1", home)
    assert engine.containers() == ()


def test_a_container_that_is_not_there_is_told(engine):
    with pytest.raises(EngineError, match="no container for 'iris'; see nbship services"):
        engine.find("iris")


@pytest.mark.parametrize("content", [b"", b"this is no archive" * 100])
def test_what_is_no_archive_is_told(engine, tmp_path, content):
    archive = tmp_path / "image.tar"
    archive.write_bytes(content)
    with pytest.raises(EngineError, match=r"loading image\.tar into the engine"):
        engine.load(archive)


def test_an_archive_that_is_not_there_is_told(engine, tmp_path):
    with pytest.raises(EngineError, match="No such file"):
        engine.load(tmp_path / "image.tar")


def test_an_engine_elsewhere_is_not_asked_to_serve_here(engine, monkeypatch):
    monkeypatch.setattr(engine, "address", "ssh://far.example.org")
    with pytest.raises(EngineError, match="the engine is on another machine"):
        engine.run(ContainerRequest("iris", MODEL.image))


def test_a_full_disk_of_the_engine_is_told(start_engine, stand_in_archive, tmp_path, monkeypatch):
    data = tmp_path / "data"
    data.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", data], check=False).returncode:
        pytest.skip("this root cannot mount")
    with start_engine(data=data) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        with Engine.connect() as engine:
            with pytest.raises(EngineError, match=r"its disk is full\. See docker system df"):
                engine.load(stand_in_archive)
            assert engine.has(MODEL.image) == "", "nothing is half-loaded"
    subprocess.run(["umount", data], check=True)


def test_an_engine_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    with pytest.raises(EngineError, match=r"there is no engine's socket\. Install Docker or start it"):
        Engine.connect()


def test_an_engine_that_is_down_is_told(tmp_path, monkeypatch):
    path = f"{tmp_path}/docker.sock"
    with closing(socket.socket(socket.AF_UNIX)) as left_behind:
        left_behind.bind(path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    with pytest.raises(EngineError, match=r"it is not running\. Start it"):
        Engine.connect()


def test_a_socket_that_one_may_not_use_is_told(engine):
    os.seteuid(65534)
    try:
        with pytest.raises(EngineError, match=r"you may not use its socket\. Join its group"):
            Engine.connect()
    finally:
        os.seteuid(0)

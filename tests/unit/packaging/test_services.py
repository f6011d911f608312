from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nbship.errors import PackagingError, UsageError
from nbship.model.image import ServedModel
from nbship.packaging.services import (
    claim_service,
    find_service,
    list_services,
    serve_process,
    service_log,
    stop_service,
)
from stand_in_server import get, make_root

MODEL = ServedModel(name="", kind="", endpoint="", state="", run_id="abc", run_name="brave-fox", model="iris")


@pytest.fixture(autouse=True)
def _no_engine(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")


@pytest.fixture
def home(tmp_path):
    home = tmp_path / ".nbship"
    yield home
    for model in list_services(home):
        stop_service(home, model.name, timeout_seconds=0.3)


def serve(home: Path, name: str = "iris", mode: str = "", port: int | None = None) -> ServedModel:
    with claim_service(home, name) as claim:
        root = make_root(claim.folder / "root")
        return serve_process(claim, MODEL, root, {"NBSHIP_SERVE_TEST": mode}, port)


def in_another_process(code: str, *arguments: object) -> str:
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_served_model_answers_and_is_listed(home):
    served = serve(home)
    assert served.state == "ready"
    assert served.kind == "process"
    assert served.ready_seconds > 0
    assert get(served.endpoint)["prefix"]
    assert list_services(home) == (served,)


def test_another_process_finds_and_stops_it(home):
    served = serve(home)
    code = (
        "import sys; from pathlib import Path; from nbship.packaging.services import *; home = Path(sys.argv[1]); "
        "print([m.endpoint for m in list_services(home)]); print(stop_service(home, 'iris').state)"
    )
    assert in_another_process(code, home) == f"['{served.endpoint}']\nstopped\n"
    assert list_services(home) == ()


def test_stopping_removes_the_files_and_keeps_the_prediction_log(home):
    served = serve(home)
    stopped = stop_service(home, "iris")
    assert (stopped.state, stopped.reason) == ("stopped", "")
    assert not list((home / "services").glob("iris*"))
    assert Path(served.log_folder) == home / "predictions" / "iris"
    assert Path(served.log_folder).is_dir()


def test_what_is_kept_is_private(home):
    serve(home)
    for folder in (home / "services", home / "services" / "iris.d", home / "predictions" / "iris"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_name_is_served_once(home):
    served = serve(home)
    with pytest.raises(
        UsageError, match=rf"already served at {served.endpoint}: stop it first \(nbship stop iris\)"
    ):
        serve(home)
    assert get(served.endpoint)["prefix"], "the first one is untouched"


def test_two_names_are_served_side_by_side(home):
    serve(home, "iris")
    serve(home, "wine")
    assert [model.name for model in list_services(home)] == ["iris", "wine"]


def test_of_two_at_once_one_gets_the_name(home):
    def attempt(_: int) -> ServedModel | UsageError:
        try:
            return serve(home)
        except UsageError as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(attempt, range(4)))
    won = [result for result in results if isinstance(result, ServedModel)]
    assert len(won) == 1
    assert all("iris" in str(result) for result in results if result not in won)
    assert list_services(home) == (won[0],)


def test_a_port_in_use_leaves_nothing(home):
    served = serve(home)
    port = int(served.endpoint.rpartition(":")[2])
    with pytest.raises(PackagingError, match=f"port {port} is in use"):
        serve(home, "wine", port=port)
    assert [model.name for model in list_services(home)] == ["iris"]
    assert not list((home / "services").glob("wine*"))


def test_a_server_that_does_not_start_leaves_nothing(home):
    with pytest.raises(PackagingError, match="the model is not what its bundle says"):
        serve(home, mode="fail")
    assert list_services(home) == ()
    assert not list((home / "services").glob("iris*"))


def test_one_that_died_is_listed_with_its_last_words_and_makes_room(home):
    served = serve(home)
    os.kill(served.pid, signal.SIGKILL)
    (found,) = list_services(home)
    while found.state != "failed":
        (found,) = list_services(home)
    assert found.reason == "it ended by itself: serving"
    again = serve(home)
    assert again.pid != served.pid
    assert list_services(home) == (again,)


def test_stopping_one_that_died_clears_it_away(home):
    served = serve(home)
    os.kill(served.pid, signal.SIGKILL)
    stopped = stop_service(home, "iris")
    assert stopped.state == "stopped"
    assert list_services(home) == ()


def test_stopping_what_was_never_there_names_what_is_near(home):
    serve(home, "iris")
    with pytest.raises(UsageError, match=r"'irs'\. Did you mean iris\?"):
        stop_service(home, "irs")
    stop_service(home, "iris")
    with pytest.raises(
        UsageError, match=r"'iris'\. Nothing is\. Containers are not counted: no container engine"
    ):
        stop_service(home, "iris")


def test_one_that_does_not_end_is_killed_and_told(home):
    serve(home, mode="deaf")
    stopped = stop_service(home, "iris", timeout_seconds=0.3)
    assert stopped.reason == "it did not end within 0.3 s, and was killed"


@pytest.mark.parametrize("name", ["", "Iris", "../iris", "iris/1", ".iris", "a" * 64, "iris 1", "iris\n"])
def test_a_name_that_is_no_name_is_refused(home, name):
    with pytest.raises(UsageError, match="cannot be the name of a service"), claim_service(home, name):
        pass


def test_names_that_look_like_our_files_do_not_mix(home):
    names = ["a", "a.d", "a.json", "a.lock"]
    for name in names:
        serve(home, name)
    assert [model.name for model in list_services(home)] == names


def test_a_damaged_record_is_passed_over(home):
    serve(home)
    (home / "services" / "broken.json").write_text("{", encoding="utf-8")
    (home / "services" / "odd.json").write_text(json.dumps({"model": 3}), encoding="utf-8")
    assert [model.name for model in list_services(home)] == ["iris"]


def test_one_of_another_machine_is_listed_and_left_alone(home):
    serve(home)
    path = home / "services" / "iris.json"
    record = path.read_text(encoding="utf-8")
    path.write_text(json.dumps(json.loads(record) | {"host": "elsewhere"}), encoding="utf-8")
    (found,) = list_services(home)
    assert found.reason == "it runs on elsewhere"
    with pytest.raises(UsageError, match="runs on elsewhere: stop it there"):
        stop_service(home, "iris")
    with pytest.raises(UsageError, match="already served by elsewhere"):
        serve(home)
    path.write_text(record, encoding="utf-8")


def test_the_log_of_a_server_can_be_read(home):
    serve(home)
    assert service_log(home, "iris") == "serving"
    with pytest.raises(UsageError, match="nothing is served under the name 'wine'"):
        service_log(home, "wine")


def test_nothing_is_listed_where_nothing_was_served(home):
    assert list_services(home) == ()
    with pytest.raises(UsageError, match="nothing is served"):
        find_service(home, "iris")


def test_state_tells_a_server_that_is_not_ready_any_more(home):
    served = serve(home)
    os.kill(served.pid, signal.SIGSTOP)
    try:
        (found,) = list_services(home)
        assert found.state == "draining"
    finally:
        os.kill(served.pid, signal.SIGCONT)

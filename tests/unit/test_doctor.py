from __future__ import annotations

import json
import socket
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from nbship.config import load_settings
from nbship.doctor import Check, Diagnosis, diagnose
from nbship.model.event import RunBegan, SessionOpened
from nbship.model.image import ServedModel
from nbship.packaging.service_records import ServiceRecord, claim_service
from nbship.recording.journal import SpoolWriter
from nbship.recording.process import this_process


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    return load_settings(tmp_path)


def check(settings, name: str, **changes) -> Check:
    (found,) = [one for one in diagnose(replace(settings, **changes)).checks if one.name == name]
    return found


def test_a_new_project_is_healthy_and_its_store_not_there_yet(settings):
    diagnosis = diagnose(settings)
    assert diagnosis.healthy
    assert check(settings, "store").ok is None
    assert "first tracked cell" in check(settings, "store").hint
    assert check(settings, "queue") == Check("queue", ok=True, found="empty")
    assert not settings.home.exists()


def test_every_setting_is_told_with_its_origin(settings):
    assert diagnose(settings).settings == tuple(settings.rows())


def test_only_what_is_broken_is_unhealthy():
    good, missing, bad = (Check("x", ok=ok, found="") for ok in (True, None, False))
    assert Diagnosis((good, missing), ()).healthy
    assert not Diagnosis((good, bad), ()).healthy
    data = Diagnosis((bad,), (("quiet", "False", "default"),)).to_dict()
    assert json.loads(json.dumps(data)) == {
        "healthy": False,
        "checks": [{"name": "x", "ok": False, "found": "", "hint": ""}],
        "settings": [{"name": "quiet", "value": "False", "origin": "default"}],
    }


def test_packages_are_told_by_version_and_a_missing_one_with_the_way_to_get_it(settings):
    packages = {one.name: one for one in diagnose(settings).checks}
    assert packages["mlflow"].ok is True
    missing = [one for one in packages.values() if one.found == "not installed"]
    assert all(one.ok is None and f"pip install {one.name}" in one.hint for one in missing)


def test_the_runs_of_a_database_are_counted(settings, tmp_path):
    with closing(sqlite3.connect(tmp_path / "a?b#c.db")) as connection, connection:
        connection.execute("create table runs (id text)")
        connection.execute("insert into runs values ('a')")
    uri = f"sqlite:///{tmp_path / 'a?b#c.db'}"
    assert check(settings, "store", tracking_uri=uri) == Check("store", ok=True, found=f"{uri}, 1 runs")


@pytest.mark.parametrize("content", [b"", b"no database" * 100])
def test_a_file_that_is_no_store_of_mlflow_is_broken(settings, tmp_path, content):
    (tmp_path / "odd.db").write_bytes(content)
    found = check(settings, "store", tracking_uri=f"sqlite:///{tmp_path / 'odd.db'}")
    assert found.ok is False
    assert "is this a database of MLflow?" in found.hint


def test_a_folder_in_place_of_the_store_is_broken(settings, tmp_path):
    assert check(settings, "store", tracking_uri=f"sqlite:///{tmp_path}").ok is False


class Version(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"3.1.0" if self.path == "/version" else b"lost")

    def log_message(self, *_) -> None:
        """Say nothing."""


def test_a_server_is_asked_for_its_version(settings):
    with HTTPServer(("127.0.0.1", 0), Version) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        found = check(settings, "store", tracking_uri=f"http://127.0.0.1:{server.server_port}/")
        thread.join()
    assert found.ok is True
    assert found.found.endswith("MLflow 3.1.0")


def test_a_server_that_is_down_is_broken_and_runs_wait(settings):
    with HTTPServer(("127.0.0.1", 0), Version) as server:
        port = server.server_port
    found = check(settings, "store", tracking_uri=f"http://127.0.0.1:{port}")
    assert found.ok is False
    assert "runs wait in the queue until it answers" in found.hint


@pytest.mark.parametrize("uri", ["http://host:port", "http://", "http://[::1"])
def test_a_malformed_address_is_broken_and_no_traceback(settings, uri):
    assert check(settings, "store", tracking_uri=uri).ok is False


def test_no_password_is_told(settings):
    for uri in ("http://bob:hunter2@127.0.0.1:9", "postgresql://bob:hunter2@db/x"):
        assert "hunter2" not in repr(diagnose(replace(settings, tracking_uri=uri)))


def test_other_databases_are_not_looked_at(settings):
    assert check(settings, "store", tracking_uri="postgresql://db/x").ok is None


def test_what_waits_is_told_with_the_way_to_move_it(settings):
    writer = SpoolWriter.create(settings.spool, SessionOpened("s1", this_process()))
    writer.append(RunBegan("a", "a", "u", "e", 1))
    found = check(settings, "queue")
    assert (found.ok, found.hint) == (None, "nbship sync --wait brings them to the store")
    writer.close()


def test_outages_and_what_was_set_aside_are_broken(settings):
    settings.spool.mkdir(parents=True)
    state = {"pid": 7, "outages": {"http://a": {"text": "refused", "since_ms": 5}}, "unreadable": {}}
    (settings.spool / "state.json").write_text(json.dumps(state))
    (settings.spool / "set-aside").mkdir()
    (settings.spool / "set-aside" / "odd").touch()
    assert check(settings, "store outage") == Check(
        "store outage", ok=False, found="http://a", hint="refused"
    )
    assert check(settings, "set aside").found == str(settings.spool / "set-aside" / "odd")


def test_a_home_elsewhere_is_told_with_the_reason(settings):
    settings = replace(settings, origins={"home": "the project folder is read-only"})
    found = check(settings, "home")
    assert (found.ok, "read-only" in found.hint) == (None, True)


def test_without_an_engine_it_says_what_still_works(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    found = check(settings, "containers")
    assert (found.ok, found.found) == (None, "no engine")
    assert "images are built without an engine" in found.hint


def test_a_server_that_has_ended_by_itself_is_told(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    model = ServedModel("late", "process", "http://127.0.0.1:9", "ready", "r" * 32, pid=2**22 - 1)
    with claim_service(settings.home, "late") as claim:
        claim.write(ServiceRecord(model, 9, socket.gethostname()))
    found = check(settings, "served")
    assert (found.ok, found.found) == (False, "late failed")
    assert "nbship stop late clears it" in found.hint

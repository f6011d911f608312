from __future__ import annotations

import hashlib
import json

import pytest

from nbship.packaging.engine_address import engine_address, is_local


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def choose_context(folder, host: str, name: str = "colima") -> None:
    (folder / "config.json").write_text(json.dumps({"currentContext": name}))
    place = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    place.mkdir(parents=True)
    (place / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))


def test_the_usual_socket_comes_last():
    assert engine_address() == "unix:///var/run/docker.sock"


def test_a_context_is_followed(folder):
    choose_context(folder, "unix:///colima.sock")
    assert engine_address() == "unix:///colima.sock"


def test_the_environment_wins(folder, monkeypatch):
    choose_context(folder, "unix:///colima.sock")
    monkeypatch.setenv("DOCKER_HOST", "tcp://10.0.0.1:2376")
    assert engine_address() == "tcp://10.0.0.1:2376"


@pytest.mark.parametrize("config", ["{", "[]", '{"currentContext": "gone"}', '{"currentContext": 3}'])
def test_a_damaged_context_leaves_the_usual_socket(folder, config):
    (folder / "config.json").write_text(config)
    assert engine_address() == "unix:///var/run/docker.sock"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("unix:///var/run/docker.sock", True),
        ("tcp://127.0.0.1:2375", True),
        ("tcp://localhost:2375", True),
        ("tcp://localhost.example.org:2375", False),
        ("tcp://10.0.0.1:2376", False),
        ("ssh://me@far.example.org", False),
        ("ssh://me@localhost", True),
    ],
)
def test_a_far_engine_is_told_from_a_near_one(address, expected):
    assert is_local(address) is expected

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from nbship.errors import RegistryError
from nbship.packaging.credentials import Credentials, find_credentials

AUTH = base64.b64encode(b"lead:open:sesame").decode()


@pytest.fixture
def configure(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.delenv("REGISTRY_AUTH_FILE", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)

    def write(config: Any) -> Path:
        path = tmp_path / "config.json"
        path.write_text(config if isinstance(config, str) else json.dumps(config))
        return path

    return write


@pytest.fixture
def helper(tmp_path, monkeypatch):
    """Return a function that installs a credential helper, which notes what it is asked."""

    def install(script: str) -> Path:
        program = tmp_path / "docker-credential-tests"
        program.write_text(f"#!/bin/sh\ncat > {tmp_path}/asked\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        return tmp_path / "asked"

    return install


def test_nothing_is_found_where_nobody_logged_in(configure):
    assert find_credentials("ghcr.io") is None


@pytest.mark.parametrize("key", ["ghcr.io", "https://ghcr.io", "https://ghcr.io/v2/"])
def test_a_password_is_read(configure, key):
    configure({"auths": {key: {"auth": AUTH}}})
    assert find_credentials("ghcr.io") == Credentials("lead", "open:sesame")
    assert find_credentials("quay.io") is None


def test_the_hub_has_a_name_of_its_own(configure):
    configure({"auths": {"https://index.docker.io/v1/": {"auth": AUTH}}})
    assert find_credentials("docker.io") == Credentials("lead", "open:sesame")


def test_an_identity_token_is_read(configure):
    configure({"auths": {"ghcr.io": {"identitytoken": "abc"}}})
    assert find_credentials("ghcr.io") == Credentials(identity_token="abc")


def test_a_file_of_podman_is_read(configure, tmp_path, monkeypatch):
    path = tmp_path / "auth.json"
    path.write_text(json.dumps({"auths": {"ghcr.io": {"auth": AUTH}}}))
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(path))
    assert find_credentials("ghcr.io") == Credentials("lead", "open:sesame")


def test_a_helper_is_asked_for_its_registry(configure, helper):
    configure({"credHelpers": {"ghcr.io": "tests"}})
    asked = helper("""echo '{"Username": "lead", "Secret": "abc"}'""")
    assert find_credentials("ghcr.io") == Credentials("lead", "abc")
    assert asked.read_text() == "ghcr.io"
    assert find_credentials("quay.io") is None


def test_a_store_may_hold_an_identity_token(configure, helper):
    configure({"credsStore": "tests"})
    asked = helper("""echo '{"Username": "<token>", "Secret": "abc"}'""")
    assert find_credentials("docker.io") == Credentials(identity_token="abc")
    assert asked.read_text() == "https://index.docker.io/v1/"


def test_a_helper_that_has_nothing_is_no_error(configure, helper):
    configure({"credsStore": "tests", "auths": {"ghcr.io": {"auth": AUTH}}})
    helper("echo credentials not found in native keychain; exit 1")
    assert find_credentials("ghcr.io") == Credentials("lead", "open:sesame")


def test_a_helper_that_is_not_installed_is_told(configure):
    configure({"credsStore": "no-such-helper"})
    with pytest.raises(
        RegistryError, match=r"docker-credential-no-such-helper, which cannot be asked.*docker login ghcr\.io"
    ):
        find_credentials("ghcr.io")


def test_a_helper_that_talks_nonsense_is_told(configure, helper):
    configure({"credsStore": "tests"})
    helper("echo nonsense")
    with pytest.raises(RegistryError, match="no JSON of one"):
        find_credentials("ghcr.io")


def test_a_damaged_file_is_told(configure):
    path = configure("{")
    with pytest.raises(RegistryError, match=f"cannot read the registry credentials in {path}"):
        find_credentials("ghcr.io")


def test_damaged_credentials_are_told(configure):
    configure({"auths": {"ghcr.io": {"auth": "%%%"}}})
    with pytest.raises(RegistryError, match=r"are damaged: run docker login ghcr\.io again"):
        find_credentials("ghcr.io")


def test_secrets_do_not_show():
    assert "abc" not in repr(Credentials("lead", "abc", "abc"))

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from nbship.errors import UsageError
from nbship.pipeline.parameters import secrets
from nbship.pipeline.parameters.python_source import parameters_source
from nbship.pipeline.parameters.secrets import Secret, secret_reference, secret_variable

VALUE = "hunter22-geheim"


@pytest.fixture(autouse=True)
def _nothing_taken(monkeypatch):
    monkeypatch.setattr(secrets, "_taken", {})


def test_a_secret_is_the_text_it_holds():
    secret = Secret(VALUE)
    assert isinstance(secret, str)
    assert secret == VALUE
    assert f"Bearer {secret}" == f"Bearer {VALUE}"
    assert hash(secret) == hash(VALUE)


def test_a_secret_does_not_show_itself():
    secret = Secret(VALUE)
    assert repr(secret) == "Secret('***')"
    assert VALUE not in repr([secret, {"key": secret}, (secret,)])
    assert VALUE not in f"{secret!r}"


def test_a_copy_of_a_secret_is_a_secret():
    for again in (pickle.loads(pickle.dumps(Secret(VALUE))), copy.deepcopy(Secret(VALUE))):
        assert type(again) is Secret
        assert again == VALUE


def test_secret_stands_as_an_annotation():
    assert Secret[str] is Secret


def test_a_secret_from_the_environment(monkeypatch):
    monkeypatch.setenv("MY_KEY", VALUE)
    secret = Secret.from_env("MY_KEY")
    assert (type(secret), secret) == (Secret, VALUE)
    assert os.environ["MY_KEY"] == VALUE


def test_a_missing_or_empty_variable_is_named(monkeypatch):
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(UsageError, match="MY_KEY is not set"):
        Secret.from_env("MY_KEY")
    monkeypatch.setenv("MY_KEY", "")
    with pytest.raises(UsageError, match="MY_KEY is empty"):
        Secret.from_env("MY_KEY")


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"abc", "abc"),
        (b"abc\n", "abc"),
        (b"abc\r\n", "abc"),
        (b"a\nb\n", "a\nb"),
        (b" abc ", " abc "),
        ("ä".encode(), "ä"),
    ],
)
def test_a_secret_from_a_file_has_no_line_end(tmp_path, content, value):
    (tmp_path / "key").write_bytes(content)
    assert Secret.from_file(tmp_path / "key") == value
    assert Secret.from_file(str(tmp_path / "key")) == value


def test_a_secret_from_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "key").write_text(VALUE, encoding="utf-8")
    assert Secret.from_file("~/key") == VALUE


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), (b"", "it is empty"), (b"\n", "it is empty"), (b"\xff\xfe", "UTF-8")],
)
def test_a_file_without_a_secret_is_named_with_the_reason(tmp_path, content, reason):
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(UsageError, match=rf"cannot take a secret from the file .*key: .*{reason}"):
        Secret.from_file(tmp_path / "key")


def test_a_folder_is_no_secret(tmp_path):
    with pytest.raises(UsageError, match="Is a directory"):
        Secret.from_file(tmp_path)


def test_a_step_takes_its_secret_out_of_the_environment(monkeypatch):
    monkeypatch.setenv(secret_variable("api_key"), VALUE)
    assert Secret.from_step("api_key") == VALUE
    assert secret_variable("api_key") not in os.environ
    again = Secret.from_step("api_key")
    assert (type(again), again) == (Secret, VALUE)


def test_a_new_value_replaces_the_one_that_was_taken(monkeypatch):
    monkeypatch.setenv(secret_variable("api_key"), "old")
    Secret.from_step("api_key")
    monkeypatch.setenv(secret_variable("api_key"), "new")
    assert Secret.from_step("api_key") == "new"


def test_names_that_differ_in_case_are_two_secrets(monkeypatch):
    monkeypatch.setenv(secret_variable("key"), "a")
    monkeypatch.setenv(secret_variable("KEY"), "b")
    assert (Secret.from_step("key"), Secret.from_step("KEY")) == ("a", "b")


def test_outside_of_a_step_the_error_says_what_to_do(monkeypatch):
    monkeypatch.delenv(secret_variable("api_key"), raising=False)
    with pytest.raises(UsageError, match=r"'api_key'.*--secret api_key=env:VAR.*from_env"):
        Secret.from_step("api_key")


def test_a_program_started_by_the_notebook_does_not_inherit_the_secret(monkeypatch):
    monkeypatch.setenv(secret_variable("api_key"), VALUE)
    Secret.from_step("api_key")
    command = [sys.executable, "-c", "import os; print(dict(os.environ))"]
    assert VALUE not in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_injected_cell_binds_the_secret_and_does_not_hold_it(monkeypatch):
    monkeypatch.setenv(secret_variable("api_key"), VALUE)
    source = parameters_source({"n": 1}, secrets=["api_key"])
    namespace: dict[str, object] = {}
    exec(source, namespace)
    assert namespace["api_key"] == VALUE
    assert VALUE not in source


def test_a_reference_names_a_variable_or_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_KEY", VALUE)
    (tmp_path / "a:b").write_text(f"{VALUE}\n", encoding="utf-8")
    assert secret_reference("env:MY_KEY") == VALUE
    assert secret_reference(f"file:{tmp_path / 'a:b'}") == VALUE
    assert type(secret_reference("env:MY_KEY")) is Secret


@pytest.mark.parametrize("reference", [VALUE, "", "env:", "file:", "ENV:X", f"vault:{VALUE}", f"env{VALUE}"])
def test_a_value_in_place_of_a_reference_is_not_repeated(reference):
    with pytest.raises(UsageError, match="NAME=env:VAR or NAME=file:PATH") as raised:
        secret_reference(reference)
    assert VALUE not in str(raised.value)


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(UsageError, match="missing"):
        secret_reference(f"file:{Path(tmp_path) / 'missing'}")

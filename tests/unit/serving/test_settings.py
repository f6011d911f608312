from __future__ import annotations

from pathlib import Path

import pytest

from nbship.errors import ConfigurationError
from nbship.serving.settings import ServeSettings

NEEDED = {"NBSHIP_SERVE_BUNDLE": "/opt/model", "NBSHIP_SERVE_BUNDLE_SHA256": "ab" * 32}


def read(**given: str) -> ServeSettings:
    return ServeSettings.from_environment(NEEDED | {f"NBSHIP_SERVE_{name}": it for name, it in given.items()})


def test_without_settings_the_defaults_hold():
    assert read() == ServeSettings(Path("/opt/model"), "ab" * 32)


def test_every_setting_is_read():
    found = read(
        HOST="::",
        PORT="0",
        MAX_BODY_BYTES="10",
        MAX_ROWS="5",
        TIMEOUT_SECONDS="0.5",
        MAX_CONCURRENT="7",
        TOKEN="abc",
        LOG="Off",
        LOG_DIR="/logs",
        LOG_BYTES="1000000",
        LOG_SAMPLE="0.25",
        LOG_REDACT="name, age ,",
        DRAIN_SECONDS="0",
    )
    expected = ServeSettings(
        Path("/opt/model"),
        "ab" * 32,
        "::",
        0,
        10,
        5,
        0.5,
        7,
        "abc",
        log=False,
        log_dir=Path("/logs"),
        log_bytes=1_000_000,
        log_sample=0.25,
        log_redact=frozenset({"name", "age"}),
        drain_seconds=0,
    )
    assert found == expected


def test_empty_variables_count_as_not_set():
    assert read(PORT="", TOKEN="") == read()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "65536", "from 0 to 65535"),
        ("PORT", "http", "whole number"),
        ("MAX_ROWS", "0", "at least 1"),
        ("MAX_ROWS", "1.5", "whole number"),
        ("TIMEOUT_SECONDS", "nan", "'nan'"),
        ("LOG", "maybe", "on or off"),
        ("LOG_SAMPLE", "2", "from 0 to 1"),
        ("LOG_BYTES", "12", "at least 65536"),
        ("BUNDLE_SHA256", "abc", "64 hexadecimal digits"),
        ("BUNDEL", "/x", "is no setting"),
        ("TOKEN", "two words", "printable ASCII"),
        ("TOKEN_FILE", "/nowhere/token", "cannot be read"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_its_name(name, value, said):
    with pytest.raises(ConfigurationError, match=said) as caught:
        read(**{name: value})
    assert f"NBSHIP_SERVE_{name}" in str(caught.value)


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_what_must_be_set_is_asked_for(name):
    with pytest.raises(ConfigurationError, match=f"{name} is not set"):
        ServeSettings.from_environment({key: value for key, value in NEEDED.items() if key != name})


def test_a_token_comes_from_a_file_and_is_shown_nowhere(tmp_path):
    path = tmp_path / "token"
    path.write_text("s3cret\n")
    found = read(TOKEN_FILE=str(path))
    assert found.token == "s3cret"
    assert "s3cret" not in repr(found)


def test_an_empty_token_file_does_not_open_the_server(tmp_path):
    path = tmp_path / "token"
    path.write_text("\n")
    with pytest.raises(ConfigurationError, match="is empty"):
        read(TOKEN_FILE=str(path))


def test_two_tokens_are_one_too_many(tmp_path):
    with pytest.raises(ConfigurationError, match="both set"):
        read(TOKEN="a", TOKEN_FILE="/run/token")

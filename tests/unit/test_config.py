from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest

from nbship.config import (
    ENVIRONMENT,
    Settings,
    find_project,
    load_settings,
    prepare_home,
    shown_uri,
    source_values,
)
from nbship.errors import ConfigurationError


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "prices"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    return folder


def configure(project: Path, text: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.nbship]\n{text}\n", encoding="utf-8")


@pytest.mark.parametrize("marker", [".nbship", ".git", "pyproject.toml"])
def test_the_project_is_found_upward_by_its_marker(tmp_path, marker):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / marker).mkdir()
    assert find_project(inner) == (tmp_path, f"has {marker}")


def test_the_nearest_marker_wins_and_without_one_it_is_the_folder_itself(tmp_path, monkeypatch):
    inner = tmp_path / "a"
    inner.mkdir()
    assert find_project(inner) == (inner, "the current folder")
    (tmp_path / ".git").mkdir()
    (inner / "pyproject.toml").touch()
    monkeypatch.chdir(inner)
    assert find_project() == (inner, "has pyproject.toml")


def test_a_current_folder_that_is_gone_is_said_in_one_line(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(ConfigurationError, match="does not exist any more"):
        load_settings()


def test_defaults_are_beside_the_notebooks(project):
    settings = load_settings(project)
    home = project / ".nbship"
    assert settings.tracking_uri == f"sqlite:///{home / 'mlflow.db'}"
    assert settings.artifact_root == (home / "artifacts").as_uri()
    assert (settings.experiment, settings.spool) == ("prices", home / "spool")
    assert (settings.quiet, settings.fingerprints, settings.exit_wait_seconds) == (False, True, 10.0)
    assert (settings.profiles, settings.profile_min_count) == (True, 0)
    assert settings.origins == {"project": "has pyproject.toml", "home": "default"}
    assert not home.exists()


def test_config_wins_over_the_environment_over_pyproject(project, monkeypatch):
    configure(project, 'experiment = "file"\nquiet = true\ngit = false')
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "mlflow")
    assert load_settings(project).experiment == "mlflow"
    monkeypatch.setenv("NBSHIP_EXPERIMENT", "nbship")
    monkeypatch.setenv("NBSHIP_QUIET", "off")
    settings = load_settings(project, {"experiment": "here"})
    assert (settings.experiment, settings.quiet, settings.git) == ("here", False, False)
    assert settings.origins["experiment"] == "%config Nbship"
    assert settings.origins["quiet"] == "environment variable NBSHIP_QUIET"
    assert settings.origins["git"] == "pyproject.toml [tool.nbship]"


def test_an_empty_variable_is_not_set(project, monkeypatch):
    configure(project, "models = false")
    monkeypatch.setenv("NBSHIP_MODELS", "")
    monkeypatch.setenv("NBSHIP_EXPERIMENT", "")
    settings = load_settings(project)
    assert (settings.models, settings.experiment) == (False, "prices")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("TRUE", True), (" yes ", True), ("on", True), ("0", False), ("No", False), ("off", False)],
)
def test_switches_take_the_usual_words(project, monkeypatch, text, value):
    monkeypatch.setenv("NBSHIP_FILES", text)
    assert load_settings(project).files is value


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('quiet = "perhaps"', "true or false"),
        ("models = [true]", "true or false"),
        ('exit_wait_seconds = "soon"', "a number of seconds"),
        ("exit_wait_seconds = [1]", "a number of seconds"),
        ("exit_wait_seconds = true", "a number of seconds"),
        ("exit_wait_seconds = nan", "a number of seconds"),
        ("exit_wait_seconds = -1", "0 or more"),
        ("tracking_uri = 5000", "text"),
        ('experiment = ["a"]', "text"),
    ],
)
def test_a_wrong_value_names_setting_origin_and_what_is_expected(project, line, expected):
    configure(project, line)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(project)
    assert line.split()[0] in str(caught.value)
    assert "pyproject.toml [tool.nbship]" in str(caught.value)
    assert expected in str(caught.value)


@pytest.mark.parametrize("seconds", ["0", "2.5", "inf"])
def test_waiting_may_be_none_some_or_without_end(project, monkeypatch, seconds):
    monkeypatch.setenv("NBSHIP_EXIT_WAIT_SECONDS", seconds)
    assert load_settings(project).exit_wait_seconds == float(seconds)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tool.nbship\n", "cannot read"),
        ("[tool]\nnbship = 3\n", r"\[tool.nbship\]"),
        ("[tool.nbship]\nquite = true\n", "unknown settings: quite"),
    ],
)
def test_a_broken_pyproject_is_one_line_that_names_the_file(project, text, says):
    (project / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=says) as caught:
        load_settings(project)
    assert str(project / "pyproject.toml") in str(caught.value)


@pytest.mark.parametrize("text", ["", "tool = 3\n", '[project]\nname = "x"\n', "[tool.ruff]\n"])
def test_a_pyproject_without_a_word_about_nbship_changes_nothing(project, text):
    (project / "pyproject.toml").write_text(text)
    assert load_settings(project).experiment == "prices"


@pytest.mark.parametrize(
    ("uri", "anchored", "has_root"),
    [
        ("sqlite:///runs.db", "sqlite:///{project}/runs.db", True),
        ("sqlite:////abs/runs.db", "sqlite:////abs/runs.db", True),
        ("sqlite:///:memory:", "sqlite:///:memory:", True),
        ("sqlite:///C:/runs.db", "sqlite:///C:/runs.db", True),
        ("postgresql://db/runs", "postgresql://db/runs", True),
        ("http://mlflow:5000", "http://mlflow:5000", False),
    ],
)
def test_a_relative_database_is_the_projects_and_servers_keep_their_own_artifacts(
    project, uri, anchored, has_root
):
    settings = load_settings(project, {"tracking_uri": uri})
    assert settings.tracking_uri == anchored.format(project=project)
    assert (settings.artifact_root is not None) is has_root


def test_a_file_in_the_way_of_the_home_moves_it_and_says_why(project):
    (project / ".nbship").write_text("mine")
    settings = load_settings(project)
    assert not settings.home.is_relative_to(project)
    assert settings.home.name.startswith("prices-")
    assert settings.origins["home"] == f"{project / '.nbship'} is not a folder"


def test_the_home_keeps_itself_out_of_version_control(project):
    settings = load_settings(project)
    ignore = prepare_home(settings) / ".gitignore"
    assert ignore.read_text().splitlines()[-1] == "*"
    ignore.write_text("mine")
    prepare_home(settings)
    assert ignore.read_text() == "mine"


def test_every_setting_has_a_row_with_its_origin_and_no_password(project, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://bob:hunter2@db:5432/runs")
    settings = load_settings(project)
    rows = {name: (value, origin) for name, value, origin in settings.rows()}
    assert rows.keys() == {item.name for item in fields(Settings)} - {"origins"}
    assert rows["tracking_uri"] == (
        "postgresql://bob:***@db:5432/runs",
        "environment variable MLFLOW_TRACKING_URI",
    )
    assert rows["notebook"] == ("", "default")
    assert settings.tracking_uri == "postgresql://bob:hunter2@db:5432/runs"


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://user:p@ss@host:80/x", "http://user:***@host:80/x"),
        ("http://host:5000", "http://host:5000"),
        ("http://host:5000/a@b", "http://host:5000/a@b"),
        ("sqlite:////data/a:b@c.db", "sqlite:////data/a:b@c.db"),
        ("https://token@host", "https://token@host"),
    ],
)
def test_a_shown_address_has_no_password(uri, shown):
    assert shown_uri(uri) == shown


def test_source_values_change_with_every_variable_and_option(monkeypatch):
    before = source_values({})
    for variables in ENVIRONMENT.values():
        for variable in variables:
            with monkeypatch.context() as patch:
                patch.setenv(variable, "1")
                assert source_values({}) != before
    assert source_values({}) == before
    assert source_values({"quiet": True}) != before


def test_every_variable_belongs_to_a_setting():
    assert ENVIRONMENT.keys() <= {item.name for item in fields(Settings)}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_project_keeps_its_runs_elsewhere(project):
    project.chmod(0o555)
    try:
        assert "read-only" in load_settings(project).origins["home"]
    finally:
        project.chmod(0o755)


def test_threads_that_ask_at_once_all_find_the_project_writable(project):
    with ThreadPoolExecutor(8) as threads:
        homes = set(threads.map(lambda _: load_settings(project).home, range(400)))
    assert homes == {project / ".nbship"}


def test_rare_levels_can_be_withheld_from_profiles(project, monkeypatch):
    monkeypatch.setenv("NBSHIP_PROFILES", "off")
    monkeypatch.setenv("NBSHIP_PROFILE_MIN_COUNT", "5")
    settings = load_settings(project)
    assert (settings.profiles, settings.profile_min_count) == (False, 5)


@pytest.mark.parametrize("value", ["-1", "1.5", "many", "true"])
def test_a_count_is_a_whole_number(project, monkeypatch, value):
    monkeypatch.setenv("NBSHIP_PROFILE_MIN_COUNT", value)
    with pytest.raises(ConfigurationError, match="expected a whole number, 0 or more"):
        load_settings(project)

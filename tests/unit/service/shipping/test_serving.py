from __future__ import annotations

import pytest

from images import served
from nbship.config import load_settings
from nbship.errors import UsageError
from nbship.service.shipping.serving import _is_own, stop


@pytest.fixture
def settings(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    return load_settings(tmp_path)


def test_all_of_a_project_are_its_processes_and_the_containers_that_log_into_it(settings):
    here = str(settings.home / "predictions" / "late-flights")
    assert _is_own(settings, served(kind="process"))
    assert _is_own(settings, served(kind="container", log_folder=here))
    assert not _is_own(settings, served(kind="container", log_folder="/elsewhere/.nbship/predictions/x"))
    assert not _is_own(settings, served(kind="container", log_folder=""))


def test_stopping_wants_names_or_all(settings):
    with pytest.raises(UsageError, match="say --all"):
        stop(settings, [])
    assert stop(settings, [], every=True) == ()
    with pytest.raises(UsageError, match="nothing is served under the name 'late'"):
        stop(settings, ["late"])

from __future__ import annotations

import pytest

from nbship.errors import UsageError
from nbship.store.model_lookup import MlflowModels, open_index
from nbship.store.registry import version_of, versions_of_runs
from nbship.store.sqlite_models import SqliteModels


@pytest.fixture
def client(tracking_uri):
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri)


@pytest.fixture
def runs(client):
    """Two runs; the first has versions of two registered models, one version was deleted."""
    experiment = client.create_experiment("e")
    first, second = (client.create_run(experiment).info.run_id for _ in range(2))
    for name in ("weather", "flights"):
        client.create_registered_model(name)
        for _ in range(2):
            client.create_model_version(name, "/nowhere", first)
    client.delete_model_version("flights", "1")
    client.set_registered_model_alias("weather", "champion", "2")
    client.set_registered_model_alias("weather", "best", "2")
    return first, second


def test_versions_of_a_run_are_the_same_as_through_mlflow(tracking_uri, runs):
    direct = open_index(tracking_uri)
    assert isinstance(direct, SqliteModels)
    for run in (*runs, "none"):
        assert direct.versions_of_run(run) == MlflowModels(tracking_uri).versions_of_run(run)
    found = [(one.name, one.version) for one in direct.versions_of_run(runs[0])]
    assert found == [("flights", "2"), ("weather", "1"), ("weather", "2")]


def test_versions_come_with_their_aliases(tracking_uri, runs):
    found = versions_of_runs(tracking_uri, runs)
    assert found.keys() == {runs[0]}
    assert [(one.uri, one.aliases) for one in found[runs[0]]] == [
        ("models:/flights/2", ()),
        ("models:/weather/1", ()),
        ("models:/weather/2", ("best", "champion")),
    ]
    assert version_of(tracking_uri, "weather", "2") == found[runs[0]][2]


def test_a_version_that_is_gone_is_wrong_use_that_names_the_others(tracking_uri, runs):
    with pytest.raises(UsageError, match="no version '1'; it has 2"):
        version_of(tracking_uri, "flights", "1")


def test_a_store_that_nobody_has_made_has_no_versions(tmp_path):
    uri = f"sqlite:///{tmp_path / 'none.db'}"
    assert versions_of_runs(uri, ["x"]) == {}
    assert list(tmp_path.iterdir()) == []

from __future__ import annotations

import json

import pytest

from nbship import service

PARAMETERS = "lr: float = 0.1\ndepth: int = 3\ntoken: 'nbship.Secret' = ''\ntext = 'x'"


def notebook(source=PARAMETERS):
    cell = {
        "cell_type": "code",
        "id": "a",
        "source": source,
        "metadata": {"tags": ["parameters"]},
        "outputs": [],
        "execution_count": None,
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def make(client, experiment):
    def run(named, params=None, **tags):
        from mlflow.entities import Param

        tags = {"mlflow.source.name": named, **{f"nbship.{key}": value for key, value in tags.items()}}
        made = client.create_run(experiment, tags=tags).info.run_id
        client.log_batch(made, params=[Param(key, value) for key, value in (params or {}).items()])
        return made

    return run


def test_the_notebook_is_found_with_its_parameters_and_their_values(own_store, make):
    path = own_store.project / "deep" / "train.ipynb"
    path.parent.mkdir()
    path.write_text(notebook())
    run = make(
        "train.ipynb", {"lr": "0.3", "other": "1", "token": "***", "text": "y" * 5999 + "…"}, kind="step"
    )
    found = service.rerun_source(own_store, run)
    assert (found.path, found.kind, found.candidates) == (
        "deep/train.ipynb",
        "step",
        (),
    )
    assert [one["name"] for one in found.parameters["parameters"]] == ["lr", "depth", "token", "text"]
    assert found.values == {"lr": "0.3"}
    assert json.loads(json.dumps(found.to_dict()))["values"] == {"lr": "0.3"}


@pytest.mark.parametrize("named", ["deep/train.ipynb", "{project}/deep/train.ipynb"])
def test_a_path_is_taken_before_a_name(own_store, make, named):
    for folder in ("deep", "other"):
        (own_store.project / folder).mkdir()
        (own_store.project / folder / "train.ipynb").write_text(notebook())
    found = service.rerun_source(own_store, make(named.format(project=own_store.project)))
    assert (found.path, found.kind) == ("deep/train.ipynb", "notebook")


def test_of_several_files_of_a_name_none_is_guessed(own_store, make):
    for folder in ("a", "b", ".hidden", "node_modules"):
        (own_store.project / folder).mkdir()
        (own_store.project / folder / "train.ipynb").write_text(notebook())
    found = service.rerun_source(own_store, make("train.ipynb"))
    assert (found.path, found.parameters) == (None, None)
    assert found.candidates == ("a/train.ipynb", "b/train.ipynb")


def test_a_notebook_that_is_gone_or_elsewhere_has_no_path(own_store, make, tmp_path):
    (tmp_path / "outside.ipynb").write_text(notebook())
    for named in ("gone.ipynb", "../outside.ipynb", str(tmp_path / "outside.ipynb"), "", "x" * 300):
        found = service.rerun_source(own_store, make(named))
        assert (found.path, found.parameters, found.candidates) == (None, None, ()), named


def test_a_file_that_is_no_notebook_any_more_declares_nothing(own_store, make):
    (own_store.project / "train.ipynb").write_text("not json")
    found = service.rerun_source(own_store, make("train.ipynb"))
    assert (found.path, found.parameters, found.values) == ("train.ipynb", None, {})


def test_a_pipeline_is_its_file(own_store, make):
    (own_store.project / "pipeline.toml").write_text("")
    run = make("x", kind="pipeline", pipeline="pipeline.toml")
    assert service.rerun_source(own_store, run).path == "pipeline.toml"

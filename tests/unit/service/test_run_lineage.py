from __future__ import annotations

import json

import pytest

from nbship import service
from nbship.service.shipping.image_records import read_images


def drawn(graph):
    labels = {node.id: (node.kind, node.label) for node in graph.nodes}
    assert len(labels) == len(graph.nodes)
    return {(labels[earlier], labels[later]) for earlier, later in graph.edges}


def test_files_lead_to_data_to_the_run_to_its_model(settings):
    run, data, file = ("run", "fit"), ("dataset", "flights"), ("file", "flights.csv")
    graph = service.run_lineage(settings, "fit")
    assert drawn(graph) == {
        (file, data),
        (data, run),
        (run, ("model", "model")),
        (run, ("file", "report.txt")),
    }
    assert json.loads(json.dumps(graph.to_dict()))["nodes"][0]["kind"] == "run"


def test_a_file_is_told_where_the_data_came_from_another_cell(settings):
    graph = drawn(service.run_lineage(settings, "changed"))
    assert (("file", "flights.csv"), ("run", "changed")) in graph
    assert (("dataset", "flights"), ("run", "changed")) in graph


@pytest.fixture
def family(client, experiment):
    """A sweep of two points, one of which a later step has used."""
    made = {}

    def make(name, **tags):
        run = client.create_run(experiment, run_name=name, tags=tags).info.run_id
        client.set_terminated(run)
        made[name] = run
        return run

    parent = make("sweep", **{"nbship.kind": "sweep"})
    for number in range(2):
        tags = {"mlflow.parentRunId": parent, "nbship.kind": "point", "nbship.run": f"{number}" * 32}
        make(f"point {number}", **tags)
    inputs = {"model.bin": {"digest": "d", "run": "1" * 32}, "raw.csv": {"digest": "e", "run": None}}
    make("step", **{"nbship.inputs": json.dumps(inputs), "mlflow.parentRunId": "gone"})
    make("odd", **{"nbship.inputs": "[1, 2"})
    return made


def test_parents_and_children_are_told(own_store, family):
    sweep, points = ("run", "sweep"), [("run", f"point {number}") for number in range(2)]
    assert drawn(service.run_lineage(own_store, "sweep")) == {(sweep, point) for point in points}
    graph = service.run_lineage(own_store, "point 0")
    assert drawn(graph) == {(sweep, points[0])}
    assert {node.run for node in graph.nodes} == {family["sweep"], family["point 0"]}
    assert graph.nodes[0].detail == "point, finished"


def test_the_run_that_made_an_input_of_a_step_is_told(own_store, family):
    step, made = ("run", "step"), ("file", "model.bin")
    assert drawn(service.run_lineage(own_store, "step")) == {
        (made, step),
        (("run", "point 1"), made),
        (("file", "raw.csv"), step),
    }
    assert drawn(service.run_lineage(own_store, "odd")) == set()


def test_versions_images_and_services_follow_the_model(own_store, client, experiment):
    run = client.create_run(experiment, run_name="fit").info.run_id
    client.set_terminated(run)
    client.create_registered_model("flights")
    client.create_model_version("flights", "/nowhere", run)
    client.set_registered_model_alias("flights", "champion", "1")
    image = {
        "run_id": run,
        "reference": "flights:1",
        "digest": "sha256:abcdef",
        "built_ms": 5,
        "loaded": True,
    }
    lines = [image | {"model": "flights", "model_version": "1"}, image | {"run_id": "other"}]
    (own_store.home / "images.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert len(read_images(own_store.home)) == 2
    version = ("version", "flights 1")
    graph = service.run_lineage(own_store, run)
    assert drawn(graph) == {(("run", "fit"), version), (version, ("image", "flights:1"))}
    assert {"champion", "abcdef"} <= {node.detail for node in graph.nodes}

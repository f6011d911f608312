from __future__ import annotations

import json
import socket
import time

import pytest

from large_store import make_large_store
from nbship import service
from nbship.model.codec import encode
from nbship.model.image import ServedModel
from nbship.model.run_record import RunBadges
from nbship.packaging.service_records import ServiceRecord


def make(client, experiment, number, data, notebook="a.ipynb"):
    from mlflow.entities import Dataset, DatasetInput

    tags = {"mlflow.source.name": notebook} if notebook else {}
    run = client.create_run(experiment, run_name=f"run {number}", start_time=1000 + number, tags=tags)
    inputs = [DatasetInput(Dataset(name, digest, "code", "{}")) for name, digest in data]
    client.log_inputs(run.info.run_id, inputs)
    return run.info.run_id


def changed(settings, **asked):
    page = service.runs(settings, **asked)
    found = service.badges(settings, page.runs)
    return {run.name: found[run.id].data_changed for run in page.runs}


@pytest.mark.parametrize("through", ["sqlite", "mlflow"])
def test_changed_data_is_told_against_the_previous_run_of_the_notebook(
    own_store, client, experiment, through, monkeypatch
):
    for number, data in enumerate(
        [
            [("flights", "1"), ("weather", "1")],
            [("flights", "1"), ("weather", "1")],
            [],
            [("flights", "2")],
            [("planes", "1")],
            [("planes", "1"), ("planes", "2")],
        ]
    ):
        make(client, experiment, number, data)
    make(client, experiment, 6, [("flights", "9")], "b.ipynb")
    make(client, experiment, 7, [("flights", "9")], "")
    if through == "mlflow":
        from nbship.store import reader

        monkeypatch.setattr(reader, "open_database", lambda _: None)
    expected = {
        "run 0": None,  # the first
        "run 1": False,
        "run 2": None,  # without data
        "run 3": True,  # against run 1
        "run 4": None,  # no name in common
        "run 5": False,  # one of two versions is the same
        "run 6": None,  # another notebook
        "run 7": None,  # no notebook
    }
    assert changed(own_store) == expected
    assert changed(own_store, limit=1, offset=4) == {"run 3": True}


def test_images_and_services_of_a_run_are_told(own_store, client, experiment):
    runs = [make(client, experiment, number, []) for number in range(3)]
    image = {"digest": "sha256:a", "built_ms": 1, "archive": str(own_store.home / "gone.tar")}
    lines = [
        json.dumps(image | {"run_id": runs[0], "reference": "a:1", "pushed": "r/a:1@sha256:a"}),
        json.dumps(image | {"run_id": runs[0], "reference": "a:2", "loaded": True}),
        json.dumps(image | {"run_id": runs[1], "reference": "b:1"}),
        '{"torn": ',
        "[]",
    ]
    (own_store.home / "images.jsonl").write_text("\n".join(lines))
    (own_store.home / "services").mkdir()
    model = ServedModel("delays", "process", "http://127.0.0.1:1", "ready", runs[2], pid=2**22)
    record = ServiceRecord(model, 1, socket.gethostname())
    (own_store.home / "services" / "delays.json").write_text(json.dumps(encode(record)))
    found = service.badges(own_store, service.runs(own_store).runs)
    assert found[runs[0]] == RunBadges(packaged="a:2")
    assert found[runs[1]] == RunBadges()  # its tarball is gone
    assert found[runs[2]] == RunBadges()  # it has ended


def test_no_runs_have_no_badges(own_store, tmp_path):
    assert service.badges(own_store, ()) == {}


def test_a_page_of_ten_thousand_runs_of_one_notebook_is_quick(own_store):
    tags = ("mlflow.source.name",)
    (own_store.home / "mlflow.db").unlink()
    make_large_store(own_store.home / "mlflow.db", 10_000, lambda _: [], tags)
    page = service.runs(own_store, limit=100, wait_seconds=0)
    started = time.perf_counter()
    found = service.badges(own_store, page.runs)
    print(f"\nbadges of a page: {(time.perf_counter() - started) * 1000:.0f} ms")
    assert {badge.data_changed for badge in found.values()} == {False}

"""From a tracked run to a container that answers, through the command line, an engine and a registry."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kernels import Project
from nbship.packaging.container import ContainerRequest
from shipped_runs import QUESTION, shipping_project

BASE = "nbship-shipping-base:1"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    from nbship.store.connection import connect

    folder = tmp_path_factory.mktemp("shipping")
    connect(f"sqlite:///{folder / 'template.db'}")
    with shipping_project(folder / "flowers", folder / "template.db") as project:
        yield project


@pytest.fixture(scope="module")
def base(engine_address: str, base_archive: Path, project: Project) -> Iterator[str]:
    """Return the name of a base that the engine has; the engine is the one of this machine meanwhile."""
    import docker

    with contextlib.closing(docker.DockerClient(base_url=engine_address)) as client:
        name, _, tag = BASE.partition(":")
        client.api.import_image_from_file(str(base_archive), repository=name, tag=tag)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", engine_address)
        yield BASE


@pytest.fixture
def ask(call: Callable[..., tuple[int, str, str]]) -> Callable[..., Any]:
    """Return a function that runs a command, which must succeed, and gives its JSON."""

    def run(*words: str) -> Any:
        code, out, err = call(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    return run


@pytest.fixture
def moved(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that goes on in a copy of the project elsewhere, with an empty cache."""

    def move() -> None:
        shutil.copytree(project.folder, tmp_path / "another" / "place")
        monkeypatch.chdir(tmp_path / "another" / "place")
        monkeypatch.setenv("NBSHIP_CACHE_DIR", str(tmp_path / "empty"))

    return move


def test_the_image_of_a_run_is_listed_with_it(ask, base, engine, project):
    from nbship import service
    from nbship.config import load_settings

    settings = load_settings(project.folder)
    run = service.show(settings, "logreg").run
    image = ask("package", "logreg", "--base-image", base, "-t", "listed:1")
    assert service.badges(settings, [run])[run.id].packaged == "listed:1"
    nodes = {node.kind: node for node in service.run_lineage(settings, run.id).nodes}
    assert nodes["image"].label == "listed:1"
    assert image["digest"].removeprefix("sha256:").startswith(nodes["image"].detail)


def test_a_run_becomes_an_image_of_the_engine_and_the_same_one_when_it_is_built_again(ask, base, engine):
    image = ask("package", "logreg", "--base-image", base, "-t", "flowers:1", "--verify-image")
    assert (image["reference"], image["loaded"], image["verified"]) == ("flowers:1", True, True)
    assert (image["smoke"]["rows"], image["smoke"]["largest_difference"]) == (5, 0)
    assert engine.has("flowers:1") == image["config_digest"]
    again = ask("package", "logreg", "--base-image", base, "-t", "flowers:1")
    assert again["digest"] == image["digest"]
    assert all(layer["cached"] for layer in again["layers"] if layer["name"] != "base")


def test_the_digest_depends_neither_on_the_project_folder_nor_on_where_the_base_lies(
    ask, base, engine, moved, tmp_path
):
    image = ask(
        "package",
        "logreg",
        "--base-image",
        base,
        "-t",
        "flowers:1",
        "--no-load",
        "-o",
        str(tmp_path / "1.tar"),
    )
    engine.save(base, tmp_path / "base.tar")
    moved()
    words = ("--base-image", str(tmp_path / "base.tar"), "-t", "flowers:1", "--name", image["bundle"]["name"])
    other = ask("package", "logreg", *words, "--no-load", "-o", str(tmp_path / "2.tar"))
    assert other["digest"] == image["digest"]
    assert (tmp_path / "1.tar").read_bytes() == (tmp_path / "2.tar").read_bytes()


def test_a_second_push_uploads_no_layer_and_the_tarball_is_taken_by_others(
    ask, base, registry, require, tmp_path
):
    archive, reference = tmp_path / "image.tar", f"{registry}/team/flowers:7"
    words = ("package", "logreg", "--base-image", base, "--no-load", "--push", reference)
    first = ask(*words, "-o", str(archive))
    assert first["pushed"] == f"{reference}@{first['digest']}"
    assert (first["uploaded_layers"], first["loaded"]) == (len(first["layers"]), False)
    assert ask(*words)["uploaded_layers"] == 0
    skopeo = require("oci")["skopeo"]
    found = {
        place: json.loads(subprocess.check_output([skopeo, "inspect", "--tls-verify=false", place]))
        for place in (f"docker://{reference}", f"oci-archive:{archive}", f"docker-archive:{archive}")
    }
    assert found[f"docker://{reference}"]["Digest"] == first["digest"]
    assert found[f"oci-archive:{archive}"]["Digest"] == first["digest"]
    assert {told["Labels"]["dev.nbship.run"] for told in found.values()} == {first["bundle"]["run_id"]}
    assert not any(str(tmp_path) in json.dumps(told["Labels"]) for told in found.values())


def test_a_context_is_built_without_a_network_and_its_server_gets_ready(ask, base, engine, tmp_path):
    import docker

    context = ask("package", "logreg", "--base-image", base, "--context", str(tmp_path / "context"))
    assert context["base"] == base
    with contextlib.closing(docker.DockerClient(base_url=engine.address)) as client:
        client.images.build(path=context["context"], tag="nbship-context:1", network_mode="none")
    container = engine.run(ContainerRequest("context", "nbship-context:1"))
    try:
        engine.wait_ready("context")
        assert predictions(container.served().endpoint) == [0, 2]
        assert container.labels["dev.nbship.run"] == context["bundle"]["run_id"]
    finally:
        engine.stop("context")


def test_a_container_answers_is_listed_and_drained(ask, base, engine):
    served = ask("serve", "logreg", "--container", "--detach", "--base-image", base, "--name", "blooms")
    try:
        assert (served["kind"], served["state"]) == ("container", "ready")
        assert predictions(served["endpoint"]) == [0, 2]
        listed = ask("services")["services"]
        assert [(one["name"], one["state"], one["endpoint"]) for one in listed] == [
            ("blooms", "ready", served["endpoint"])
        ]
    finally:
        stopped = ask("stop", "blooms")["services"]
    assert [(one["state"], one["reason"]) for one in stopped] == [("stopped", "")]
    assert engine.containers() == ()
    assert ask("services")["services"] == []
    lines = [line for path in Path(served["log_folder"]).iterdir() for line in path.read_text().splitlines()]
    assert sum('"inputs"' in line for line in lines) == len(QUESTION["dataframe_split"]["data"])


def test_a_container_is_replaced_by_one_that_is_ready(ask, call, base, engine):
    words = ("serve", "logreg", "--container", "--detach", "--base-image", base)
    first = ask(*words)
    try:
        code, _, err = call(*words)
        assert (code, f"nbship stop {first['name']}" in err) == (2, True)
        second = ask(*words, "--replace")
        assert second["container_id"] != first["container_id"]
        assert len(engine.containers()) == 1
        assert predictions(second["endpoint"]) == [0, 2]
    finally:
        ask("stop", "--all")


def predictions(endpoint: str) -> list[Any]:
    request = urllib.request.Request(
        f"{endpoint}/invocations", json.dumps(QUESTION).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["predictions"]

from __future__ import annotations

import json
import os
import stat
from typing import Any

import pytest

from nbship.model.image import ServedModel
from nbship.packaging.container import SERVED_LABEL, SERVICE_LABEL, Container, ContainerRequest
from nbship.packaging.container_options import container_options, log_options

MODEL = ServedModel(name="iris", kind="container", endpoint="", state="starting", run_id="abc")


def described(
    host: dict[str, Any], state: dict[str, Any], labels: dict[str, str], environment=()
) -> dict[str, Any]:
    return {
        "Id": "f00",
        "Name": "/nbship-iris",
        "State": state,
        "Config": {"Labels": labels, "Image": "iris:1", "Env": list(environment)},
        "HostConfig": host,
    }


RUNNING = {"Status": "running", "Running": True, "ExitCode": 0}
LABELS = {SERVICE_LABEL: "iris", SERVED_LABEL: json.dumps(MODEL.to_dict())}
PUBLISHED = {
    "PortBindings": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "9090"}]},
    "NetworkMode": "default",
}


def test_a_published_port_is_the_endpoint():
    served = Container.from_engine(described(PUBLISHED, RUNNING, LABELS)).served()
    assert (served.endpoint, served.container_id, served.run_id) == ("http://127.0.0.1:9090", "f00", "abc")


def test_the_network_of_the_host_has_the_port_of_the_server():
    environment = ("NBSHIP_SERVE_PORT=8080", "PATH=/usr/bin", "NBSHIP_SERVE_PORT=9191")
    container = Container.from_engine(described({"NetworkMode": "host"}, RUNNING, LABELS, environment))
    assert container.port == 9191


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (RUNNING, "starting"),
        ({"Status": "created", "Running": False, "ExitCode": 0}, "starting"),
        ({"Status": "exited", "Running": False, "ExitCode": 0}, "stopped"),
        ({"Status": "exited", "Running": False, "ExitCode": 3}, "failed"),
    ],
)
def test_the_state_is_told(state, expected):
    assert Container.from_engine(described(PUBLISHED, state, LABELS)).served().state == expected


@pytest.mark.parametrize("label", ["", "{", "[]", '{"name": 3}'])
def test_a_container_with_a_label_of_somebody_else_can_still_be_listed(label):
    container = Container.from_engine(
        described(PUBLISHED, RUNNING, {SERVICE_LABEL: "iris", SERVED_LABEL: label})
    )
    assert (container.served().name, container.served().kind) == ("iris", "container")


def test_a_bridge_publishes_to_this_machine_only():
    options = container_options(ContainerRequest("iris", "iris:1"), 9090, bridged=True)
    assert options["ports"] == {"8080/tcp": ("127.0.0.1", 9090)}
    assert "network_mode" not in options


def test_without_a_bridge_the_server_listens_on_this_machine_only():
    request = ContainerRequest("iris", "iris:1", environment={"NBSHIP_SERVE_TRUSTED": "x"})
    options = container_options(request, 9090, bridged=False)
    assert options["environment"] == {
        "NBSHIP_SERVE_TRUSTED": "x",
        "NBSHIP_SERVE_HOST": "127.0.0.1",
        "NBSHIP_SERVE_PORT": "9090",
    }


def test_labels_of_a_request_cannot_take_the_name_of_another():
    options = container_options(
        ContainerRequest("iris", "iris:1", labels={SERVICE_LABEL: "wine"}), 1, bridged=True
    )
    assert options["labels"][SERVICE_LABEL] == "iris"


def test_a_folder_for_logs_is_private_and_belongs_to_who_writes_it(tmp_path):
    folder = tmp_path / "logs"
    options = log_options(folder, rootless=False)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    writer = int(options["user"].split(":")[0]) if "user" in options else 65532
    assert folder.stat().st_uid == writer
    assert writer == (os.getuid() or 65532)

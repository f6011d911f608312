"""The real server in the files of an image, as a process: what `test_process` shows with a stand-in."""

from __future__ import annotations

import json
import sysconfig
import urllib.request
from pathlib import Path

import pytest

import nbship
from nbship.model.image import ServedModel
from nbship.packaging.process import start_process
from nbship.packaging.services import claim_service, list_services, serve_process, stop_service
from served_bundles import split, write_bundle


@pytest.fixture
def root(tmp_path) -> Path:
    """Lay out links to what the layers of an image would hold."""
    place = tmp_path / "root" / "opt" / "nbship"
    (place / "runtime").mkdir(parents=True)
    (place / "runtime" / "nbship").symlink_to(Path(nbship.__file__).parent)
    (place / "site").symlink_to(sysconfig.get_path("purelib"))
    return tmp_path / "root"


@pytest.fixture
def bundle(root) -> Path:
    from sklearn.linear_model import LogisticRegression

    folder = root / "opt" / "nbship" / "model"
    folder.mkdir()
    write_bundle(folder, LogisticRegression(max_iter=1000))
    return folder


pytestmark = pytest.mark.slow


def ask(url: str) -> dict[str, list[int]]:
    body = json.dumps(split([5.1, 3.5, 1.4, 0.2])).encode()
    request = urllib.request.Request(f"{url}/invocations", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_it_answers_and_ends_by_itself(root, bundle):
    with start_process(root, bundle, {}) as running:
        running.wait_ready()
        assert ask(running.url) == {"predictions": [0]}
        assert running.stop() is True


def test_it_is_served_listed_and_leaves_its_prediction_log(root, bundle, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    home = tmp_path / ".nbship"
    model = ServedModel(name="", kind="", endpoint="", state="", run_id="abc")
    with claim_service(home, "iris") as claim:
        served = serve_process(claim, model, root, {})
    assert ask(served.endpoint) == {"predictions": [0]}
    assert [found.state for found in list_services(home)] == ["ready"]
    assert stop_service(home, "iris").reason == ""
    assert "inputs" in "".join(path.read_text() for path in Path(served.log_folder).iterdir())

"""From the page of a run to a model that answers, and to an image of it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import sys
import tarfile

import pytest
from playwright.sync_api import expect

from panel import Panel, write_notebook

PATIENCE_MS = 240_000
"""What the model needs may have to be downloaded first."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(480)]

MODEL = """%%track flowers
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
table = load_iris(as_frame=True).frame
X, y = table.drop(columns='target'), table['target']
model = LogisticRegression(max_iter=500).fit(X, y)
"""


@pytest.fixture
def flowers(lab, project, open_panel) -> Panel:
    """Return a panel in front of the page of a run that has a model."""
    write_notebook(project / "flowers.ipynb", "%load_ext nbship", MODEL)
    panel = open_panel(lab, f"{project.name}/flowers.ipynb")
    panel.run(1, 1)
    panel.run(2, 2)
    panel.section("Runs")
    expect(panel.runs.filter(has_text="flowers").filter(has_not_text="on its way")).to_have_count(1)
    panel.runs.first.click()
    return panel


@pytest.fixture
def base(project) -> str:
    """Return an image to build on, as ``docker save`` would write it: a Python in name only, as nothing runs in it here."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as inside:
        minor = f"python3.{sys.version_info.minor}"
        _add(inside, f"usr/bin/{minor}", b"")
        link = tarfile.TarInfo("usr/bin/python3")
        link.type, link.linkname = tarfile.SYMTYPE, minor
        inside.addfile(link)
    digest = hashlib.sha256(layer.getvalue()).hexdigest()
    config = {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine],
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": ["base:1"], "Layers": ["0/layer.tar"]}]
    with tarfile.open(project / "base.tar", "w") as archive:
        _add(archive, "0/layer.tar", layer.getvalue())
        _add(archive, "config.json", json.dumps(config).encode())
        _add(archive, "manifest.json", json.dumps(manifest).encode())
    return f"{project.name}/base.tar"


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def test_a_model_is_served_answers_the_form_and_is_stopped(flowers, failing_requests):
    """What was stopped is not found any more, which Chromium writes to the console."""
    page = flowers.page
    flowers.run_page("flowers").get_by_role("button", name="Serve…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("The command that does the same")).to_contain_text("nbship serve")
    dialog.get_by_role("button", name="Start").click()

    served = page.get_by_role("article", name=re.compile("^Served model"))
    expect(served.get_by_role("status").first).to_have_text(re.compile("ready"), timeout=PATIENCE_MS)
    asked = served.get_by_role("table", name="What to ask")
    for column, value in (("petal length (cm)", "1.4"), ("petal width (cm)", "0.2")):
        asked.get_by_label(column, exact=True).fill(value)
    served.get_by_role("button", name="Send").click()
    expect(asked.get_by_role("row").filter(has_text="Prediction").get_by_role("status")).to_have_text("0")
    asked.get_by_label("petal length (cm)", exact=True).fill("6.5")
    asked.get_by_label("petal width (cm)", exact=True).fill("2.3")
    served.get_by_role("button", name="Send").click()
    expect(asked.get_by_role("row").filter(has_text="Prediction").get_by_role("status")).to_have_text("2")
    asked.get_by_label("petal length (cm)", exact=True).fill("long")
    served.get_by_role("button", name="Send").click()
    expect(asked.get_by_label("petal length (cm)", exact=True)).to_have_attribute("aria-invalid", "true")

    ship = flowers.section("Ship")
    expect(ship.get_by_role("list", name="Served models").get_by_role("listitem")).to_have_count(1)
    served.get_by_role("button", name="Stop…").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Stop")).click()
    expect(served.get_by_role("alert")).to_contain_text("was stopped")
    expect(ship.get_by_role("list", name="Served models")).to_have_count(0)


def test_a_model_becomes_an_image_whose_layers_are_shown(flowers, project, base):
    page = flowers.page
    flowers.run_page("flowers").get_by_role("button", name="Package…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("More options").click()
    dialog.get_by_label("Name and tag", exact=False).fill("flowers:1")
    dialog.get_by_label("Base image", exact=False).fill(base)
    dialog.get_by_label("Write a tarball", exact=False).fill(f"{project.name}/flowers.tar")
    expect(dialog.get_by_label("The command that does the same")).to_contain_text("flowers:1")
    dialog.get_by_role("button", name="Start").click()

    built = page.get_by_role("article", name=re.compile("^Image of"))
    expect(built.get_by_role("table", name="The image")).to_contain_text("flowers:1", timeout=PATIENCE_MS)
    layers = built.get_by_role("table", name="Layers").get_by_role("row")
    expect(layers.filter(has_text=re.compile("model", re.IGNORECASE))).to_have_count(1)
    expect(built.get_by_role("status").first).to_have_text(re.compile("completed"))
    images = flowers.section("Ship").get_by_role("list", name="Images that were built")
    expect(images).to_contain_text("flowers:1")
    assert (project / "flowers.tar").is_file()

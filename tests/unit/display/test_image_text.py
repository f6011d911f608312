from __future__ import annotations

import pytest

from images import packaged, served
from nbship.display.image_text import image_text, served_text, services_text, stage_line
from nbship.display.image_words import size
from nbship.model.image import PackageStage, ServedModels, SmokeTest


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(0, "0 B"), (999, "999 B"), (5_321, "5.32 kB"), (61_234_567, "61.2 MB"), (2_500_000_000, "2.5 GB")],
)
def test_a_size_is_told_in_powers_of_a_thousand(size_bytes, text):
    assert size(size_bytes) == text


def test_an_image_tells_its_layers_where_it_is_and_how_to_ask_it():
    lines = image_text(packaged()).splitlines()
    assert lines[0] == "✓ late-flights:01234567  dddddddddddd  linux/amd64  65.4 MB above python:3.11-slim"
    assert lines[1] == "  base              45 MB  111111111111"
    assert [line.split()[-1] for line in lines[2:6]] == ["cached"] * 3 + ["new"]
    assert "  archive     /tmp/late-flights.tar" in lines
    assert "  smoke test  5 rows answered exactly as recorded by a process, ready after 1.2 s" in lines
    assert "  took        smoke test 1.5 s, building layers 0.4 s" in lines
    assert lines[-1].startswith("curl ")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"verified": True}, "a rebuild gave the same digest"),
        ({"verified": False}, "ANOTHER digest"),
        ({"loaded": True}, "docker run --read-only -p 8080:8080 late-flights:01234567"),
        ({"context": "/ctx"}, "docker build -t late-flights:01234567 /ctx"),
        ({"pushed": "reg.example/a:1@sha256:dd", "uploaded_layers": 0}, "(nothing new)"),
        ({"pushed": "reg.example/a:1@sha256:dd", "uploaded_layers": 2}, "(2 new layers)"),
        ({"smoke": SmokeTest("", note="other platform")}, "not run: other platform"),
        ({"smoke": SmokeTest("container", 1, 1.0, 1e-12)}, "1 row answered as recorded, within 1e-12"),
        ({"smoke": SmokeTest("process", 0, 0.5)}, "ready after 0.5 s; there is no recorded example"),
        ({"notes": ("pandas stays in the image",)}, "note: pandas stays in the image"),
    ],
)
def test_an_image_tells_what_else_happened(changes, says):
    assert says in image_text(packaged(**changes))


def test_a_served_model_tells_where_it_answers_and_how_to_stop_it():
    text = served_text(served(reason="no container: there is no engine"))
    assert text.startswith("✓ late-flights ready  http://127.0.0.1:8080\n")
    assert "process 4711, ready after 1.2 s (no container: there is no engine)" in text
    assert "nbship stop late-flights" in text


def test_a_container_is_told_by_its_id():
    assert "container 0a1b2c3d4e5f\n" in served_text(
        served(kind="container", container_id="0a1b2c3d4e5f6789", ready_seconds=0.0)
    )


def test_a_failed_server_tells_why():
    assert "note: it ended by itself" in served_text(served(state="failed", reason="it ended by itself"))


def test_served_models_stand_in_columns():
    text = services_text(ServedModels((served(), served(name="b", state="failed"))))
    assert text.splitlines()[0].split() == ["NAME", "STATE", "ENDPOINT", "SERVED", "BY", "RUN"]
    assert len({line.index("http") for line in text.splitlines()[1:]}) == 1


def test_where_nothing_is_served_it_says_how_to():
    assert services_text(ServedModels(())) == "nothing is served; nbship serve RUN starts it"


@pytest.mark.parametrize(("done", "filled"), [(-1.0, 0), (0.0, 0), (0.5, 12), (1.0, 24), (3.0, 24)])
def test_a_stage_has_a_bar(done, filled):
    line = stage_line(PackageStage("building layers", done, "model"))
    assert line.count("█") == filled
    assert line.endswith("building layers: model")

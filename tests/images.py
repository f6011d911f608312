"""Results of packaging and serving, as tests want them."""

from __future__ import annotations

from nbship.model.bundle import Bundle, InputColumn, ModelFormat
from nbship.model.image import ImageLayer, PackagedImage, ServedModel, SmokeTest, Snippets

HOSTILE = "<img src=x onerror=alert(1)>\"'&"


def packaged(**changes) -> PackagedImage:
    """Return an image with four layers above its base."""
    layers = tuple(
        ImageLayer(name, f"sha256:{digit * 64}", f"sha256:{digit * 64}", size, cached=cached)
        for name, digit, size, cached in (
            ("base", "1", 45_000_000, True),
            ("heavy wheels", "2", 61_234_567, True),
            ("other wheels", "3", 4_100_000, True),
            ("runtime", "4", 81_000, True),
            ("model", "5", 5_321, False),
        )
    )
    bundle = Bundle(
        name="late-flights",
        run_id="0123456789abcdef0123456789abcdef",
        format=ModelFormat.SKOPS,
        model_path="model/model.skops",
        model_digest="a" * 64,
        inputs=(
            InputColumn("departs", "double", example=18.5),
            InputColumn("carrier", "string", example="UA"),
        ),
        run_name="late-flights",
    )
    fields = {
        "reference": "late-flights:01234567",
        "digest": f"sha256:{'d' * 64}",
        "config_digest": f"sha256:{'c' * 64}",
        "platform": "linux/amd64",
        "base": "python:3.11-slim",
        "base_digest": f"sha256:{'b' * 64}",
        "layers": layers,
        "bundle": bundle,
        "smoke": SmokeTest("process", rows=5, ready_seconds=1.25),
        "snippets": Snippets("curl -s http://127.0.0.1:8080/invocations", "import urllib.request"),
        "archive": "/tmp/late-flights.tar",
        "seconds": {"building layers": 0.4, "smoke test": 1.5, "reading the run": 0.01},
    }
    return PackagedImage(**(fields | changes))


def served(**changes) -> ServedModel:
    """Return a model that a process serves."""
    fields = {
        "name": "late-flights",
        "kind": "process",
        "endpoint": "http://127.0.0.1:8080",
        "state": "ready",
        "run_id": "0123456789abcdef0123456789abcdef",
        "run_name": "late-flights",
        "model": "late-flights",
        "pid": 4711,
        "ready_seconds": 1.25,
        "log_folder": "/project/.nbship/predictions/late-flights",
        "snippets": Snippets("curl -s http://127.0.0.1:8080/invocations", "import urllib.request"),
    }
    return ServedModel(**(fields | changes))

"""What an image costs: the first with its wheels at hand, and the next with another model.

``NBSHIP_BENCHMARK_WHEELS`` names a folder with the wheels of a scikit-learn model (``pip download -d``); without it they
are fetched by pip, and the benchmark skips where that fails.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nbship.model.image import ImageLayer, LockedWheel
from nbship.packaging.oci import (
    BaseImage,
    Cache,
    assemble,
    bundle_layer,
    runtime_layer,
    serving_config,
    unpack_root,
    wheel_layer,
    write_archive,
)

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
NAMES = ["numpy", "scikit-learn", "skops", "uvicorn", "uvloop", "httptools", "orjson", "prometheus-client"]
HEAVY = ("numpy-", "scipy-", "scikit_learn-")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[LockedWheel]:
    folder = Path(os.environ.get("NBSHIP_BENCHMARK_WHEELS") or tmp_path_factory.mktemp("wheels"))
    if not list(folder.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--only-binary=:all:", "-d", folder, *NAMES]
        if subprocess.run(command, check=False, capture_output=True).returncode != 0:
            pytest.skip(
                "pip cannot fetch the wheels here; NBSHIP_BENCHMARK_WHEELS may name a folder with them"
            )
    return [
        LockedWheel(path.name.partition("-")[0], "", path.name, _sha256(path), path.stat().st_size, path)
        for path in sorted(folder.glob("*.whl"))
    ]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def timed(laps: dict[str, tuple[float, float]], name: str, work: Callable[[], object]) -> object:
    """Do something, and note its wall and its processor seconds, those of its processes included."""
    start, before = time.perf_counter(), sum(os.times()[:4])
    result = work()
    laps[name] = (time.perf_counter() - start, sum(os.times()[:4]) - before)
    return result


def build(
    folder: Path, cache: Cache, wheels: list[LockedWheel], model: str
) -> tuple[str, list[ImageLayer], dict]:
    heavy = [wheel for wheel in wheels if wheel.filename.startswith(HEAVY)]
    other = [wheel for wheel in wheels if wheel not in heavy]
    bundle = folder / "bundle"
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / "bundle.json").write_text(json.dumps({"model": model}))
    laps: dict[str, tuple[float, float]] = {}
    work: dict[str, Callable[[], object]] = {
        "heavy wheels": lambda: wheel_layer(heavy, "heavy wheels", MINOR, cache),
        "other wheels": lambda: wheel_layer(other, "other wheels", MINOR, cache),
        "runtime": lambda: runtime_layer(MINOR, cache),
        "model": lambda: bundle_layer(bundle, cache),
    }
    layers: list[ImageLayer] = [timed(laps, name, step) for name, step in work.items()]  # type: ignore[misc]
    base = BaseImage("scratch", "sha256:" + 64 * "0", "linux/amd64", {}, (), MINOR, "/usr/bin/python3")
    image = assemble(base, layers, serving_config("ab" * 32, [], {}), cache)
    timed(laps, "archive", lambda: write_archive(image, folder / "image.tar", "benchmark:1"))
    timed(laps, "root", lambda: unpack_root(image.layers, folder / model, cache))
    return image.digest, layers, laps


def show(title: str, laps: dict[str, tuple[float, float]]) -> None:
    wall, cpu = (sum(lap[part] for lap in laps.values()) for part in (0, 1))
    parts = ", ".join(f"{name} {seconds:.2f}" for name, (seconds, _) in laps.items())
    print(f"\n{title}: {wall:.2f} s (processor {cpu:.2f} s): {parts}")


@pytest.mark.slow
def test_first_image_next_model_and_size(wheels: list[LockedWheel], tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    first, layers, laps = build(tmp_path / "first", cache, wheels, "one")
    show("first image, wheels at hand", laps)
    _, rebuilt, again = build(tmp_path / "first", cache, wheels, "two")
    show("next model", again)
    size = sum(layer.size_bytes for layer in layers)
    print(
        f"above the base: {size / 1e6:.1f} MB compressed, {sum(layer.plain_bytes for layer in layers) / 1e6:.1f} MB plain"
    )
    wall = [sum(seconds for seconds, _ in each.values()) for each in (laps, again)]
    print(f"the first takes {wall[0] / wall[1]:.0f} times as long as the next")
    assert [layer.cached for layer in rebuilt] == [True, True, True, False]
    elsewhere, _, _ = build(tmp_path / "elsewhere", Cache(tmp_path / "other-cache"), wheels[::-1], "one")
    assert elsewhere == first

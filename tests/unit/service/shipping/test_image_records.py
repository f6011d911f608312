from __future__ import annotations

import json
import subprocess
import sys

from nbship.config import load_settings
from nbship.model.bundle import Bundle, ModelFormat
from nbship.model.codec import decode
from nbship.model.image import ImageLayer, PackagedImage, SmokeTest, Snippets
from nbship.service.shipping.image_records import read_images, record_image


def settings_of(folder):
    (folder / "pyproject.toml").touch()
    return load_settings(folder)


def image(run="r1", **places):
    bundle = decode(Bundle, {**BUNDLE, "run_id": run})
    return PackagedImage(
        reference="flights:1",
        digest="sha256:abc",
        config_digest="sha256:def",
        platform="linux/amd64",
        base="python",
        base_digest="",
        layers=(ImageLayer("base", "sha256:1", "", 70), ImageLayer("model", "sha256:2", "", 7)),
        bundle=bundle,
        smoke=SmokeTest("process"),
        snippets=Snippets("", ""),
        **places,
    )


BUNDLE = {
    "name": "flights",
    "model_version": "3",
    "run_id": "",
    "run_name": "fit",
    "experiment": "e",
    "model_class": "x.Y",
    "format": ModelFormat.PICKLE.value,
    "model_path": "model.pkl",
    "model_digest": "0" * 64,
}


def test_an_image_that_was_put_somewhere_is_remembered(tmp_path):
    settings = settings_of(tmp_path)
    record_image(settings, image(loaded=True))
    record_image(settings, image("r2", pushed="registry:5000/flights:1@sha256:abc"))
    first, second = read_images(settings.home)
    assert (first.run_id, first.reference, first.digest, first.size_bytes) == (
        "r1",
        "flights:1",
        "sha256:abc",
        77,
    )
    assert (first.model, first.model_version, first.platform) == ("flights", "3", "linux/amd64")
    assert (second.run_id, second.reference) == ("r2", "registry:5000/flights:1")
    assert 0 < first.built_ms <= second.built_ms


def test_what_was_put_nowhere_or_is_of_no_run_is_not(tmp_path):
    settings = settings_of(tmp_path)
    record_image(settings, image(context="/somewhere"))
    record_image(settings, image("", loaded=True))
    assert read_images(settings.home) == ()
    assert not (settings.home / "images.jsonl").exists()


def test_a_tarball_that_was_removed_is_gone(tmp_path):
    settings = settings_of(tmp_path)
    archive = tmp_path / "image.tar"
    archive.touch()
    record_image(settings, image(archive=str(archive)))
    assert len(read_images(settings.home)) == 1
    archive.unlink()
    assert read_images(settings.home) == ()


def test_damaged_lines_are_passed_over(tmp_path):
    settings = settings_of(tmp_path)
    record_image(settings, image(loaded=True))
    path = settings.home / "images.jsonl"
    line = json.loads(path.read_text())
    path.write_bytes(
        b'{"torn\n\xff\n[]\n5\n{}\n' + json.dumps({**line, "later": 1}).encode() + b'\n{"run_id": "x"'
    )
    assert [record.run_id for record in read_images(settings.home)] == ["r1"]


_PACKAGES = """
import json, sys
from pathlib import Path
from nbship.config import load_settings
from nbship.model.image import PackagedImage
from nbship.service.shipping.image_records import record_image

settings, image = load_settings(Path(sys.argv[1])), PackagedImage.from_dict(json.load(sys.stdin))
for _ in range(50):
    record_image(settings, image)
"""


def test_several_that_package_at_once_do_not_tear_lines(tmp_path):
    settings = settings_of(tmp_path)
    command = [sys.executable, "-c", _PACKAGES, str(tmp_path)]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, text=True) for _ in range(3)]
    for number, worker in enumerate(workers):
        json.dump(image(f"r{number}", loaded=True).to_dict(), worker.stdin)
        worker.stdin.close()
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    assert len(read_images(settings.home)) == 150

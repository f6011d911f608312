"""What is said of images and served models in text and in HTML alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.display.page import number

if TYPE_CHECKING:
    from nbship.model.image import ImageLayer, PackagedImage, ServedModel, SmokeTest

__all__ = [
    "STATE_SIGNS",
    "layer_notes",
    "served_as",
    "short_digest",
    "size",
    "smoke_words",
    "speed_words",
    "whereabouts",
]

STATE_SIGNS = {"ready": "✓", "starting": "…", "draining": "…", "stopped": "■", "failed": "✗"}
"""A sign beside each state, so that colour is never the only signal."""

_DIGEST_DIGITS = 12
_STEP = 1000
_UNITS = ("B", "kB", "MB", "GB")


def size(size_bytes: int) -> str:
    """Return a size for a person, in powers of 1,000 as engines and registries tell it: ``61.2 MB``."""
    value = float(size_bytes)
    for unit in _UNITS[:-1]:
        if value < _STEP:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.3g} {unit}"
        value /= _STEP
    return f"{value:.3g} {_UNITS[-1]}"


def short_digest(digest: str) -> str:
    """Return the beginning of a digest, long enough to tell images apart."""
    return digest.removeprefix("sha256:")[:_DIGEST_DIGITS]


def layer_notes(layer: ImageLayer) -> str:
    """Return what a row of the list of layers says beside name, size and digest."""
    if layer.name == "base":
        return ""
    return "cached" if layer.cached else "new"


def smoke_words(smoke: SmokeTest) -> str:
    """Return how the smoke test went."""
    if not smoke.where:
        return f"not run: {smoke.note}" if smoke.note else "not run"
    if not smoke.rows:
        return f"ready after {smoke.ready_seconds:.2g} s; {smoke.note or 'there is no recorded example to replay'}"
    rows = f"{smoke.rows:,} row{'' if smoke.rows == 1 else 's'}"
    if smoke.largest_difference:
        same = f"{rows} answered as recorded, within {number(smoke.largest_difference)}"
    else:
        same = f"{rows} answered exactly as recorded"
    note = f"; {smoke.note}" if smoke.note else ""
    return f"{same} by a {smoke.where}, ready after {smoke.ready_seconds:.2g} s{note}"


def speed_words(image: PackagedImage) -> str:
    """Return how long the stages took, the longest first."""
    stages = sorted(image.seconds.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {value:.2g} s" for name, value in stages if value >= _WORTH_TELLING)


_WORTH_TELLING = 0.05


def whereabouts(image: PackagedImage) -> list[tuple[str, str]]:
    """Return where the image is now, as pairs of a word and a place."""
    found = []
    if image.loaded:
        found.append(("engine", f"docker run --read-only -p 8080:8080 {image.reference}"))
    if image.archive:
        found.append(("archive", image.archive))
    if image.context:
        found.append(("context", f"docker build -t {image.reference} {image.context}"))
    if image.pushed:
        layers = "nothing new" if not image.uploaded_layers else f"{image.uploaded_layers} new layers"
        found.append(("pushed", f"{image.pushed} ({layers})"))
    return found


def served_as(model: ServedModel) -> str:
    """Return what answers: ``container 1a2b3c``, ``process 4711``."""
    if model.kind == "container":
        return f"container {model.container_id[:_DIGEST_DIGITS]}"
    return f"process {model.pid}"

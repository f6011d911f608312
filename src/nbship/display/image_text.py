"""Images and served models in text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from nbship.display.image_words import (
    STATE_SIGNS,
    layer_notes,
    served_as,
    short_digest,
    size,
    smoke_words,
    speed_words,
    whereabouts,
)
from nbship.display.page import ID_DIGITS

if TYPE_CHECKING:
    from nbship.model.image import PackagedImage, PackageStage, ServedModel, ServedModels

__all__ = ["image_text", "served_text", "services_text", "stage_line"]

_LABEL = 10
_BAR = 24


def image_text(image: PackagedImage, width: int = 100) -> str:
    """Return an image in text: its name and digest, its layers, where it is, and how to ask it."""
    head = f"{image.reference}  {short_digest(image.digest)}" if image.digest else image.reference
    lines = [f"✓ {head}  {image.platform}  {size(image.added_bytes)} above {image.base}"]
    lines += [_layer(image, index) for index in range(len(image.layers))]
    lines += [_pair(word, place) for word, place in whereabouts(image)]
    lines.append(_pair("smoke test", smoke_words(image.smoke)))
    if image.verified is not None:
        verdict = "a rebuild gave the same digest" if image.verified else "a rebuild gave ANOTHER digest"
        lines.append(_pair("verified", verdict))
    if speed_words(image):
        lines.append(_pair("took", speed_words(image)))
    lines += _notes(image.notes, width)
    return "\n".join([*lines, "", image.snippets.curl])


def _layer(image: PackagedImage, index: int) -> str:
    layer = image.layers[index]
    return f"  {layer.name:<14}{size(layer.size_bytes):>9}  {short_digest(layer.digest)}  {layer_notes(layer)}".rstrip()


def _pair(label: str, value: str) -> str:
    return f"  {label:<{_LABEL}}  {value}"


def _notes(notes: tuple[str, ...], width: int) -> list[str]:
    return [
        line
        for note in notes
        for line in textwrap.wrap(
            f"note: {note}", max(width, 40), initial_indent="  ", subsequent_indent="    "
        )
    ]


def served_text(model: ServedModel, width: int = 100) -> str:
    """Return a served model in text."""
    what = f"{model.model}{f' version {model.model_version}' if model.model_version else ''}"
    lines = [f"{STATE_SIGNS.get(model.state, '·')} {model.name} {model.state}  {model.endpoint}"]
    lines.append(_pair("model", f"{what} of run {model.run_name or model.run_id[:ID_DIGITS]}"))
    lines.append(_pair("served by", _by(model)))
    if model.log_folder:
        lines.append(_pair("log", model.log_folder))
    lines.append(_pair("stop", f"nbship stop {model.name}"))
    lines += _notes((model.reason,) if model.reason and model.state == "failed" else (), width)
    return "\n".join([*lines, *(["", model.snippets.curl] if model.snippets else [])])


def _by(model: ServedModel) -> str:
    ready = f", ready after {model.ready_seconds:.2g} s" if model.ready_seconds else ""
    why = f" ({model.reason})" if model.reason and model.state != "failed" else ""
    return f"{served_as(model)}{ready}{why}"


def services_text(models: ServedModels, width: int = 100) -> str:  # noqa: ARG001 - all looks take a width
    """Return the list of served models in text."""
    if not models.services:
        return "nothing is served; nbship serve RUN starts it"
    rows = [("NAME", "STATE", "ENDPOINT", "SERVED BY", "RUN")]
    rows += [
        (
            model.name,
            f"{STATE_SIGNS.get(model.state, '·')} {model.state}",
            model.endpoint,
            served_as(model),
            model.run_name or model.run_id[:ID_DIGITS],
        )
        for model in models.services
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(widths[i]) for i, cell in enumerate(row)).rstrip() for row in rows)


def stage_line(stage: PackageStage) -> str:
    """Return one line with a bar and what is being done."""
    filled = round(_BAR * min(max(stage.done, 0.0), 1.0))
    return f"{'█' * filled}{'░' * (_BAR - filled)}  {stage.name}{f': {stage.detail}' if stage.detail else ''}"

"""Images and served models, inline and as documents."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.image_text import image_text, served_text, services_text
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
from nbship.display.page import ID_DIGITS, styled, table, tag
from nbship.display.standalone import standalone

if TYPE_CHECKING:
    from nbship.model.image import ImageLayer, PackagedImage, ServedModel, ServedModels, Snippets

__all__ = [
    "image_bundle",
    "image_page",
    "served_bundle",
    "served_page",
    "services_bundle",
    "services_page",
]

_STYLE = """
.nbship.nbship pre{margin:2px 0 8px;padding:8px 12px;overflow-x:auto;font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:12px;line-height:1.45;background:rgba(128,128,128,.1);border-radius:3px;color:inherit;white-space:pre}
.nbship .nbship-head{font-size:14px;margin:2px 0 4px}
.nbship .nbship-head b{font-weight:600}
.nbship .nbship-layers{margin:4px 0;max-width:640px}
.nbship .nbship-layers td:first-child{white-space:nowrap}
.nbship .nbship-bar{display:inline-block;height:9px;border-radius:2px;background:var(--jp-brand-color1,#1976d2);min-width:1px;vertical-align:middle}
.nbship .nbship-bar.nbship-cached{background:rgba(128,128,128,.45)}
.nbship .nbship-facts{display:grid;grid-template-columns:max-content 1fr;gap:1px 14px;margin:4px 0 8px}
.nbship .nbship-facts dt{color:var(--jp-ui-font-color2,#757575);margin:0;font-weight:400}
.nbship .nbship-facts dd{margin:0;overflow-wrap:anywhere}
.nbship details{margin:2px 0}
.nbship summary{cursor:pointer}
.nbship .nbship-ready{color:var(--jp-success-color1,#2e7d32)}
.nbship .nbship-failed{color:var(--jp-error-color1,#c62828)}
"""
_BAR_WIDTH = 180


def image_bundle(image: PackagedImage) -> dict[str, str]:
    """Return an image as a mimebundle with ``text/plain`` and ``text/html``."""
    return {"text/plain": image_text(image), "text/html": _inline(_image(image))}


def image_page(image: PackagedImage) -> str:
    """Return an image as a document of its own."""
    return standalone(image.reference, _inline(_image(image)))


def served_bundle(model: ServedModel) -> dict[str, str]:
    """Return a served model as a mimebundle with ``text/plain`` and ``text/html``."""
    return {"text/plain": served_text(model), "text/html": _inline(_served(model))}


def served_page(model: ServedModel) -> str:
    """Return a served model as a document of its own."""
    return standalone(model.name, _inline(_served(model)))


def services_bundle(models: ServedModels) -> dict[str, str]:
    """Return the list of served models as a mimebundle with ``text/plain`` and ``text/html``."""
    return {"text/plain": services_text(models), "text/html": _inline(_services(models))}


def services_page(models: ServedModels) -> str:
    """Return the list of served models as a document of its own."""
    return standalone("served models", _inline(_services(models)))


def _inline(body: str) -> str:
    return styled(f"<style>{_STYLE}</style>{body}")


def _image(image: PackagedImage) -> str:
    dim = f"{image.platform} · {size(image.added_bytes)} above {image.base}"
    head = f'<div class="nbship-head"><span class="nbship-ready">✓</span> <b>{escape(image.reference)}</b> {tag("span", dim, "dim")}</div>'
    facts = [("digest", _code(image.digest))] if image.digest else []
    facts += [(word, _code(place)) for word, place in whereabouts(image)]
    facts.append(("smoke test", escape(smoke_words(image.smoke))))
    if image.verified is not None:
        same = "a rebuild from scratch gave the same digest"
        other = tag("span", "a rebuild from scratch gave another digest", "failed")
        facts.append(("verified", same if image.verified else other))
    if speed_words(image):
        facts.append(("took", escape(speed_words(image))))
    notes = "".join(tag("div", f"note: {note}", "warn") for note in image.notes)
    return head + _layers(image) + _facts(facts) + notes + _snippets(image.snippets)


def _layers(image: PackagedImage) -> str:
    largest = max((layer.size_bytes for layer in image.layers), default=1) or 1
    rows = [
        [
            escape(layer.name),
            escape(size(layer.size_bytes)),
            _bar(layer, largest),
            _code(short_digest(layer.digest)),
            tag("span", layer_notes(layer), "dim"),
        ]
        for layer in image.layers
    ]
    body = table(["layer", "size", "", "digest", ""], rows, numeric=frozenset({1}))
    return f'<div class="nbship-layers">{body}</div>' if rows else ""


def _bar(layer: ImageLayer, largest: int) -> str:
    css = "nbship-bar nbship-cached" if layer.cached else "nbship-bar"
    return f'<span class="{css}" style="width:{max(1, round(_BAR_WIDTH * layer.size_bytes / largest))}px"></span>'


def _served(model: ServedModel) -> str:
    sign = STATE_SIGNS.get(model.state, "·")
    link = f'<a href="{escape(model.endpoint)}/openapi.json">{escape(model.endpoint)}</a>'
    head = (
        f'<div class="nbship-head">{tag("span", f"{sign} {model.state}", model.state)} '
        f"<b>{escape(model.name)}</b> {link}</div>"
    )
    version = f" version {model.model_version}" if model.model_version else ""
    by = served_as(model) + (f", ready after {model.ready_seconds:.2g} s" if model.ready_seconds else "")
    facts = [
        (
            "model",
            f"{escape(model.model + version)} of run {_code(model.run_name or model.run_id[:ID_DIGITS])}",
        ),
        ("served by", escape(by + (f" ({model.reason})" if model.reason else ""))),
    ]
    facts += [("predictions", _code(model.log_folder))] if model.log_folder else []
    facts.append(("stop", _code(f"nbship stop {model.name}")))
    return head + _facts(facts) + (_snippets(model.snippets) if model.snippets else "")


def _services(models: ServedModels) -> str:
    if not models.services:
        return f"<div>nothing is served; {_code('%serve RUN')} starts it</div>"
    rows = [
        [
            escape(model.name),
            tag("span", f"{STATE_SIGNS.get(model.state, '·')} {model.state}", model.state),
            f'<a href="{escape(model.endpoint)}/openapi.json">{escape(model.endpoint)}</a>',
            escape(served_as(model)),
            _code(model.run_name or model.run_id[:ID_DIGITS]),
        ]
        for model in models.services
    ]
    return table(["name", "state", "endpoint", "served by", "run"], rows)


def _facts(pairs: list[tuple[str, str]]) -> str:
    inner = "".join(f"<dt>{escape(word)}</dt><dd>{value}</dd>" for word, value in pairs)
    return f'<dl class="nbship-facts">{inner}</dl>'


def _snippets(snippets: Snippets) -> str:
    curl = f"<details open><summary>curl</summary>{tag('pre', snippets.curl)}</details>"
    return f"{curl}<details><summary>Python</summary>{tag('pre', snippets.python)}</details>"


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"

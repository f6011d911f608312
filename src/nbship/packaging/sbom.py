"""The bill of materials of an image: exact, since every wheel of it is known by its hash.

Public: ``make_sbom(bundle, lock, facts) -> dict``.

CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/. No time and no random number stands in it.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nbship.packaging.lock_parts import direct_needs
from nbship.packaging.wheel_metadata import license_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.bundle import Bundle
    from nbship.model.image import LockedWheel
    from nbship.packaging.facts import BuildFacts

__all__ = ["make_sbom"]

_MODEL = "model"
_IMAGE = "image"
_BASE = "base"
_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562: names that are addresses


def make_sbom(bundle: Bundle, lock: Sequence[LockedWheel], facts: BuildFacts) -> dict[str, Any]:
    """Return the document.

    Parameters
    ----------
    bundle
        The description of the final bundle; its list of files is not looked at.
    lock
        Every wheel of the image; each file is read for its licence.
    facts
        What it is built for and with.
    """
    runtime = _runtime(facts)
    parts = [_model(bundle), runtime, *([_base(facts)] if facts.base_digest else [])]
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {
                "components": [{"type": "application", "name": "nbship", "version": facts.builder_version}]
            },
            "component": _image(bundle, facts),
        },
        "components": [*parts, *(_wheel(wheel) for wheel in lock)],
        "dependencies": _dependencies(lock, [part["bom-ref"] for part in parts], bundle, facts),
    }
    content = json.dumps(document, sort_keys=True)
    return {**document, "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, content)}"}


def _image(bundle: Bundle, facts: BuildFacts) -> dict[str, Any]:
    properties = {"dev.nbship:run": bundle.run_id, "dev.nbship:platform": facts.platform}
    return {
        "type": "container",
        "bom-ref": _IMAGE,
        "name": bundle.name,
        "version": bundle.model_version or bundle.run_id,
        "properties": [{"name": name, "value": value} for name, value in properties.items()],
    }


def _model(bundle: Bundle) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": _MODEL,
        "name": bundle.model_class or bundle.name,
        "version": bundle.model_version or bundle.run_id,
        "hashes": [{"alg": "SHA-256", "content": bundle.model_digest}],
    }


def _runtime(facts: BuildFacts) -> dict[str, Any]:
    purl = f"pkg:pypi/nbship@{quote(facts.builder_version)}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": "nbship",
        "version": facts.builder_version,
        "description": "the modules of the server",
        "licenses": [{"expression": "Apache-2.0"}],
        "purl": purl,
    }


def _base(facts: BuildFacts) -> dict[str, Any]:
    algorithm, _, digest = facts.base_digest.partition(":")
    return {
        "type": "container",
        "bom-ref": _BASE,
        "name": facts.base or "base image",
        "version": facts.base_digest,
        "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": digest}],
    }


def _wheel(wheel: LockedWheel) -> dict[str, Any]:
    expression = license_of(wheel.path)
    return {
        "type": "library",
        "bom-ref": _purl(wheel),
        "name": wheel.name,
        "version": wheel.version,
        "hashes": [{"alg": "SHA-256", "content": wheel.sha256}],
        **({"licenses": [{"expression": expression}]} if expression else {}),
        "purl": f"{_purl(wheel)}?file_name={quote(wheel.filename)}",
    }


def _purl(wheel: LockedWheel) -> str:
    return f"pkg:pypi/{wheel.name}@{quote(wheel.version)}"


def _dependencies(
    lock: Sequence[LockedWheel], parts: list[str], bundle: Bundle, facts: BuildFacts
) -> list[dict[str, Any]]:
    references = {wheel.name: _purl(wheel) for wheel in lock}
    needs = {
        _purl(wheel): sorted(
            references[name]
            for name in direct_needs(wheel, facts.platform, bundle.python)
            if name in references
        )
        for wheel in lock
    }
    asked_by_others = {reference for one in needs.values() for reference in one}
    roots = [reference for reference in references.values() if reference not in asked_by_others]
    return [
        {"ref": _IMAGE, "dependsOn": sorted([*parts, *roots])},
        *({"ref": part, "dependsOn": []} for part in parts),
        *({"ref": reference, "dependsOn": found} for reference, found in needs.items()),
    ]

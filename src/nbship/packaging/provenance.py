"""Where an image comes from, as a statement that tools of the supply chain read.

Public: ``make_provenance(bundle, source, lock, facts, files) -> dict``.

An in-toto Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) with the predicate of
SLSA Provenance v1 (https://slsa.dev/spec/v1.0/provenance). It is not signed, and no time stands in it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from nbship.packaging.lock_parts import requirements_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbship.model.bundle import Bundle
    from nbship.model.image import LockedWheel, ModelSource
    from nbship.packaging.facts import BuildFacts

__all__ = ["BUILD_TYPE", "make_provenance"]

BUILD_TYPE = "pkg:pypi/nbship#package/v1"
"""Names the meaning of the parameters; raise the number when it changes."""


def make_provenance(
    bundle: Bundle,
    source: ModelSource,
    lock: Sequence[LockedWheel],
    facts: BuildFacts,
    files: Mapping[str, str],
) -> dict[str, Any]:
    """Return the statement.

    Parameters
    ----------
    bundle
        The description of the final bundle; its list of files is not looked at.
    source
        The model as it was tracked.
    lock
        Every wheel of the image.
    facts
        What it is built for and with.
    files
        Relative path to SHA-256 of the files of the bundle that the statement speaks of.
    """
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(files.items())],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": _asked(bundle, facts),
                "internalParameters": {"code": source.lineage.get("code", ""), "proof": list(bundle.proof)},
                "resolvedDependencies": [*_origins(source), *_materials(lock, facts)],
            },
            "runDetails": {
                "builder": {
                    "id": f"pkg:pypi/nbship@{facts.builder_version}",
                    "version": {"nbship": facts.builder_version},
                }
            },
        },
    }


def _asked(bundle: Bundle, facts: BuildFacts) -> dict[str, str]:
    return {
        "run": bundle.run_id,
        "model": bundle.name,
        "version": bundle.model_version,
        "method": bundle.method,
        "python": bundle.python,
        "platform": facts.platform,
    }


def _origins(source: ModelSource) -> Iterator[dict[str, Any]]:
    """Yield what the run rested on: the model's file as it was tracked, the cells, the data, the commit."""
    yield {"name": f"tracked/{source.model_file}", "digest": {"sha256": source.files[source.model_file]}}
    for place, cell in enumerate(source.lineage.get("cells", ())):
        yield {"name": f"cell {place + 1}", "digest": {"sha256": cell["sha256"]}}
    for dataset in source.lineage.get("datasets", ()):
        algorithm = dataset.get("algorithm", "mlflow")
        yield {"name": f"data {dataset['name']}", "digest": {algorithm: dataset["digest"]}}
    git = source.lineage.get("git", {})
    if git.get("commit"):
        remote = {"uri": f"git+{git['repository']}"} if git.get("repository") else {}
        yield {"name": "git", **remote, "digest": {"gitCommit": git["commit"]}}


def _materials(lock: Sequence[LockedWheel], facts: BuildFacts) -> Iterator[dict[str, Any]]:
    text = requirements_text(lock)
    yield {"name": "requirements.txt", "digest": {"sha256": hashlib.sha256(text.encode()).hexdigest()}}
    if facts.base_digest:
        algorithm, _, digest = facts.base_digest.partition(":")
        named = {"uri": f"docker://{facts.base}"} if facts.base else {}
        yield {"name": "base image", **named, "digest": {algorithm: digest}}
    for wheel in lock:
        yield {
            "uri": f"pkg:pypi/{wheel.name}@{wheel.version}",
            "name": wheel.filename,
            "digest": {"sha256": wheel.sha256},
        }

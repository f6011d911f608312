"""A bundle, ready to answer: everything that its requests need, made once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from nbship.errors import PackagingError
from nbship.model.profile import Profile
from nbship.serving.batching import Batcher
from nbship.serving.integrity import check_bundle
from nbship.serving.live_drift import LiveDrift
from nbship.serving.openapi import openapi
from nbship.serving.parser import Parser
from nbship.serving.policy import TrustPolicy
from nbship.serving.prediction_log import PredictionLog
from nbship.serving.predictor import load_predictor

if TYPE_CHECKING:
    from pathlib import Path

    from nbship.model.bundle import Bundle
    from nbship.serving.metrics import Metrics
    from nbship.serving.model_metrics import ModelMetrics
    from nbship.serving.settings import ServeSettings

__all__ = ["ServedBundle", "load"]

_WARM_UPS = 3
"""The first prediction imports and compiles; the last one tells how long one takes."""


@dataclass(frozen=True, slots=True)
class ServedBundle:
    """What requests are answered with.

    Attributes
    ----------
    lineage, description
        Bodies of ``/lineage`` and ``/openapi.json``.
    log
        None where predictions are not logged.
    """

    bundle: Bundle
    parser: Parser
    batcher: Batcher
    drift: LiveDrift
    counts: ModelMetrics
    log: PredictionLog | None
    lineage: bytes
    description: bytes

    def close(self) -> None:
        """Write what is left of the log, and let the threads end."""
        self.batcher.close()
        if self.log is not None:
            self.log.close()


def load(settings: ServeSettings, metrics: Metrics) -> ServedBundle:
    """Check a bundle, load its model and ask it once.

    Raises
    ------
    PackagingError
        When the bundle is not what was packaged, or its model does not answer its own example.
    UntrustedModelError
        When the policy does not let the model be read.
    """
    folder = settings.bundle
    bundle = check_bundle(folder, settings.bundle_sha256)
    predictor = load_predictor(folder, bundle, TrustPolicy.from_environment())
    # What a PythonModel does with a row is its own affair.
    known = bundle.row_wise and not bundle.context_first
    batcher = Batcher(predictor.predict, metrics.predicted, known=known)
    parser = Parser(bundle, settings.max_rows)
    _warm_up(folder, parser, batcher)
    drift = LiveDrift(bundle, _profile(folder))
    log = _log(settings, bundle) if settings.log else None
    return ServedBundle(
        bundle,
        parser,
        batcher,
        drift,
        metrics.tell_model(bundle, drift, log),
        log,
        _content(folder / "lineage.json"),
        orjson.dumps(openapi(bundle, token=bool(settings.token))),
    )


def _log(settings: ServeSettings, bundle: Bundle) -> PredictionLog:
    return PredictionLog(
        bundle,
        settings.log_dir,
        most_bytes=settings.log_bytes,
        sample=settings.log_sample,
        redact=settings.log_redact,
    )


def _warm_up(folder: Path, parser: Parser, batcher: Batcher) -> None:
    body = _first_row(folder / "example.json")
    if body is None:
        return
    try:
        rows = parser.read(body, "application/json").rows
        for _ in range(_WARM_UPS):
            batcher.learn(rows)
    except Exception as error:
        # The user's model may raise anything; a server that cannot answer its own example must not get ready.
        raise PackagingError(
            f"the model does not answer its own example: {type(error).__name__}: {error}"
        ) from error


def _first_row(path: Path) -> bytes | None:
    """Return the first row of the recorded example as the body of a request."""
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_bytes())
    if "columns" in found:
        return orjson.dumps({"dataframe_split": {"columns": found["columns"], "data": found["data"][:1]}})
    inputs = found["inputs"]
    return orjson.dumps({"inputs": inputs[:1] if isinstance(inputs, list) else inputs})


def _profile(folder: Path) -> Profile | None:
    path = folder / "profile.json"
    if not path.exists():
        return None
    try:
        return Profile.from_dict(json.loads(path.read_bytes()))
    except ValueError as error:
        raise PackagingError(f"profile.json of the bundle cannot be read: {error}") from error


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b"{}"

"""Packaging and serving as jobs: the commands that do it, and what they tell of themselves."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from nbship.display.image_words import smoke_words, whereabouts
from nbship.errors import UsageError
from nbship.labserver.jobs import JobState, JobWork
from nbship.labserver.place import confined
from nbship.labserver.step_words import option
from nbship.labserver.wire.shipping import ShippingJobJson, StageJson
from nbship.model.codec import decode
from nbship.model.image import PackagedImage, PackageStage
from nbship.service.shipping.grammar import PackageRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.labserver.jobs import Job
    from nbship.labserver.place import Place
    from nbship.labserver.wire.shipping import PackageBody, ServeBody

__all__ = ["PACKAGE", "SERVE", "package_work", "serve_work", "shipping_job", "typed"]

PACKAGE, SERVE = "package", "serve"
_ARCHIVE = ".tar"
_TRUST = "--trust-pickle"
_MODEL_WORDS = {"name": "name", "method": "predict-fn"}
_LOG = "log.txt"
_KINDS = ("oci-archive:", "docker-archive:", "oci:")
_ARCHIVES = (".tar", ".tar.gz", ".tgz")


def package_work(place: Place, body: PackageBody) -> JobWork:
    """Return the work of packaging.

    Raises
    ------
    UsageError, PackagingError
        When an option has a value that it cannot have.
    """
    from nbship.service.shipping.first_look import check_package  # noqa: PLC0415 - knows all of packaging

    options = body.get("options", {})
    archive = _archive(place, options.get("archive", ""))
    base = _base(place, options.get("base", ""))
    words = (
        *(PACKAGE, *_model_words(cast("dict[str, Any]", options), base)),
        *_given("tag", options.get("reference")),
        *_given("platform", options.get("platform")),
        *_given("output", archive),
        *_given("push", options.get("push")),
        *([] if options.get("load", True) else ["--no-load"]),
        *(["--verify-image"] if options.get("verify") else []),
    )
    request = {**options, "archive": archive, "base": base}
    check_package(place.settings, PackageRequest(_run(body["run"]), **request))  # type: ignore[arg-type]
    return _work(place, PACKAGE, body, words)


def serve_work(place: Place, body: ServeBody) -> JobWork:
    """Return the work of serving.

    Raises
    ------
    UsageError
        When an option has a value that it cannot have.
    """
    options = body.get("options", {})
    kind = options.get("kind", "")
    if kind not in ("", "container", "process"):
        raise UsageError(f"kind is {kind!r:.80}; choose container or process, or leave it out")
    words = (
        *(SERVE, "--detach"),
        *_model_words(cast("dict[str, Any]", options), _base(place, options.get("base", ""))),
        *option("port", options.get("port")),
        *([f"--{kind}"] if kind else []),
        *(["--replace"] if options.get("replace") else []),
    )
    return _work(place, SERVE, body, words)


def typed(work: JobWork) -> str:
    """Return what one would type for the same."""
    return shlex.join(["nbship", *work.words])


def _work(place: Place, kind: str, body: PackageBody | ServeBody, words: tuple[str, ...]) -> JobWork:
    run = _run(body["run"])
    return JobWork(
        kind=kind,
        title=body.get("label") or run,
        words=(*words, run),
        path=run,
        folder=str(place.settings.project),
        asked=cast("dict[str, Any]", body),
    )


def _run(run: str) -> str:
    """Return what to ship; never a word that could be taken for an option."""
    if run.startswith("-") or "\x00" in run:
        raise UsageError(f"{run!r:.80} is no run; give an id, runs:/RUN/MODEL or models:/NAME/VERSION")
    return option("run", run)[0].removeprefix("--run=")


def _model_words(options: dict[str, Any], base: str) -> tuple[str, ...]:
    words = [word for name, flag in _MODEL_WORDS.items() for word in _given(flag, options.get(name))]
    return (*words, *_given("base-image", base), *([_TRUST] if options.get("trust_pickle") else []))


def _given(name: str, value: str | None) -> tuple[str, ...]:
    return option(name, value) if value and value.strip() else ()


def _archive(place: Place, path: str) -> str:
    """Return where the tarball goes; a name that could be another file's is refused."""
    if not path.strip():
        return ""
    whole = confined(place.root, path)
    if whole.suffix != _ARCHIVE:
        raise UsageError(f"{path} cannot take the image; name a file that ends in {_ARCHIVE}")
    if not whole.parent.is_dir():
        raise UsageError(f"{path} cannot take the image: there is no folder for it")
    return str(whole)


def _base(place: Place, base: str) -> str:
    """Return what to base an image on; what lies on the disk has to lie below the server's folder, or in the settings.

    Empty for the one of the settings, which need not be said.
    """
    base = base.strip()
    if not base or base == place.settings.base_image:
        return ""
    kind = next((each for each in _KINDS if base.startswith(each)), "")
    text = base.removeprefix(kind)
    if not (kind or text.startswith((".", "/", "~")) or text.endswith(_ARCHIVES)):
        return base
    path = Path(text).expanduser()
    whole = path.resolve() if path.is_absolute() else confined(place.root, text)
    if not whole.is_relative_to(place.root):
        raise UsageError(
            f"{base} lies outside of the folder of the Jupyter server; choose a file inside of it, or set base_image in "
            "[tool.nbship] of pyproject.toml"
        )
    return f"{kind}{whole}"


def shipping_job(place: Place, job: str) -> ShippingJobJson:
    """Return what a job was asked for, and its stages so far.

    Raises
    ------
    JobMissingError
        When there is no such job.
    """
    found = place.jobs.get(job)
    places, smoke = _told(place, found)
    return ShippingJobJson(
        asked=place.jobs.asked(job) or None,
        stages=_stages(place, found),
        untrusted=found.state is JobState.FAILED and _TRUST in found.message,
        places=places,
        smoke=smoke,
    )


def _told(place: Place, job: Job) -> tuple[list[tuple[str, str]], str]:
    """Return what is said of an image that was built; nothing while there is none."""
    if job.kind != PACKAGE or job.state is not JobState.COMPLETED:
        return [], ""
    try:
        image = PackagedImage.from_dict(place.jobs.result(job.id))
    except (AttributeError, KeyError, TypeError, ValueError):  # of another version
        return [], ""
    return whereabouts(image), smoke_words(image.smoke)


def _stages(place: Place, job: Job) -> list[StageJson]:
    """Return the stages in the order in which they came first; one that comes again adds to its time."""
    told = list(_lines(place, job))
    ends_ms = [line.at_ms for line in told[1:]] + [job.started_ms + round(job.seconds * 1000)]
    stages: dict[str, StageJson] = {}
    for line, end_ms in zip(told, ends_ms, strict=False):
        new = StageJson(name=line.name, detail="", seconds=0.0, began_ms=line.at_ms)
        stage = stages.setdefault(line.name, new)
        stage["detail"] = line.detail or stage["detail"]
        stage["seconds"] = round((stage["seconds"] or 0.0) + max(0, end_ms - line.at_ms) / 1000, 3)
    if told and job.state is JobState.RUNNING:
        stages[told[-1].name]["seconds"] = None
    return list(stages.values())


def _lines(place: Place, job: Job) -> Iterator[PackageStage]:
    for line in place.jobs.file(job.id, _LOG).read_bytes().splitlines():
        if line.startswith(b"{"):
            try:
                yield decode(PackageStage, json.loads(line))
            except (AttributeError, KeyError, TypeError, ValueError):  # half of a line, or of another version
                continue

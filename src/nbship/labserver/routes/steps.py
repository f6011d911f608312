"""Notebooks as steps: their parameters, and running them once, for many points, or as a pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbship import service
from nbship.capture.secret_names import is_secret_name
from nbship.errors import UsageError
from nbship.labserver.endpoint import EXECUTE, get, post
from nbship.labserver.jobs import JobWork
from nbship.labserver.place import FileMissingError, Place, confined
from nbship.labserver.step_words import (
    grid_texts,
    grid_words,
    notebook_word,
    option,
    secret_words,
    value_text,
    value_words,
)
from nbship.labserver.wire.jobs import JobJson, job_json
from nbship.labserver.wire.steps import (
    ConvertBody,
    FoundPipelineJson,
    FoundPipelinesJson,
    GraphLayoutJson,
    JobGraphJson,
    JobRequestJson,
    NotebookFileQuery,
    NotebookParametersJson,
    PipelineBody,
    PipelineGraphJson,
    PipelineStepJson,
    StepBody,
    SweepBody,
    SweepPointsJson,
)
from nbship.recording.layout import read_json, write_json

__all__ = [
    "convert_notebook",
    "executed_notebook",
    "find_pipelines",
    "job_graph",
    "job_request",
    "notebook_parameters",
    "show_pipeline",
    "start_pipeline",
    "start_step",
    "start_sweep",
    "sweep_points",
]

_BOX = (188.0, 62.0)
"""Width and height of a step in a graph, in pixels."""

_SHOWN_POINTS = 200

REQUEST = "request.json"
"""What a job was asked for, in its folder."""


@get("/notebooks/parameters")
def notebook_parameters(place: Place, query: NotebookFileQuery) -> NotebookParametersJson:
    """Return the parameters of a notebook, or the cell that would declare some."""
    path = place.file(query["file"])
    known = service.parameters(str(path)).to_dict()
    answer: dict[str, Any] = {"file": query["file"], "proposal": None, "reason": "", **known}
    if not answer["tagged"]:
        try:
            found = service.convert(str(path), write=False)
            answer["proposal"] = {name: getattr(found, name) for name in ("cell_source", "diff")}
            answer["proposal"]["names"] = list(found.names)
        except UsageError as error:
            answer["reason"] = str(error)
    return answer  # type: ignore[return-value]


@post("/notebooks/convert")
def convert_notebook(place: Place, body: ConvertBody) -> NotebookParametersJson:
    """Write the parameters cell that is proposed for a notebook."""
    service.convert(str(place.file(body["file"])), write=True)
    return notebook_parameters.answer(place, {"file": body["file"]})  # type: ignore[no-any-return]


@get("/notebooks/executed")
def executed_notebook(place: Place, query: NotebookFileQuery) -> dict[str, Any]:
    """Return an executed notebook, given by its path on the machine, also where it lies in the hidden folder of the project."""
    from nbship.pipeline.execution.notebook_file import read_notebook  # noqa: PLC0415 - reads notebooks when asked

    path = (place.settings.project / query["file"]).resolve()
    allowed = (place.root, place.settings.home.resolve())
    if path.suffix != ".ipynb" or not any(path.is_relative_to(folder) for folder in allowed):
        raise UsageError(f"{query['file']} is no executed notebook of this project")
    if not path.is_file():
        raise FileMissingError(f"{query['file']} is not there any more; run the step again")
    return read_notebook(path)


@get("/pipelines")
def find_pipelines(place: Place) -> FoundPipelinesJson:
    """List the pipelines of the project."""
    project = place.settings.project.resolve()
    found = service.find_pipelines(project if project.is_relative_to(place.root) else place.root)
    placed = [(place.shown(one.path), one) for one in found.pipelines]
    pipelines = [
        FoundPipelineJson(file=file, name=one.name, kind=one.kind, steps=list(one.steps), problem=one.problem)
        for file, one in placed
        if file
    ]
    return {"pipelines": pipelines, "complete": found.complete}


@get("/pipelines/graph")
def show_pipeline(place: Place, query: NotebookFileQuery) -> PipelineGraphJson:
    """Return the steps of a pipeline, and where they stand in its graph."""
    outline = service.pipeline_outline(str(place.file(query["file"]))).to_dict()
    steps = [
        PipelineStepJson(**{**step, "notebook": place.shown(step["notebook"])})  # type: ignore[typeddict-item]
        for step in outline["steps"]
    ]
    layout = _layout([step["name"] for step in steps], outline["edges"])
    return {
        "file": query["file"],
        "name": outline["name"],
        "description": outline["description"],
        "steps": steps,
        "edges": outline["edges"],
        "layout": layout,
    }


@get("/jobs/{job}/graph")
def job_graph(place: Place, job: str) -> JobGraphJson:
    """Return how the steps of a pipeline that runs or ran stand in its graph."""
    found = place.jobs.get(job)
    report = place.jobs.result(job) or found.progress or {}
    if found.kind != "pipeline":
        raise UsageError(f"job {job} is no pipeline; it has no graph")
    names = [str(step.get("name", "")) for step in report.get("steps", [])]
    return {"steps": names, "layout": _layout(names, report.get("edges", []))}


@get("/jobs/{job}/request")
def job_request(place: Place, job: str) -> JobRequestJson:
    """Return what a step, a sweep or a pipeline was started with."""
    place.jobs.get(job)
    return {"request": read_json(place.jobs.file(job, REQUEST)) or None}


def _layout(names: list[str], edges: list[Any]) -> GraphLayoutJson:
    from nbship.display.graph_layout import laid_out  # noqa: PLC0415 - for graphs only

    number = {name: index for index, name in enumerate(names)}
    pairs = tuple((number[a], number[b]) for a, b in edges if a in number and b in number)
    found = laid_out(tuple(_BOX[0] for _ in names), pairs, _BOX[1])
    return {
        "width": found.width,
        "height": found.height,
        "boxes": list(found.boxes),
        "edges": [{"start": a, "end": b, "points": list(points)} for a, b, points in found.edges],
    }


@post("/jobs/step", EXECUTE)
def start_step(place: Place, body: StepBody) -> JobJson:
    """Run a notebook as a step."""
    path = place.file(body["notebook"])
    values, secrets = _apart(body.get("parameters", {}), body.get("secrets", {}))
    output = _output(place, path, body.get("output"))
    options = service.StepOptions(values=values, secrets=secrets, track=False)
    service.prepare_step(place.settings, _plain(str(path)), output, options)
    given, environment = secret_words(secrets)
    words = (
        *("run", _plain(notebook_word(path)), *([output] if output else [])),
        *(*value_words(values), *given),
        *(*option("name", body.get("name") or None), *option("timeout", body.get("timeout"))),
    )
    title = body.get("name") or path.stem
    work = JobWork("step", title, words, _shown(place, path), str(path.parent), environment)
    return _started(place, work, {**body, "parameters": values})


@post("/sweeps/points")
def sweep_points(place: Place, body: SweepBody) -> SweepPointsJson:
    """Return the points that a sweep would take, and run nothing."""
    path = place.file(body["notebook"])
    points = service.sweep_points(str(path), _sweep_options(body), _base_of(body))
    return {"points": [_texts(point) for point in points[:_SHOWN_POINTS]], "total": len(points)}


@post("/jobs/sweep", EXECUTE)
def start_sweep(place: Place, body: SweepBody) -> JobJson:
    """Run a notebook once for each point of a grid."""
    path = place.file(body["notebook"])
    options, base = _sweep_options(body), _base_of(body)
    service.sweep_points(str(path), options, base)
    given, environment = secret_words(base.secrets)
    words = (
        *("sweep", notebook_word(path), *grid_words(options.grid), *value_words(base.values), *given),
        *(*option("metric", options.metric), *([] if options.maximize else ["--min"])),
        *(*option("random", options.random), *option("seed", options.seed)),
        *(["--resume"] if options.resume else []),
        *option("workers", options.workers),
    )
    work = JobWork("sweep", path.stem, words, _shown(place, path), str(path.parent), environment)
    return _started(place, work, {**body, "parameters": base.values})


@post("/jobs/pipeline", EXECUTE)
def start_pipeline(place: Place, body: PipelineBody) -> JobJson:
    """Run a pipeline; what has not changed is taken from the cache."""
    path = place.file(body["file"])
    texts = {
        step: {name: _step_text(step, name, value) for name, value in values.items()}
        for step, values in body.get("parameters", {}).items()
    }
    options = service.PipelineOptions(
        parameters=texts,
        only=tuple(body.get("only", [])),
        start=body.get("start"),
        force=body.get("force", False),
        resume=body.get("resume", False),
        workers=_positive(body.get("workers"), "workers"),
    )
    service.check_pipeline(str(path), options)
    words = (
        *("pipeline", "run", notebook_word(path)),
        *(f"--parameters={step}.{name}={text}" for step in texts for name, text in texts[step].items()),
        *(f"--step={name}" for name in options.only),
        *option("from", options.start),
        *(["--force"] if options.force else []),
        *(["--resume"] if options.resume else []),
        *option("workers", options.workers),
    )
    title = service.pipeline_outline(str(path)).name
    work = JobWork("pipeline", title, words, _shown(place, path), str(path.parent))
    return _started(place, work, {**body})


def _started(place: Place, work: JobWork, asked: dict[str, Any]) -> JobJson:
    """Start a job, and keep what was asked for, but its secrets, so that it can be asked for again."""
    if any("\x00" in value for value in work.secrets.values()):
        raise UsageError("a secret holds a zero byte, which no environment variable takes")
    job = place.jobs.start(work)
    kept = {name: value for name, value in asked.items() if name != "secrets"}
    write_json(place.jobs.file(job.id, REQUEST), kept)
    return job_json(job)


def _apart(values: dict[str, Any], secrets: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return parameters and secrets; what only sounds like a secret is not written into a command either."""
    hidden = {name: value for name, value in values.items() if isinstance(value, str) and value}
    hidden = {name: value for name, value in hidden.items() if is_secret_name(name)}
    plain = {name: value for name, value in values.items() if name not in hidden}
    return plain, {**hidden, **secrets}


def _plain(path: str) -> str:
    """Return a path that stays what it is when parameters are filled in."""
    return path.replace("{", "{{").replace("}", "}}") if "{" in path else path


def _output(place: Place, notebook: Path, output: str | None) -> str | None:
    """Return where the executed notebook goes; None for the place that the command chooses."""
    if not output:
        if "{" not in notebook.name:
            return None
        return _plain(str(notebook.with_name(f"{notebook.stem}.executed.ipynb")))
    target = confined(place.root, output)
    if target.suffix != ".ipynb" or target == notebook:
        raise UsageError(f"{output} cannot take the executed notebook; name another file that ends in .ipynb")
    return _plain(str(target))


def _sweep_options(body: SweepBody) -> service.SweepOptions:
    return service.SweepOptions(
        grid=grid_texts(body["grid"]),
        random=_positive(body.get("random"), "random"),
        seed=body.get("seed"),
        metric=body.get("metric") or None,
        maximize=body.get("maximize", True),
        resume=body.get("resume", False),
        workers=_positive(body.get("workers"), "workers"),
    )


def _base_of(body: SweepBody) -> service.StepOptions:
    values, secrets = _apart(body.get("parameters", {}), body.get("secrets", {}))
    return service.StepOptions(values=values, secrets=secrets)


def _positive(number: int | None, what: str) -> int | None:
    if number is not None and number < 1:
        raise UsageError(f"{what} is {number}; give a whole number from 1")
    return number


def _step_text(step: str, name: str, value: Any) -> str:
    if is_secret_name(name):
        raise UsageError(
            f"{step}.{name} sounds like a secret, which a command must not show; write where it is kept into the "
            f'pipeline\'s file: secrets = {{ {name} = "env:VARIABLE" }}'
        )
    text = value_text(value)
    if text != text.strip() or "\x00" in text:
        raise UsageError(
            f"{step}.{name}: blanks at the ends of a value do not reach a step; write it into the pipeline's file"
        )
    return text


def _texts(point: dict[str, Any]) -> dict[str, Any]:
    kinds = (bool, int, float, str, type(None))
    return {name: value if isinstance(value, kinds) else str(value) for name, value in point.items()}


def _shown(place: Place, path: Path) -> str:
    return place.shown(path) or str(path)

"""Packaging and serving as jobs of the panel."""

from __future__ import annotations

import json
import shlex

import pytest

from images import HOSTILE, packaged
from nbship.config import load_settings
from nbship.errors import PackagingError, UsageError
from nbship.labserver.place import Workbench
from nbship.labserver.shipping_jobs import package_work, serve_work
from nbship.service.shipping.image_records import record_image

RUN = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _no_engine(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")


@pytest.fixture
def place(project):
    return Workbench(project).place()


def package(place, **options):
    return list(package_work(place, {"run": RUN, "options": options}).words)


def serve(place, **options):
    return list(serve_work(place, {"run": RUN, "options": options}).words)


def parsed(words):
    """Read the words as the command line does."""
    from nbship.cli.parser import _parser

    return _parser().parse_args([*words, "--json", "--progress", "json"])


def test_a_run_is_packaged_by_its_id(place):
    assert package(place) == ["package", RUN]
    assert serve(place) == ["serve", "--detach", RUN]


def test_every_option_reaches_the_command(place):
    given = parsed(
        package(
            place,
            name="late",
            method="predict_proba",
            base="python:3.11-slim",
            trust_pickle=True,
            reference="late:1",
            platform="linux/arm64",
            archive="late 1.tar",
            push="registry.example/team/late:1",
            load=False,
            verify=True,
        )
    )
    assert (given.name, given.method, given.base, given.trust_pickle) == (
        "late",
        "predict_proba",
        "python:3.11-slim",
        True,
    )
    assert (given.reference, given.platform, given.push) == (
        "late:1",
        "linux/arm64",
        "registry.example/team/late:1",
    )
    assert (given.archive, given.load, given.verify) == (str(place.root / "late 1.tar"), False, True)
    given = parsed(serve(place, port=8080, kind="process", replace=True))
    assert (given.port, given.kind, given.replace, given.detach, given.what) == (
        8080,
        "process",
        True,
        True,
        RUN,
    )


@pytest.mark.parametrize("text", ["--push=evil", "-o", "a b", "$(id)", "'; rm", HOSTILE, "Zürich"])
def test_a_text_stays_the_value_of_its_option(place, text):
    for words in (package(place, name=text, method=text), serve(place, name=text, method=text)):
        given = parsed(words)
        assert (given.name, given.method, given.what) == (text, text, RUN)
        assert not given.trust_pickle


@pytest.mark.parametrize("run", ["--help", "-o/etc/passwd", "a\x00b"])
def test_a_run_is_never_an_option(place, run):
    for work in (package_work, serve_work):
        with pytest.raises(UsageError):
            work(place, {"run": run})


@pytest.mark.parametrize(
    "options",
    [
        {"archive": "../outside.tar"},
        {"archive": "notebook.ipynb"},
        {"archive": "no/such/folder/a.tar"},
        {"base": "/etc"},
        {"base": "~/base"},
        {"base": "oci:/etc"},
        {"base": "../base.tar"},
        {"reference": "Not A Reference"},
        {"push": "http://x y"},
        {"platform": "windows/amd64"},
        {"name": "a\x00b"},
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_starts(place, options):
    with pytest.raises((UsageError, PackagingError)):
        package(place, **options)


def test_the_base_of_the_settings_may_lie_anywhere(project, monkeypatch, tmp_path_factory):
    base = tmp_path_factory.mktemp("base")
    (base / "oci-layout").touch()
    monkeypatch.setenv("NBSHIP_BASE_IMAGE", str(base))
    place = Workbench(project).place()
    assert package(place, base=str(base)) == ["package", RUN]


async def test_the_command_is_told_before_it_runs(ask):
    body = {"run": RUN, "options": {"name": "it's", "port": 8080}}
    _, told = await ask("POST", "shipping/serve/command", body=body)
    assert shlex.split(told["command"]) == ["nbship", "serve", "--detach", "--name=it's", "--port=8080", RUN]
    code, fault = await ask("POST", "shipping/package/command", body={"run": RUN, "options": {"push": "a b"}})
    assert code == 400
    assert "a b" in fault["message"]


@pytest.mark.parametrize("options", [{"port": 0}, {"port": 70_000}, {"kind": "--x"}, {"port": "soon"}])
async def test_a_wrong_option_starts_no_job(ask, options):
    code, _ = await ask("POST", "jobs/serve", body={"run": RUN, "options": options})
    assert code == 400
    assert (await ask("GET", "jobs"))[1]["jobs"] == []


async def test_a_job_of_a_run_that_is_not_there_fails_in_words(ask, project):
    asked = {"run": RUN, "label": HOSTILE, "options": {"name": "late"}}
    code, job = await ask("POST", "jobs/package", body=asked)
    assert (code, job["kind"], job["title"]) == (200, "package", HOSTILE)
    while (job := (await ask("GET", f"jobs/{job['id']}"))[1]["job"])["state"] == "running":
        pass
    assert job["state"] == "failed"
    assert RUN[:8] in job["message"]
    _, told = await ask("GET", f"shipping/jobs/{job['id']}")
    assert told["asked"] == asked
    assert not told["untrusted"]


def write_job(project, job, lines, result=None, message=""):
    folder = project / ".nbship" / "jobs" / job
    folder.mkdir(parents=True)
    said = {"kind": "package", "title": "t", "command": "c", "path": RUN, "started_ms": 1_000_000}
    (folder / "job.json").write_text(json.dumps(said))
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    (folder / "log.txt").write_text(text + message)
    (folder / "result.json").write_text(json.dumps(result) if result else "")
    (folder / "exit.json").write_text(json.dumps({"exit_code": 0 if result else 2, "ended_ms": 1_010_000}))


def stage(name, seconds, detail=""):
    return {"name": name, "done": 0.5, "detail": detail, "at_ms": 1_000_000 + round(seconds * 1000)}


async def test_stages_have_their_times_and_what_came_last(ask, project):
    lines = [stage("a", 0.5), "plain", stage("b", 1), '{"half', stage("b", 2, "wheels"), stage("a", 7)]
    write_job(project, "1", lines, packaged().to_dict())
    _, told = await ask("GET", "shipping/jobs/1")
    assert told["stages"] == [
        {"name": "a", "detail": "", "seconds": 3.5, "began_ms": 1_000_500},
        {"name": "b", "detail": "wheels", "seconds": 6.0, "began_ms": 1_001_000},
    ]
    assert told["places"] == [["archive", "/tmp/late-flights.tar"]]
    assert told["smoke"].startswith("5 rows answered exactly as recorded")


async def test_a_pickle_that_nobody_trusts_is_told_as_such(ask, project):
    message = "nbship: the model of x is a pickle. It would import: os.system. say --trust-pickle\n"
    write_job(project, "1", [stage("a", 0)], message=message)
    _, told = await ask("GET", "shipping/jobs/1")
    assert told["untrusted"]
    assert (told["places"], told["smoke"]) == ([], "")


async def test_a_job_that_is_gone_is_told(ask):
    assert (await ask("GET", "shipping/jobs/1"))[0] == 404


async def test_images_are_listed_newest_first_and_each_name_once(ask, project):
    settings = load_settings(project)
    for name, digest in (("a:1", "1"), ("b:1", "2"), ("a:1", "3")):
        record_image(
            settings, packaged(reference=name, digest=f"sha256:{digest * 64}", archive="", loaded=True)
        )
    _, told = await ask("GET", "shipping/images")
    assert [(image["reference"], image["digest"][7]) for image in told["images"]] == [
        ("a:1", "3"),
        ("b:1", "2"),
    ]


async def test_a_machine_without_an_engine_says_what_to_do(ask, monkeypatch, project):
    monkeypatch.setenv("NBSHIP_BASE_IMAGE", "/no/such/base")
    _, told = await ask("GET", "shipping/means")
    means = told["means"]
    assert means["engine"] == ""
    assert (
        "Install Docker or start it" in means["engine_problem"] or "nbship[docker]" in means["engine_problem"]
    )
    assert (means["base_image"], means["platform"][:6]) == ("/no/such/base", "linux/")
    assert means["base_origin"] == "environment variable NBSHIP_BASE_IMAGE"
    assert "/no/such/base" in means["base_problem"]

"""Wrong use is one red line; nothing is lost, and nothing is recorded as success."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kernels import make_project
from nbship.config import load_settings


@pytest.fixture
def project(shared_project):
    """One store for the module; every test has a kernel of its own, and its runs their own names."""
    return shared_project


@pytest.fixture
def kernel(project):
    kernel = project.kernel()
    yield kernel
    kernel.close()


@pytest.fixture(scope="module")
def refusing(shared_project):
    """A kernel for what is refused: nothing of it may change the kernel."""
    kernel = shared_project.kernel()
    kernel.run("model = 3")
    return kernel


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%%track --nosuch", "--nosuch"),
        ("%%track a b", "unrecognized arguments: b"),
        ("%%track -p novalue", "KEY=VALUE"),
        ("%%track -p =3", "KEY=VALUE"),
        ("%%track -t broken", "KEY=VALUE"),
        ("%%track -m modle", "Did you mean 'model'"),
        ("%%track -d nothere", "--data nothere"),
        ("%%track --metric nothere", "--metric nothere"),
        ("%%track 'unclosed", "quotation"),
        ("%%track -m", "expected one argument"),
    ],
)
def test_wrong_options_are_one_line_and_the_cell_does_not_run(project, refusing, line, says):
    before = len(project.runs())
    reply = refusing.run(f"{line}\nran = True")

    assert reply.status == "error"
    assert reply.text.startswith("UsageError: ")
    assert says in reply.text
    assert reply.text.count("\n") == 1
    assert refusing.run("'ran' in globals()").plain == "False"
    assert len(project.runs()) == before


def test_a_model_without_predict_is_no_success(project, kernel):
    reply = kernel.run("%%track m -m thing\nthing = object()\nloss = len('ab') / 4")
    run = project.run("m")

    assert reply.status == "ok"
    assert run.status == "FAILED"
    assert "has no predict()" in run.tags["nbship.reason"]
    assert run.metrics == {"loss": 0.5}


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("%track sideways", "on, off or status"),
        ("%track off", "session tracking is not on"),
        ("%runs --limit x", ""),
    ],
)
def test_wrong_line_magics_are_one_line(refusing, code, says):
    reply = refusing.run(code)

    assert reply.status == "error"
    assert says in reply.text
    assert reply.text.startswith("UsageError")


def test_tracking_that_fails_is_one_line_and_the_cell_runs(tmp_path, store_template):
    project = make_project(tmp_path / "blocked", store_template)
    spool = project.folder / ".nbship" / "spool"
    kernel = project.kernel()
    spool.write_text("a file where the folder should be")
    reply = kernel.run("%%track x\nran = 1 + 1\nran")
    spool.unlink()
    project.close()

    assert reply.status == "ok"
    assert "2" in reply.plain
    assert reply.text.count("nbship:") == 1


def test_odd_names_and_values_are_kept(project, kernel):
    kernel.run("größe = 3\nlong = 'x' * 9\nnan_source = float('nan')")
    kernel.run(
        "%%track '<img src=x onerror=alert(1)>' -p weird='<b>&\"'\nwert = größe * 2\nleer = nan_source * 1\nbig = 10 ** 400"
    )
    run = project.run("<img src=x onerror=alert(1)>")

    assert run.params == {"größe": "3", "weird": '<b>&"'} or run.params["weird"] == '<b>&"'
    assert run.metrics["wert"] == 6


def test_hostile_names_stay_text_in_the_line_below_the_cell(kernel):
    reply = kernel.run("%%track '<img src=x onerror=alert(1)>'\nx = 1 + 1")

    assert "<img" not in reply.html
    assert "&lt;img" in reply.html


def test_secrets_reach_no_disk(project, kernel):
    secret = "hunter2hunter2-geheim"
    kernel.run(f"db_password = '{secret}'\nurl = 'postgresql://me:{secret}@host/db'")
    kernel.run(
        f"%%track s -p token={secret}\nprint(db_password, url)\napi_key = '{secret}'\nx = len(api_key)\nraise ValueError(db_password)"
    )
    run = project.run("s")
    kernel.close()
    kept = [
        path
        for path in (project.folder / ".nbship").rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]

    assert kept == []
    assert "***" in project.artifact(run, "nbship/ledger.json")
    assert int(run.tags["nbship.masked"]) >= 2


def test_unloading_takes_everything_out(project, kernel):
    kernel.run("%unload_ext nbship")
    reply = kernel.run("%%track x\n1")

    assert "not found" in reply.text
    assert kernel.run("%load_ext nbship\n'again'").status == "ok"
    assert kernel.run("%%track back\nx = 1 + 1").status == "ok"
    assert project.run("back").status == "FINISHED"


@pytest.mark.skipif(os.name == "nt", reason="pexpect drives terminals of POSIX systems")
def test_it_works_in_a_terminal(project):
    import pexpect

    environment = {**project.environment, "TERM": "dumb", "PYTHONWARNINGS": "ignore"}
    options = ["-m", "IPython", "--colors=nocolor", "--no-banner", "--no-autoindent"]
    terminal = pexpect.spawn(sys.executable, options, cwd=str(project.folder), env=environment, timeout=60)
    terminal.expect("In .1.")
    terminal.send("%load_ext nbship\r")
    terminal.expect("In .2.")
    for line in ("%%track terminal", "x = len('ab')", "x", "", ""):  # IPython wants two empty lines
        terminal.send(f"{line}\r")
    terminal.expect("terminal FINISHED")
    terminal.expect("In .3.")
    terminal.send("exit\r")
    terminal.expect(pexpect.EOF)

    assert project.run("terminal").metrics == {"x": 2}


def test_quiet_silences_the_line_unless_something_is_wrong(project, kernel):
    kernel.run("%config Nbship.quiet = True")

    assert kernel.run("%%track a\nx = 1 + 1").outputs == []
    assert "FAILED" in kernel.run("%%track b\n1/0").plain


def test_config_is_honoured(project, kernel):
    kernel.run("%config Nbship.experiment = 'elsewhere'")
    kernel.run("%config Nbship.git = False")
    kernel.run("%%track configured\nx = 1 + 1")

    assert project.run("configured").experiment == "elsewhere"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that not even root can write to")
def test_a_read_only_project_falls_back_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    settings = load_settings(Path("/proc/self"))

    assert settings.home.is_relative_to(tmp_path)
    assert "read-only" in settings.origins["home"]
    assert settings.tracking_uri.startswith(f"sqlite:///{settings.home}")


def test_a_file_in_the_way_of_the_home_folder_falls_back_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / ".nbship").write_text("a file, so that no folder can be made")
    settings = load_settings(tmp_path)

    assert settings.home.is_relative_to(tmp_path / "data")
    assert ".nbship is not a folder" in settings.origins["home"]

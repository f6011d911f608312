"""The panel's own tests, its types and its lint: what Node says of `labextension`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbship.labserver.openapi import document

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "labextension"
BUILT = ROOT / "src" / "nbship" / "labextension"


@pytest.fixture(scope="module")
def node(require):
    """Return a function that runs a tool of the front end and gives its exit code and output."""
    program = require("node")["node"]
    if not (SOURCES / "node_modules").is_dir():
        missing = pytest.fail if "node" in os.environ.get("NBSHIP_REQUIRE", "") else pytest.skip
        missing("the front end's packages are not installed: run `jlpm install` in labextension")
    # jlpm and prettier start `node` by its name; jlpm lies beside this Python.
    path = os.pathsep.join([str(program.parent), str(Path(sys.executable).parent), os.environ["PATH"]])

    def run(tool: str, *words: str) -> tuple[int, str]:
        script = (SOURCES / "node_modules" / ".bin" / tool).resolve()
        done = subprocess.run(
            [str(program), str(script), *words],
            cwd=SOURCES,
            env={**os.environ, "PATH": path, "CI": "true"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.mark.slow
def test_models_and_components_do_what_their_tests_say(node):
    code, said = node("jest", "--ci")
    assert code == 0, said


@pytest.mark.slow
def test_types_fit(node):
    code, said = node("tsc", "--noEmit")
    assert code == 0, said


@pytest.mark.slow
def test_lint_is_clean(node):
    code, said = node("eslint", "src")
    assert code == 0, said


@pytest.mark.slow
def test_sources_are_formatted(node):
    code, said = node("prettier", "--check", "src", "style", "schema")
    assert code == 0, said


def test_the_committed_document_is_what_the_routes_say():
    assert json.loads((SOURCES / "openapi.json").read_text()) == document(), (
        "run `jlpm types` in labextension"
    )


@pytest.mark.slow
def test_the_types_of_the_panel_are_those_of_the_document(node, tmp_path):
    made = tmp_path / "schema.ts"
    code, said = node(
        "openapi-typescript",
        "openapi.json",
        "--output",
        str(made),
        "--alphabetize",
        "--empty-objects-unknown",
    )
    assert code == 0, said
    assert made.read_text() == (SOURCES / "src" / "api" / "schema.ts").read_text(), "run `jlpm types`"


def test_the_panel_and_the_package_have_one_version():
    import nbship

    assert json.loads((SOURCES / "package.json").read_text())["version"] == nbship.__version__


@pytest.mark.skipif(not BUILT.is_dir(), reason="the panel is not built here")
@pytest.mark.skipif(any(BUILT.rglob("*.map")), reason="a development build stands here")
def test_the_bundle_stays_small():
    """At most 300 kB as a browser loads it, compressed; what Lab shares already is not in it."""
    import gzip

    size = sum(len(gzip.compress(path.read_bytes())) for path in BUILT.rglob("*.js"))
    assert size < 300_000

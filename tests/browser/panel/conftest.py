"""A real JupyterLab, or Notebook 7, with nothing but the wheel of this checkout: what a user sees after pip install."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_servers import BUILT, Front, environment, free_port, install_wheel, start_front, stop_front
from panel import Panel
from shipped_runs import DOWNLOADS

PATIENCE_SECONDS = 60


@pytest.fixture(scope="session")
def installed(require, tmp_path_factory) -> Path:
    """Return a prefix into which the wheel was installed, and nothing else."""
    require("browser")
    if not BUILT.is_file():
        missing = pytest.fail if "browser" in os.environ.get("NBSHIP_REQUIRE", "") else pytest.skip
        missing("the panel is not built: run `jlpm build` in labextension, or install with pip")
    return install_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def start_server(installed, tmp_path_factory) -> Iterator[Callable[..., Front]]:
    """Return ``start_server(kind, *options, folder=None, port=None, **variables)``; what it starts ends with the tests."""
    started: list[Front] = []

    def start(
        kind: str, *options: str, folder: Path | None = None, port: int | None = None, **variables: str
    ) -> Front:
        place = tmp_path_factory.mktemp(kind)
        served = folder or place / "work"
        served.mkdir(exist_ok=True)
        whole = [f"--port={port or free_port()}", f"--ServerApp.root_dir={served}", *options]
        started.append(
            start_front(kind, whole, place / "server.log", environment(installed, place) | variables)
        )
        return started[-1]

    yield start
    for front in started:
        stop_front(front.process)


@pytest.fixture(scope="session")
def lab(start_server) -> Front:
    """Return a running JupyterLab without an engine for containers; each test works in a folder of its own."""
    return start_server("lab", DOCKER_HOST="tcp://127.0.0.1:1", PIP_CACHE_DIR=str(DOWNLOADS))


@pytest.fixture(scope="session")
def notebook7(start_server) -> Front:
    """Return a running Notebook 7."""
    pytest.importorskip("notebook")
    return start_server("notebook")


@pytest.fixture(scope="session")
def stop_server() -> Callable[[Front], None]:
    """Return the function that stops a server before the tests end."""
    return lambda front: stop_front(front.process)


@pytest.fixture(scope="session")
def jupyter_environment(installed, tmp_path_factory) -> dict[str, str]:
    """Return the variables by which Jupyter finds the wheel, and nothing of this machine's user."""
    return environment(installed, tmp_path_factory.mktemp("jupyter"))


@pytest.fixture(scope="session")
def store_template(tmp_path_factory) -> Path:
    """Return a store without runs; making one takes seconds, copying none."""
    from nbship.store.connection import connect

    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


@pytest.fixture
def new_project(store_template) -> Callable[..., Path]:
    """Return the function that makes a project in a running server: ``new_project(front, name)``."""

    def make(front: Front, name: str) -> Path:
        folder = front.folder / "".join(sign if sign.isalnum() else "-" for sign in name)
        if folder.exists():
            shutil.rmtree(folder)
        (folder / ".nbship").mkdir(parents=True)
        shutil.copy(store_template, folder / ".nbship" / "mlflow.db")
        return folder

    return make


@pytest.fixture
def project(lab: Front, new_project, request) -> Path:
    """Return a folder of the running Lab that is a project of its own."""
    return new_project(lab, request.node.name)


@pytest.fixture
def open_page(browser) -> Iterator[Callable[..., Any]]:
    """Return ``open_page(front, path="", reset=True, **context) -> page``; at the end no page may have had an error.

    What a test provokes, ``open_page.forgives`` says; see `failing_requests`.
    """
    pages, fronts, happened = [], [], []

    def open_(front: Front, path: str = "", *, reset: bool = True, **context: Any) -> Any:
        page = browser.new_page(viewport={"width": 1400, "height": 900}, **context)
        pages.append(page)
        fronts.append(front)
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.on("pageerror", lambda error: happened.append(_told(error)) if _counts(front, error) else None)
        page.on("dialog", lambda dialog: (happened.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda said: happened.append(said.text) if _is_ours(said) else None)
        page.goto(front.address(path, reset=reset))
        page.wait_for_selector(".jp-Notebook .jp-Cell" if path.endswith(".ipynb") else "#main")
        return page

    open_.happened, open_.pages, open_.forgives = happened, pages, lambda said: False
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    yield open_
    for page in pages:
        page.close()
    for front in fronts:
        front.end_kernels()
    assert [said for said in happened if not open_.forgives(said)] == []


@pytest.fixture
def open_panel(open_page) -> Callable[..., Panel]:
    """Return ``open_panel(front, path)``: a page of JupyterLab with the panel open, and a notebook if there is a path."""

    def open_(front: Front, path: str = "", **options: Any) -> Panel:
        panel = Panel(open_page(front, path, **options), front.kind == "lab").open()
        return panel.wait_for_kernel() if path else panel

    return open_


@pytest.fixture
def failing_requests(open_page) -> None:
    """Requests fail on purpose: Chromium writes each of them to the console, and JupyterLab does not catch all of its own."""
    open_page.forgives = _is_about_a_request


def _is_about_a_request(said: str) -> bool:
    return "Failed to load resource" in said or ("Failed to fetch" in said and "/nbship/" not in said)


def _counts(front: Front, error: Any) -> bool:
    """Whether an error is one of the panel's: Notebook 7 has some of its own, without any extension."""
    return front.kind == "lab" or "/nbship/" in (error.stack or "")


def _told(error: Any) -> str:
    return f"page error: {error.stack or error}"


def _is_ours(said: Any) -> bool:
    """Whether a console message is an error of ours: Lab itself says some things that nobody can help."""
    return said.type == "error" and ("nbship" in said.text or "nbship" in str(said.location.get("url", "")))

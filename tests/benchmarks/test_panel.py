"""What the panel costs and how soon it shows things, in a real JupyterLab on a store of 10,000 runs; beside it MLflow's own UI."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest

from chromium import launched
from jupyter_servers import BUILT, Front, environment, free_port, install_wheel, start_front, stop_front
from large_store import METRICS, make_large_store
from panel import RUN_ENDS, Panel, write_notebook

RUNS = 10_000
CELLS = 5
PATIENCE_SECONDS = 90
LOADS = 2

pytestmark = pytest.mark.slow

FIRST_SHOWN = """([event, text]) => {
  let begun = null;
  addEventListener(event, () => { begun ??= performance.now(); }, { capture: true, once: true });
  window.untilShown = new Promise(resolve => {
    const look = () => {
      const rows = document.querySelectorAll('[role=option], [role=row], [role=gridcell], td');
      if (begun !== null && [...rows].some(row => row.textContent.includes(text))) {
        resolve(performance.now() - begun);
      } else {
        requestAnimationFrame(look);
      }
    };
    look();
  });
}"""
"""Leaves in ``untilShown`` the milliseconds from the next event of a kind to a row with a text."""

SCROLL = """async rows => {
  const tasks = [];
  const observer = new PerformanceObserver(list => tasks.push(...list.getEntries()));
  observer.observe({ type: 'longtask' });
  const frames = [];
  const steps = 300;
  for (let step = 1; step <= steps; step++) {
    const before = performance.now();
    rows.scrollTop = (rows.scrollHeight - rows.clientHeight) * step / steps;
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - before);
  }
  await new Promise(resolve => setTimeout(resolve, 500));
  observer.disconnect();
  return { tasks: tasks.map(task => task.duration), frames };
}"""


@pytest.fixture(scope="module")
def browser(require) -> Iterator[Any]:
    program = require("browser")["chromium"]
    pytest.importorskip("playwright")
    if not BUILT.is_file():
        pytest.skip("the panel is not built")
    with launched(program) as started:
        yield started


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory) -> Iterator[Front]:
    """Return a JupyterLab whose folder is a project of 10,000 runs."""
    folder = tmp_path_factory.mktemp("lab")
    served = folder / "work"
    (served / ".nbship").mkdir(parents=True)
    make_large_store(served / ".nbship" / "mlflow.db", RUNS, _points, ("mlflow.source.name", "mlflow.user"))
    cells = [f"%%track new-{number}\nscore = {number}" for number in range(CELLS)]
    write_notebook(served / "work.ipynb", "%load_ext nbship", *cells)
    variables = environment(install_wheel(folder), folder)
    options = [f"--port={free_port()}", f"--ServerApp.root_dir={served}"]
    front = start_front("lab", options, folder / "server.log", variables)
    yield front
    front.end_kernels()
    stop_front(front.process)


def _points(ids):
    return [
        (f"m{k}", (n * 31 % 1000) / 1000 + k, one, 0) for n, one in enumerate(ids) for k in range(METRICS)
    ]


@pytest.fixture(scope="module")
def mlflow_ui(lab) -> Iterator[str]:
    """Return the address of MLflow's UI on the same store."""
    port = free_port()
    store = f"sqlite:///{lab.folder / '.nbship' / 'mlflow.db'}"
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", store, "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workers", "1"],
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},  # which would take the machine
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 2 * PATIENCE_SECONDS
    try:
        while not _answers(url):
            assert process.poll() is None
            assert time.monotonic() < deadline, "MLflow's UI does not start"
            time.sleep(0.2)
        yield url
    finally:
        stop_front(process)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2):
            return True
    except OSError:
        return False


def _open(browser, address: str, selector: str) -> Any:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    page.goto(address)
    page.wait_for_selector(selector)
    return page


def test_the_size_of_the_bundle():
    if not BUILT.is_file():
        pytest.skip("the panel is not built")
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in BUILT.parent.glob("static/*.js")}
    loaded = re.compile(r"^(remoteEntry|lib_index|style)")
    first = sum(size for name, size in sizes.items() if loaded.match(name))
    print(
        f"\nbundle: {sum(sizes.values()) / 1000:.0f} kB gzipped, of which {first / 1000:.0f} kB with the page"
    )


def test_what_the_panel_adds_to_the_start_of_jupyterlab(browser, lab):
    with_panel, without = [], []
    ours = []
    for _ in range(LOADS):
        seconds, profile = _start_cost(browser, lab, panel=True)
        with_panel.append(seconds)
        ours.append(_own_milliseconds(profile))
        without.append(_start_cost(browser, lab, panel=False)[0])
    print(
        f"\nstart: {min(ours):.0f} ms of the main thread in nbship's code (profiled);"
        f" all scripts {min(with_panel):.2f} s with the panel, {min(without):.2f} s without"
    )


def _start_cost(browser, lab: Front, *, panel: bool) -> tuple[float, Any]:
    """Return the seconds that scripts took until JupyterLab stood, and the profile of them."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    # JupyterLab reads this with every page.
    switch = lab.folder.parent / "config" / "labconfig" / "page_config.json"
    switch.parent.mkdir(parents=True, exist_ok=True)
    switch.write_text(json.dumps({"disabledExtensions": {"nbship": not panel}}))
    tools = context.new_cdp_session(page)
    for method in ("Performance.enable", "Profiler.enable"):
        tools.send(method)
    tools.send("Profiler.setSamplingInterval", {"interval": 500})
    tools.send("Profiler.start")
    page.goto(lab.address())
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.get_by_role("tab", name=re.compile("^File Browser")).wait_for()
    page.evaluate("() => new Promise(resolve => requestIdleCallback(resolve, { timeout: 5000 }))")
    profile = tools.send("Profiler.stop")["profile"]
    metrics = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
    context.close()
    switch.unlink()
    return metrics["ScriptDuration"], profile


def _own_milliseconds(profile: Any) -> float:
    """Return how long the main thread was in a function of the bundle, or in one that such a function called.

    The bundle's loader is the first to ask for some of JupyterLab's own modules; these would be loaded without it too.
    """
    urls = {node["id"]: node["callFrame"]["url"] for node in profile["nodes"]}
    below = {node["id"]: node.get("children", []) for node in profile["nodes"]}
    children = {child for found in below.values() for child in found}
    waiting = [(node, False) for node in urls if node not in children]
    own = set()
    while waiting:
        node, is_called = waiting.pop()
        is_own = is_called or "/extensions/nbship/" in urls[node]
        own |= {node} if is_own else set()
        waiting += [(child, is_own and "/remoteEntry" not in urls[node]) for child in below[node]]
    taken = zip(profile["samples"], profile["timeDeltas"], strict=True)
    return sum(delta for node, delta in taken if node in own) / 1000


def test_the_first_page_of_ten_thousand_runs_beside_mlflow(browser, lab, mlflow_ui):
    page = _open(browser, lab.address(), "#main")
    tab = page.get_by_role("tab", name=re.compile("^nbship"))
    tab.wait_for()
    page.evaluate(FIRST_SHOWN, ["pointerdown", f"run {RUNS - 1}"])
    tab.click()
    ours = page.evaluate("() => window.untilShown")
    page.close()

    page = _open(browser, f"{mlflow_ui}/#/experiments", "text=large")
    page.evaluate(FIRST_SHOWN, ["hashchange", f"run {RUNS - 1}"])
    page.evaluate("() => { location.hash = '#/experiments/1/runs'; }")
    theirs = page.evaluate("() => window.untilShown")
    page.close()
    print(
        f"\nfirst page of {RUNS} runs: panel {ours:.0f} ms, MLflow's UI {theirs:.0f} ms ({theirs / ours:.1f}x)"
    )


def test_scrolling_ten_thousand_runs_and_a_tracked_cell_among_them(browser, lab):
    panel = Panel(_open(browser, lab.address("work.ipynb"), ".jp-Notebook .jp-Cell")).open()
    panel.section("Runs")
    panel.runs.first.wait_for()
    panel.run(1, 1)
    delays = []
    for number in range(CELLS):
        panel.evaluate(RUN_ENDS, [f"[{number + 2}]:", f"new-{number}"])
        panel.run(number + 2, number + 2)
        delays.append(panel.evaluate("() => window.untilShown"))
    found = panel.page.get_by_role("listbox", name="Runs").evaluate(SCROLL)
    panel.runs.filter(has_text=re.compile("run 0")).first.wait_for()
    panel.page.close()
    longest = max(found["tasks"], default=0)
    print(
        f"\nfrom the end of a tracked cell to the panel: median {median(delays):.0f} ms, longest {max(delays):.0f} ms"
        f"\nscrolling {RUNS} runs: longest task {f'{longest:.0f} ms' if longest else 'below 50 ms'},"
        f" median frame {median(found['frames']):.0f} ms"
    )

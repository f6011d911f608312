"""What the panel asks of a kernel: silently, and answered as JSON."""

from __future__ import annotations

from typing import Any

import pytest

from kernels import TIMEOUT_SECONDS


@pytest.fixture
def kernel(shared_project):
    kernel = shared_project.kernel(load=False)
    yield kernel
    kernel.close()


def ask(kernel, call: str) -> dict[str, Any]:
    """Evaluate a call as the panel does; the answer as JSON."""
    content = {
        "code": "",
        "silent": True,
        "store_history": False,
        "user_expressions": {"nbship": f'__import__("nbship.magics.panel", fromlist=["panel"]).{call}'},
        "allow_stdin": False,
        "stop_on_error": False,
    }
    message = kernel.client.session.msg("execute_request", content)
    kernel.client.shell_channel.send(message)
    while True:
        reply = kernel.client.get_shell_msg(timeout=TIMEOUT_SECONDS)
        if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
            found = reply["content"]["user_expressions"]["nbship"]
            assert found["status"] == "ok", found
            return found["data"]["application/json"]


def test_asking_changes_nothing(kernel):
    assert ask(kernel, "status()")["state"] == "not_loaded"
    reply = kernel.run(
        "import sys\nprint('nbship.magics.extension' in sys.modules, 'nbship' in dir(), len(In))"
    )
    assert reply.text == "False False 2\n"


def test_the_session_is_tracked_and_ends_as_a_run(kernel, shared_project):
    kernel.run("before = 1")
    on = ask(kernel, "turn_on('from-the-panel')")
    assert (on["state"], on["name"], on["pid"], on["message"]) == ("on", "from-the-panel", kernel.pid, "")
    assert on["spool"] == str(shared_project.spool)
    assert ask(kernel, "turn_on()")["run"] == on["run"]
    kernel.run("score = before + 0.5")
    assert ask(kernel, "status()")["state"] == "on"
    off = ask(kernel, "turn_off()")
    assert (off["state"], off["ended"]["run"], off["ended"]["status"]) == ("off", on["run"], "FINISHED")
    assert off["ended"]["cells"] == 1
    assert ask(kernel, "turn_off()")["ended"] is None
    assert shared_project.run("from-the-panel").metrics == {"score": 1.5}


def test_what_the_user_switches_is_what_is_told(kernel):
    kernel.run("%load_ext nbship\n%track on by-hand")
    assert ask(kernel, "status()")["name"] == "by-hand"
    kernel.run("%track off")
    assert ask(kernel, "status()")["state"] == "off"


def test_a_cell_can_be_tracked_after_loading(kernel):
    assert ask(kernel, "load()")["state"] == "off"
    assert kernel.run("%%track loaded-by-the-panel\nx = 1").status == "ok"


def test_what_cannot_be_is_said_and_nothing_is_raised(kernel, monkeypatch):
    kernel.run("import os\nos.environ['NBSHIP_PROFILES'] = 'perhaps'")
    answer = ask(kernel, "turn_on()")
    assert (answer["state"], "profiles" in answer["message"]) == ("off", True)

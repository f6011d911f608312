from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nbship.errors import UsageError
from nbship.pipeline.kernels.home import ABOUT, REFUSED
from nbship.pipeline.kernels.managers import create_manager, prepare, servers, stop_servers
from warm_kernels import StepKernel, eventually, private_servers, step_kernel

linux = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux")

STANDARD = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


@pytest.fixture(scope="module", autouse=True)
def _servers():
    with private_servers():
        yield


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs a kernelspec."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))

    def put(name: str, **spec) -> None:
        folder = tmp_path / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": ["python", *STANDARD], "display_name": name, "language": "python"} | spec
        (folder / "kernel.json").write_text(json.dumps(spec))

    return put


def test_an_unknown_kernel_is_refused_with_those_there_are(install):
    install("pyspark-cluster")
    with pytest.raises(UsageError, match=r"no kernel named 'pyton3' is installed; there is python3, "):
        create_manager("pyton3")


@linux
@pytest.mark.parametrize(
    "argv",
    [
        ["python", *STANDARD],
        [f"python{sys.version_info[0]}.{sys.version_info[1]}", *STANDARD],
        [sys.executable, *STANDARD],
        [sys.executable, "-Xfrozen_modules=off", *STANDARD],
    ],
)
def test_a_kernel_of_this_python_is_warm(install, argv):
    install("own", argv=argv)
    assert create_manager("own")[1]


@pytest.mark.parametrize(
    "spec",
    [
        {"argv": ["/usr/bin/other-python", *STANDARD]},
        {"argv": [os.path.realpath(sys.executable), *STANDARD]},
        {"argv": [sys.executable, "-I", *STANDARD]},
        {"argv": [sys.executable, "-m", "my_kernel", "-f", "{connection_file}"]},
        {"argv": [sys.executable, *STANDARD, "--more"]},
        {"argv": ["R", "--args", "{connection_file}"], "language": "R"},
        {"metadata": {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}},
    ],
)
def test_any_other_kernel_is_plain(install, spec):
    if spec.get("argv", [None])[0] == sys.executable == os.path.realpath(sys.executable):
        pytest.skip("this Python is no virtual environment")
    install("other", **spec)
    assert not create_manager("other")[1]


@linux
def test_variables_of_the_kernelspec_reach_a_warm_kernel(install, tmp_path):
    install("own", env={"FROM_SPEC": "${HOME}/x"})
    kernel = _launch("own", tmp_path)
    assert kernel.provisioner.warm
    assert kernel.run("import os; print(os.environ['FROM_SPEC'])").text.strip() == os.environ["HOME"] + "/x"
    kernel.close()


def _launch(name: str, cwd: Path) -> StepKernel:
    return StepKernel(cwd, kernel_name=name)


def test_a_plain_kernel_is_a_new_interpreter(tmp_path):
    with step_kernel(tmp_path, warm=False) as kernel:
        assert not kernel.promised
        assert kernel.provisioner.reason == "a fresh interpreter was asked for"
        assert kernel.run("import os; print(os.getcwd())").text.strip() == str(tmp_path)
        kernel.begin("import os; os._exit(5)")
        assert kernel.wait() == 5


@linux
def test_plain_kernels_talk_over_sockets_and_leave_none(tmp_path):
    with private_servers() as folder:
        with step_kernel(tmp_path, warm=False) as kernel:
            assert kernel.manager.transport == "ipc"
            assert list(folder.glob("plain-*"))
        assert list(folder.glob("plain-*")) == []


@linux
def test_a_restarted_kernel_is_a_new_one(tmp_path):
    with step_kernel(tmp_path) as kernel:
        kernel.run("left = 1")
        kernel.restart()
        assert kernel.provisioner.warm
        assert kernel.run("print('left' in globals())").text == "False\n"


@linux
def test_a_folder_that_others_may_enter_means_a_plain_kernel(tmp_path):
    with private_servers() as folder:
        folder.chmod(0o755)
        with step_kernel(tmp_path) as kernel:
            assert kernel.promised
            assert kernel.provisioner.warm is False
            assert "not a private folder" in kernel.provisioner.reason
            assert kernel.manager.transport == "tcp"
            assert kernel.run("print(1)").text == "1\n"
        folder.chmod(0o700)


@linux
def test_a_server_that_cannot_start_means_a_plain_kernel(tmp_path, monkeypatch):
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import sys, os\nif any('nbship.kernel' in a for a in sys.orig_argv): os._exit(1)"
    )
    monkeypatch.setenv("PYTHONPATH", str(site))
    with step_kernel(tmp_path) as kernel:
        assert not kernel.provisioner.warm
        assert kernel.provisioner.reason
        assert kernel.run("print(1)").text == "1\n"


@linux
def test_a_server_that_has_refused_is_not_started_again(tmp_path, monkeypatch):
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import sys, threading, time\nif any('nbship.kernel' in a for a in sys.orig_argv):\n"
        "    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()"
    )
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # else the folder changes, and with it the key
    with private_servers() as folder:
        for _ in range(2):
            with step_kernel(tmp_path) as kernel:
                assert "threads" in kernel.provisioner.reason
        (refusal,) = folder.glob(f"*/{REFUSED}")
        assert "threads" in refusal.read_text()
        assert servers() == []
        shutil.rmtree(refusal.parent)


@linux
def test_clients_that_come_together_start_one_server(tmp_path):
    client = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from warm_kernels import step_kernel\n"
        "with step_kernel(Path('.')) as kernel: print(kernel.run('import os; print(os.getppid())').text.strip())"
    )
    tests = str(Path(__file__).parents[3])
    with private_servers():
        command = [sys.executable, "-c", client, tests]
        clients = [
            subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) for _ in range(3)
        ]
        answers = {process.communicate()[0].strip() for process in clients}
        assert answers == {str(server.pid) for server in servers()}
        assert len(answers) == 1


@linux
def test_what_a_killed_server_left_is_cleared_away(tmp_path):
    with private_servers() as folder:
        prepare(())
        assert eventually(lambda: any(server.spares for server in servers()))
        (server,) = servers()
        os.kill(server.pid, 9)
        assert eventually(lambda: not servers())
        assert list(folder.glob(f"*/{ABOUT}"))
        prepare((), environment={**os.environ, "OTHER": "1"})
        assert len(list(folder.glob(f"*/{ABOUT}"))) == 1


@linux
def test_servers_tell_what_they_do(tmp_path):
    with private_servers():
        assert servers() == []
        with step_kernel(tmp_path, preload=("json",)) as kernel:
            (server,) = servers()
            assert server.kernels == (kernel.pid,)
            assert (server.preload, server.executable, server.answers) == (("json",), sys.executable, True)
        assert stop_servers() == 1
        assert stop_servers() == 0
